#include "scenarios/launch/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/wire/own_rows.hpp"
#include "scenarios/data/small_csv.hpp"
#include "scenarios/data/text.hpp"
#include "scenarios/settings/nearest.hpp"
#include "server/item_step.hpp"
#include "server/publisher.hpp"

namespace fedhash::scenarios {
namespace {

std::vector<LinkRow> read_links(const std::string& file) {
    SmallCsv csv(file, {"down_kbps", "up_kbps", "latency_ms"},
                 std::vector<std::string>{"jitter_ms", "loss_percent", "share"});
    std::vector<LinkRow> rows;
    while (csv.next()) {
        const auto whole = [&](const char* column, double low, double high, double otherwise,
                               double unit) {
            return std::llround(csv.number(column, low, high, otherwise) * unit);
        };
        LinkRow row;
        row.down_bps = whole("down_kbps", 1, 1e8, 0, 1000);
        row.up_bps = whole("up_kbps", 1, 1e8, 0, 1000);
        row.latency_us = whole("latency_ms", 0, 60'000, 0, 1000);
        row.jitter_us = whole("jitter_ms", 0, 60'000, 0, 1000);
        row.loss_ppm = static_cast<std::uint32_t>(whole("loss_percent", 0, 90, 0, 10'000));
        row.share = static_cast<std::uint32_t>(whole("share", 1, 1e6, 1, 1));
        rows.push_back(row);
    }
    if (rows.empty()) throw DataError(file + ": no row of links under its column names");
    return rows;
}

std::vector<LinkRow> rows_of(const std::string& links) {
    if (links == "none") return {};
    std::vector<std::string> names{"none"};
    for (const NamedLinks& named : named_links()) {
        if (named.name == links) return named.rows;
        names.emplace_back(named.name);
    }
    if (links.find_first_of("./") == std::string::npos)
        throw UsageError(fmt::format(
            "network.links: no links '{}'{}; there is {}, or the path of a CSV file with "
            "down_kbps,up_kbps,latency_ms",
            links, settings::did_you_mean(links, names), fmt::join(names, ", ")));
    try {
        return read_links(links);
    } catch (const DataError& error) {
        throw DataError(std::string("network.links: ") + error.what());
    }
}

/// "1:3, 4:1": three devices of slowness 1 for one of slowness 4.
std::vector<DeviceClass> parse_devices(const std::string& text) {
    std::vector<DeviceClass> classes;
    if (trimmed(text).empty()) return classes;
    for (const std::string& part : cells_of(text, ',')) {
        const auto numbers = cells_of(part, ':');
        const auto slowness = parse_number(numbers[0]);
        const auto share = numbers.size() == 2 ? parse_number(numbers[1]) : std::nullopt;
        if (!slowness || !share || *slowness <= 0 || *slowness > 1000 || *share < 1 ||
            *share > 1e6 || *share != std::floor(*share))
            throw UsageError(
                "network.devices: expected SLOWNESS:SHARE, ... such as \"1:3, 4:1\", "
                "found '" +
                part + "'");
        classes.push_back({static_cast<std::uint32_t>(std::lround(*slowness * 256)),
                           static_cast<std::uint32_t>(*share)});
    }
    return classes;
}

std::vector<server::Presence> read_trace(const std::string& file, const Prepared& data) {
    std::unordered_map<std::string_view, std::uint32_t> users;
    for (std::uint32_t u = 0; u < data.user_names.size(); ++u) users[data.user_names[u]] = u;
    SmallCsv csv(file, {"user", "from_s", "to_s"}, std::vector<std::string>{});
    std::vector<server::Presence> trace;
    while (csv.next()) {
        const auto user = users.find(csv.text("user"));
        if (user == users.end())
            throw csv.fault(
                fmt::format("no user {} in {}", in_quotes(csv.text("user")), data.label), "user");
        const double from = csv.number("from_s", 0, 1e9, 0), to = csv.number("to_s", 0, 1e9, 0);
        if (to <= from) throw csv.fault("to_s is not after from_s", "to_s");
        trace.push_back({user->second, std::llround(from * 1e9), std::llround(to * 1e9)});
    }
    if (trace.empty()) throw DataError(file + ": nobody in the trace");
    return trace;
}

[[noreturn]] void refuse(const std::string& what) { throw UsageError(what); }

void check_asynchrony(const server::Options& options) {
    const server::AsynchronyModel& model = options.asynchrony;
    const Variant& variant = options.variant;
    if (model.concurrency == 0) return;
    if (model.concurrency > options.users)
        refuse(fmt::format("asynchrony.concurrency: {} users at a time, and there are {}",
                           model.concurrency, options.users));
    if (model.buffer > model.concurrency)
        refuse(
            fmt::format("asynchrony.buffer: a round of {} arrivals never fills when {} users "
                        "work at a time (asynchrony.concurrency)",
                        model.buffer, model.concurrency));
    if (find_exchange(variant.exchange).by_bit || variant.teacher.rounds > 0)
        refuse(
            "asynchrony: only for methods of one question a round and without a teacher; set "
            "asynchrony.concurrency=0 or choose another method");
    if (!server::find_item_rule(variant.item_rule).carries)
        refuse("asynchrony: method.item_rule = \"" + variant.item_rule +
               "\" cannot use what was said on earlier tables");
    const server::AttendanceModel& attendance = options.attendance;
    if (attendance.over_selection > 1 || attendance.deadline_ns > 0 || attendance.quorum > 0)
        refuse(
            "asynchrony: has no rounds to be late for; without network.deadline_ms, "
            "availability.over_selection and availability.quorum");
    if (options.participation < 1)
        refuse(
            "asynchrony: asynchrony.concurrency says how many users take part; "
            "run.participation must be 1");
}

// Whoever is sent some rows alone must not need the others.
void check_rows(const Variant& variant) {
    if (!wire::sends_own_rows(variant)) return;
    const auto needs_all = [&](bool needs, const std::string& setting, const char* why) {
        if (needs)
            refuse(
                fmt::format("coding.rows = \"own\": {} {}; set coding.rows=all or learn from "
                            "observed items alone (dcf, lightfr-paper)",
                            setting, why));
    };
    needs_all(variant.learner != "code" || variant.teacher.rounds > 0 || variant.bias_bits > 0,
              fmt::format("method.learner = \"{}\"", variant.learner),
              "learns from tables of all items");
    needs_all(variant.interaction > 0, fmt::format("method.interaction = {}", variant.interaction),
              "weighs all items in every user's code");
    needs_all(variant.feedback == "sampled", "method.feedback = \"sampled\"",
              "draws items that the user does not have");
    needs_all(find_exchange(variant.exchange).by_bit,
              fmt::format("method.exchange = \"{}\"", variant.exchange),
              "names the items whose bits flip");
}

}  // namespace

LinkModel link_model(const NetworkSettings& network) {
    LinkModel model;
    model.rows = rows_of(network.links);
    model.spread_q8 = static_cast<std::uint32_t>(std::lround(network.spread * 256));
    model.compute_us = std::llround(network.compute_ms * 1000);
    model.devices = parse_devices(network.devices);
    model.real_time = network.real_time;
    return model;
}

server::AttendanceModel attendance_model(const Scenario& scenario, const Prepared& data) {
    const AvailabilitySettings& settings = scenario.availability;
    server::AttendanceModel model;
    model.available = settings.share;
    try {
        if (!settings.trace.empty()) model.trace = read_trace(settings.trace, data);
    } catch (const DataError& error) {
        throw DataError(std::string("availability.trace: ") + error.what());
    }
    model.period_ns = std::llround(settings.period_s * 1e9);
    model.dropout = settings.dropout;
    model.over_selection = settings.over_selection;
    model.quorum = settings.quorum;
    model.deadline_ns = std::llround(scenario.network.deadline_ms * 1e6);
    return model;
}

server::AsynchronyModel asynchrony_model(const AsynchronySettings& settings) {
    return {settings.concurrency, settings.buffer == 0 ? settings.concurrency : settings.buffer,
            static_cast<std::uint32_t>(std::lround(settings.exponent * 65536)),
            settings.max_staleness};
}

std::vector<std::string> idle_model_notices(const Scenario& scenario) {
    std::vector<std::string> notices;
    const auto idle = [&](bool set, bool used, const char* key, const char* without) {
        if (set && !used)
            notices.push_back(fmt::format("{} changes nothing without {}", key, without));
    };
    const NetworkSettings& network = scenario.network;
    const bool linked = network.links != "none";
    idle(network.spread > 0, linked, "network.spread", "network.links");
    idle(network.compute_ms > 0, linked, "network.compute_ms", "network.links");
    idle(!network.devices.empty(), linked && network.compute_ms > 0, "network.devices",
         "network.links and network.compute_ms");
    idle(network.real_time, linked, "network.real_time", "network.links");
    idle(scenario.availability.period_s > 0, !scenario.availability.trace.empty(),
         "availability.period_s", "availability.trace");
    idle(scenario.asynchrony.buffer > 0, scenario.asynchrony.concurrency > 0, "asynchrony.buffer",
         "asynchrony.concurrency");
    const AsynchronySettings& asynchrony = scenario.asynchrony;
    idle(asynchrony.exponent != AsynchronySettings{}.exponent, asynchrony.concurrency > 0,
         "asynchrony.exponent", "asynchrony.concurrency");
    idle(asynchrony.max_staleness != AsynchronySettings{}.max_staleness, asynchrony.concurrency > 0,
         "asynchrony.max_staleness", "asynchrony.concurrency");
    idle(scenario.secure.degree != SecureSettings{}.degree,
         find_exchange(scenario.method.exchange).masked, "secure.degree", "method.exchange=secure");
    idle(scenario.privacy.denoise_users != PrivacySettings{}.denoise_users,
         find_exchange(scenario.method.exchange).denoised, "privacy.denoise_users",
         "method.exchange=denoised");
    idle(scenario.privacy.pieces != PrivacySettings{}.pieces,
         find_exchange(scenario.method.exchange).shuffled, "privacy.pieces",
         "method.exchange=shuffled");
    idle(scenario.coding.padding_bytes != CodingSettings{}.padding_bytes,
         scenario.coding.padding == "bucket", "coding.padding_bytes", "coding.padding=bucket");
    return notices;
}

void check_models(const server::Options& options) {
    const server::AttendanceModel& attendance = options.attendance;
    const bool linked = !options.links.rows.empty();
    const auto needs_links = [&](bool used, const char* what) {
        if (used && !linked)
            refuse(std::string(what) +
                   " goes by modelled time, and there is none without links; set network.links");
    };
    needs_links(attendance.deadline_ns > 0, "network.deadline_ms");
    needs_links(attendance.over_selection > 1, "availability.over_selection");
    needs_links(!attendance.trace.empty(), "availability.trace");
    needs_links(options.asynchrony.concurrency > 0, "asynchrony.concurrency");
    if (find_exchange(options.variant.exchange).by_bit &&
        (attendance.deadline_ns > 0 || attendance.over_selection > 1))
        refuse(
            "network.deadline_ms and availability.over_selection are for one question a round; "
            "method.exchange = \"" +
            options.variant.exchange + "\" asks many");
    check_asynchrony(options);
    check_rows(options.variant);
}

}  // namespace fedhash::scenarios
