#include "scenarios/launch/adversary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "server/adversary.hpp"

namespace fedhash::scenarios {

namespace {

std::uint32_t liars_of(double share, std::size_t users) {
    return static_cast<std::uint32_t>(std::llround(share * static_cast<double>(users)));
}

}  // namespace

AdversaryVariant adversary_variant(const AdversarySettings& settings, const Prepared& data) {
    AdversaryVariant adversary;
    adversary.clients = settings.clients;
    if (settings.clients == "none") return adversary;
    adversary.users = liars_of(settings.share, data.users.size());
    std::vector<std::uint32_t> items(data.item_counts.size());
    std::iota(items.begin(), items.end(), 0u);
    std::ranges::stable_sort(items, {}, [&](std::uint32_t i) { return data.item_counts[i]; });
    const auto place =
        static_cast<std::size_t>(settings.target_percent / 100 * static_cast<double>(items.size()));
    if (!items.empty()) adversary.target = items[std::min(place, items.size() - 1)];
    return adversary;
}

namespace {

void check_lie(const server::Options& options) {
    const server::ServerLie& lie = server::find_server_lie(options.lie);
    if (options.lie == "none") return;
    const Variant& v = options.variant;
    const std::string opening = "adversary.server = \"" + options.lie + "\" ";
    if (options.clients < 2)
        throw UsageError(opening +
                         "lies to the users of the first client process, and there is one; set "
                         "run.clients=10");
    if (lie.about_masks && !find_exchange(v.exchange).masked)
        throw UsageError(opening +
                         "changes the questions of secure aggregation; set method.exchange=secure");
    if (find_exchange(v.exchange).by_bit)
        throw UsageError(opening + "is about uploads that are said at once; method.exchange = \"" +
                         v.exchange + "\" asks for one bit at a time");
    if (lie.tables != nullptr &&
        (v.learner != "code" || v.user_bits > 1 || v.teacher.rounds > 0 || options.rounds < 2))
        throw UsageError(opening +
                         "makes item codes up, from round 2 on: set method.learner=code, no "
                         "teacher, and run.rounds=2 or more");
}

void check_liars(const Variant& v) {
    if (v.adversary.clients == "none") return;
    constexpr std::array uplinks{"residual", "votes", "gradients"};
    const std::string opening = "adversary.clients = \"" + v.adversary.clients + "\" forges ";
    if (v.learner != "code" || v.user_bits > 1 || v.teacher.rounds > 0 ||
        std::ranges::find(uplinks, v.uplink) == uplinks.end())
        throw UsageError(opening +
                         "what is said with a code of one bit an entry: method.learner=code, "
                         "method.uplink=residual, votes or gradients, and no teacher");
    if (find_exchange(v.exchange).by_bit)
        throw UsageError(opening + "uploads that are said at once; method.exchange = \"" +
                         v.exchange + "\" asks for one bit at a time");
    if (v.privacy.items == "unary")
        throw UsageError(opening + "exact item sets; set privacy.items=exact");
}

}  // namespace

void check_adversaries(const server::Options& options) {
    check_lie(options);
    check_liars(options.variant);
}

nlohmann::json adversary_json(const AdversarySettings& settings, const Variant& variant,
                              const Prepared& data) {
    nlohmann::json json{{"server", settings.server}};
    const AdversaryVariant& adversary = variant.adversary;
    if (adversary.clients == "none") return json;
    json["clients"] = adversary.clients;
    json["users"] = adversary.users;
    json["target"] = {{"item", adversary.target},
                      {"interactions", data.item_counts.at(adversary.target)}};
    return json;
}

std::vector<std::string> idle_adversary_notices(const AdversarySettings& settings,
                                                std::size_t users) {
    const AdversarySettings defaults;
    std::vector<std::string> notices;
    if (settings.clients == "none") {
        if (settings.share != defaults.share)
            notices.push_back("adversary.share changes nothing without adversary.clients");
        if (settings.target_percent != defaults.target_percent)
            notices.push_back("adversary.target_percent changes nothing without adversary.clients");
    } else if (settings.share > 0 && liars_of(settings.share, users) == 0) {
        notices.push_back(fmt::format("adversary.share = {:g}: of {} users that is nobody",
                                      settings.share, users));
    }
    return notices;
}

}  // namespace fedhash::scenarios
