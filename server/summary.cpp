// The coordinator's part of summary.json.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"
#include "server/coordinator.hpp"

namespace fedhash::server {

namespace {

std::size_t masked_upload_bytes(const Options& options, std::uint64_t sampled,
                                std::uint32_t rounds) {
    const Variant& variant = options.variant;
    const std::uint64_t cohort = sampled / rounds;
    return secure::expected_upload_bytes(
        secure::statement_cells(variant, options.items),
        secure::ring_for(options.users, secure::clip_of(variant)),
        std::min<std::uint64_t>(options.secure_degree, cohort > 0 ? cohort - 1 : 0));
}

}  // namespace

nlohmann::json Coordinator::summary() const {
    const RoundBytes& bytes = ledger_.all();
    const auto mean = [](double sum, std::uint64_t count) {
        return count == 0 ? 0.0 : sum / static_cast<double>(count);
    };
    double user_up = 0, user_down = 0;
    std::map<std::uint32_t, std::uint32_t> uploads;  // how many users were heard so often
    for (const UserTotals& user : ledger_.users()) {
        ++uploads[user.accepted];
        user_up += static_cast<double>(user.up);
        user_down += static_cast<double>(user.down);
    }
    // One line a client: what happened first, and how many rounds it missed.
    std::uint64_t uploads_lost = 0;  // a user that is lost for three rounds counts three times
    std::vector<bool> lost_users(options_.users);
    std::map<std::uint32_t, nlohmann::json> by_client;
    for (const Loss& loss : losses_) {
        const std::uint32_t hosted = users_of(loss.client, options_.clients, options_.users);
        for (UserId user : loss.users) lost_users[index(user)] = true;
        for (std::uint32_t j = 0; loss.users.empty() && j < hosted; ++j)
            lost_users[index(hosted_user(loss.client, options_.clients, j))] = true;
        if (loss.round > 0) uploads_lost += loss.users.size();
        nlohmann::json& entry = by_client[loss.client];
        if (entry.is_null())
            entry = {{"client", loss.client},
                     {"round", loss.round},
                     {"rounds", 0},
                     {"users", loss.users.empty() ? hosted : loss.users.size()},
                     {"reason", loss.reason}};
        if (loss.round > 0 && !loss.users.empty()) entry["rounds"] = entry["rounds"].get<int>() + 1;
    }
    nlohmann::json losses = nlohmann::json::array();
    for (const auto& [client, entry] : by_client) losses.push_back(entry);

    nlohmann::json result;
    result["outcome"] = interrupted_       ? "interrupted"
                        : !losses_.empty() ? "complete-with-losses"
                        : stopped_early_   ? "stopped-early"
                                           : "complete";
    result["bits"] = options_.variant.bits;
    result["users"] = options_.users;
    result["items"] = options_.items;
    result["clients"] = options_.clients;
    result["rounds"] = rounds_done_;
    result["rounds_planned"] = options_.rounds;
    result["clients_lost"] = by_client.size();
    result["users_lost"] = std::count(lost_users.begin(), lost_users.end(), true);
    result["uploads_lost"] = uploads_lost;
    result["losses"] = losses;
    for (const auto& [count, users] : uploads)
        result["uploads_of_users"].push_back({{"uploads", count}, {"users", users}});
    result["fewest_accepted"] = fewest_accepted_;
    result["rejected"] = roster_.rejected();
    result["seed"] = options_.seed;
    result["participation"] = options_.participation;
    for (Scoring scoring : scorings(options_.variant, options_.asymmetric))
        result["scorings"].push_back(name(scoring));
    for (const MetricSpec& spec : metric_specs(options_.cutoffs))
        result["metric_names"].push_back(name(spec));
    if (!valid_.sums.empty()) result["validation"] = to_json(valid_, options_);
    if (tested_) {
        const auto measured = std::find_if(test_.sums.begin(), test_.sums.end(),
                                           [](const MetricSums& sums) { return sums.users > 0; });
        const MetricSums& first = measured == test_.sums.end() ? test_.sums.front() : *measured;
        result["users_measured"] = first.users;
        result["metrics"] = to_json(test_, options_);
        result["deciles"] = deciles_to_json(first, options_.cutoffs);
    }

    const Float32Bytes floats =
        float32_bytes(options_.variant.bits, options_.items, sampled_users_, rows_heard_);
    const std::uint64_t up = bytes.total(Direction::up).bytes(),
                        down = bytes.total(Direction::down).bytes();
    nlohmann::json& cost = result["bytes"];
    cost["up_per_user_round"] = mean(user_up, sampled_users_);
    cost["down_per_user_round"] = mean(user_down, sampled_users_);
    cost["up_per_user"] = mean(user_up, options_.users);
    cost["down_per_user"] = mean(user_down, options_.users);
    const DeviceTraffic& devices = ledger_.devices();
    cost["up_median"] = devices.up.quantile(0.5);
    cost["down_median"] = devices.down.quantile(0.5);
    cost["model_down_per_user"] = final_delivery_bytes_;
    cost["upload_length_entropy_bits"] = devices.upload.entropy_bits();
    cost["up"] = up;
    cost["down"] = down;
    cost["evaluation"] = bytes.evaluation_up.bytes() + bytes.evaluation_down.bytes();
    cost["control"] = bytes.control_up.bytes() + bytes.control_down.bytes();
    if (find_exchange(options_.variant.exchange).masked &&
        options_.variant.privacy.contributors <= 1 && options_.variant.coding.padding == "none" &&
        options_.variant.privacy.blocks == 0 && rounds_done_ > 0)
        cost["masked_up_by_formula"] = masked_upload_bytes(options_, sampled_users_, rounds_done_);
    if (tested_ && test_.clear_uploads > 0)
        cost["clear_up_by_devices"] =
            static_cast<double>(test_.clear_bytes) / static_cast<double>(test_.clear_uploads);
    cost["float32_up_per_user_round"] = mean(floats.up, accepted_users_);
    cost["float32_down_per_user_round"] = mean(floats.down, sampled_users_);
    // Of the whole run: as many tables as really crossed, once a process.
    const auto& types = bytes.training[static_cast<std::size_t>(Direction::down)];
    const std::uint64_t tables = types[static_cast<std::size_t>(wire::Type::publish)].frames +
                                 types[static_cast<std::size_t>(wire::Type::rows)].frames;
    cost["float32_total"] =
        floats.up + float32_bytes(options_.variant.bits, options_.items, tables, 0).down;
    cost["count_difference"] = exchange_.count_difference();
    cost["counts_compared"] = exchange_.counts_compared();
    const bool kernel = exchange_.kernel_counted() && exchange_.counts_compared() > 0;
    cost["kernel_difference"] =
        kernel ? nlohmann::json(exchange_.count_difference()) : nlohmann::json(nullptr);
    const AttendanceModel& attendance = options_.attendance;
    const bool modelled = exchange_.clock().runs() || attendance.available < 1 ||
                          !attendance.trace.empty() || attendance.dropout > 0 ||
                          options_.asynchrony.concurrency > 0;
    if (rounds_done_ > 0 && rounds_abandoned_ == rounds_done_)
        result["notices"].push_back("no round counted: the codes are those that it began with");
    if (refusals_ > 0) {
        result["refusals"] = refusals_;
        result["notices"].push_back(
            "users refused " + std::to_string(refusals_) +
            " times to go on with a round: somebody does not do as secure aggregation says; their "
            "reasons are in the clients' notes (logs/clients.log)");
    }
    if (options_.lie != "none")
        result["lies"] = {{"kind", options_.lie},
                          {"rounds", lies().rounds},
                          {"noticed", lies().noticed},
                          {"tried", lies().tried},
                          {"opened", lies().opened}};
    if (modelled)
        result["modelled"] = {{"seconds", 1e-9 * static_cast<double>(modelled_.end_ns)},
                              {"users_sampled", modelled_.sampled},
                              {"users_accepted", modelled_.accepted},
                              {"users_dropped", modelled_.dropped},
                              {"users_late", modelled_.late},
                              {"users_surplus", modelled_.surplus},
                              {"users_too_stale", modelled_.too_stale},
                              {"rounds_abandoned", rounds_abandoned_}};
    result["seconds"] = {{"start", start_seconds_},
                         {"rounds", round_seconds_},
                         {"evaluation", evaluation_seconds_},
                         {"total", total_seconds_}};
    result["rounds_per_second"] = round_seconds_ > 0 ? rounds_done_ / round_seconds_ : 0.0;
    return result;
}

}  // namespace fedhash::server
