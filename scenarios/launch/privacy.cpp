#include "scenarios/launch/privacy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/uplink.hpp"
#include "common/wire/own_rows.hpp"
#include "scenarios/accounting/statement.hpp"

namespace fedhash::scenarios {

namespace {

[[noreturn]] void refuse_privacy(const char* key, const std::string& value,
                                 const std::string& reason) {
    throw UsageError(fmt::format("privacy.{} = {} {}", key, value, reason));
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

bool lists_items(const Variant& v) {
    constexpr std::array uplinks{"residual", "gradients", "votes", "statistics", "real-gradient"};
    return std::ranges::find(uplinks, v.uplink) != uplinks.end();
}

void check_decoys(const Variant& v) {
    const std::string decoys = quoted(v.privacy.decoys);
    if (!lists_items(v))
        refuse_privacy(
            "decoys", decoys,
            "needs rows to hide among, one an item, and method.uplink = " + quoted(v.uplink) +
                " has none; use residual, gradients, votes, statistics or real-gradient");
    if (find_exchange(v.exchange).masked)
        refuse_privacy(
            "decoys", decoys,
            "hides rows that method.exchange = \"secure\" does not show anybody; decoys would "
            "only blur the sums");
    if (wire::sends_own_rows(v))
        refuse_privacy("decoys", decoys,
                       "hides what coding.rows = \"own\" tells beforehand; set coding.rows=all");
}

void check_code(const Variant& v) {
    const std::string code = quoted(v.privacy.code);
    if (v.learner != "code" || find_uplink(v.uplink).says != std::string_view("code"))
        refuse_privacy("code", code,
                       "is about a code that is said, and method.uplink = " + quoted(v.uplink) +
                           " of method.learner = " + quoted(v.learner) + " says none");
}

void check_items(const server::Options& options) {
    const Variant& v = options.variant;
    const std::string items = quoted(v.privacy.items);
    if (!can_say_noisy_items(v))
        refuse_privacy(
            "items", items,
            "says items that a user may not have, and of those residuals must follow from one "
            "target: method.uplink=residual, feedback implicit, objective square, similarity "
            "hamming (the method implicit-dcd)");
    if (v.refit_target || v.exponent_q16 != 0)
        refuse_privacy("items", items,
                       "is of no use beside a target that tells how many items the user has; set "
                       "method.refit_target=false and method.target_exponent=0");
    if (v.item_rule != "curvature")
        refuse_privacy(
            "items", items,
            "adds up to sums that method.item_rule = \"curvature\" alone knows how to read");
    if (v.privacy.decoys != "none")
        refuse_privacy("items", items, "has decoys of its own; set privacy.decoys=none");
    if (v.privacy.row_cap > 0)
        refuse_privacy("items", items,
                       "says a share of all items, whatever the user has; set privacy.row_cap=0");
    if (find_exchange(v.exchange).masked)
        refuse_privacy("items", items,
                       "is for uploads that are seen; set method.exchange=one-shot");
}

void check_ballots(const Variant& v) {
    const PrivacyVariant& p = v.privacy;
    const std::string ballots = std::to_string(p.ballots);
    if (v.uplink != "ballots")
        refuse_privacy("ballots", ballots,
                       "are the votes of another uplink than " + quoted(v.uplink) +
                           "; set method.uplink=ballots and method.item_rule=majority");
    if (p.ballots == 0)
        refuse_privacy("ballots", ballots,
                       "is nothing for method.uplink = \"ballots\" to say; set privacy.ballots=64");
    if (p.decoys != "none" || p.code != "exact" || p.items != "exact" || p.row_cap > 0)
        refuse_privacy("ballots", ballots,
                       "say nothing of codes, item sets or rows that these could hide; set "
                       "privacy.decoys=none, code=exact, items=exact and row_cap=0");
    if (find_exchange(v.exchange).masked)
        refuse_privacy("ballots", ballots,
                       "are for uploads that are seen; set method.exchange=one-shot");
}

void check_noise(const Variant& v, double noise) {
    const std::string value = fmt::format("{:g}", noise);
    if (!find_exchange(v.exchange).masked)
        refuse_privacy("noise", value,
                       "is a part of it from each user, enough in the sum and little by itself: it "
                       "needs sums that nobody sees the parts of; set method.exchange=secure");
    if (v.privacy.row_cap == 0)
        refuse_privacy("noise", value,
                       "is in units of what one user can change, which rows without a number have "
                       "no bound on; set privacy.row_cap=100");
    if (v.privacy.contributors > 1)
        refuse_privacy("noise", value,
                       "would be asked for beside exact counts of contributors; set "
                       "privacy.contributors=0");
}

void check_blocks(const server::Options& options) {
    const Variant& v = options.variant;
    const std::string blocks = std::to_string(v.privacy.blocks);
    if (!find_exchange(v.exchange).masked)
        refuse_privacy("blocks", blocks,
                       "saves bytes where all items are sent under masks; set "
                       "method.exchange=secure");
    if (v.privacy.blocks > options.items)
        refuse_privacy("blocks", blocks,
                       fmt::format("cuts {} items into more blocks than there are", options.items));
    if (v.privacy.noise_q8 > 0)
        refuse_privacy("blocks", blocks,
                       "would leave sums of blocks that few take part in with less noise than is "
                       "promised; set privacy.noise=0");
}

void check_prior(const Variant& v) {
    if (v.item_rule != "majority" && v.item_rule != "majority-up" && v.item_rule != "votes-gram")
        refuse_privacy("prior", std::to_string(v.privacy.prior),
                       "is in votes, and method.item_rule = " + quoted(v.item_rule) +
                           " adds up something else; method.reluctance is the like of it there");
}

}  // namespace

std::uint32_t lie_q32(double epsilon) {
    return static_cast<std::uint32_t>(std::llround(4294967296.0 / (1 + std::exp(epsilon))));
}

namespace {

std::uint32_t in_q32(double probability) {
    return static_cast<std::uint32_t>(std::llround(4294967296.0 * probability));
}

/// Of D values a random set of D / (1 + e^eps), the true one in it with p against q
/// (Ye, Barg, IEEE Trans. Inf. Theory 2018).
void choose_subset(double epsilon, std::uint32_t values, PrivacyVariant& privacy) {
    const double all = values, odds = std::exp(epsilon);
    privacy.items_said = std::max(1u, static_cast<std::uint32_t>(std::lround(all / (1 + odds))));
    const double said = privacy.items_said;
    const double p = said * odds / (said * odds + all - said);
    privacy.items_true_q32 = in_q32(p);
    privacy.items_lie_q32 = in_q32((said - p) / (all - 1));
}

}  // namespace

PrivacyVariant privacy_variant(const PrivacySettings& settings, std::uint32_t items,
                               std::uint32_t cohort) {
    PrivacyVariant privacy;
    privacy.decoys = settings.decoys;
    privacy.decoys_q8 = static_cast<std::uint32_t>(std::lround(settings.decoys_per_item * 256));
    privacy.denoise_users = settings.denoise_users;
    privacy.pieces = settings.pieces;
    privacy.code = settings.code;
    if (settings.code != "exact") privacy.code_lie_q32 = lie_q32(settings.code_epsilon);
    privacy.items = settings.items;
    if (settings.items == "unary") privacy.items_lie_q32 = lie_q32(settings.items_epsilon);
    if (settings.items == "subset") {
        privacy.items_padded = settings.items_per_user;
        choose_subset(settings.items_epsilon, items + settings.items_per_user, privacy);
    }
    privacy.ballots = settings.ballots;
    privacy.noise_q8 = static_cast<std::uint32_t>(std::lround(settings.noise * 256));
    if (privacy.noise_q8 > 0) {
        privacy.noise_clip = static_cast<std::uint32_t>(std::lround(settings.noise_clip * unit));
        privacy.noise_users = std::max(1u, cohort / 2);
    }
    if (settings.ballots > 0) privacy.ballot_lie_q32 = lie_q32(settings.ballot_epsilon);
    privacy.blocks = settings.blocks;
    privacy.blocks_joined =
        static_cast<std::uint32_t>(std::ceil(settings.block_share * settings.blocks - 1e-9));
    privacy.row_cap = settings.row_cap;
    privacy.contributors = settings.contributors;
    privacy.prior = settings.prior;
    return privacy;
}

void check_privacy(const server::Options& options) {
    const Variant& v = options.variant;
    const PrivacyVariant& p = v.privacy;
    const bool shown = p.decoys != "none" || p.code != "exact" || p.items != "exact";
    const bool casts = p.ballots > 0 || v.uplink == "ballots";
    const bool any = shown || casts || p.noise_q8 > 0 || p.blocks > 0 || p.row_cap > 0 ||
                     p.contributors > 1 || p.prior > 0;
    if (!any) return;
    if (v.teacher.rounds > 0)
        throw UsageError(
            "[privacy] is about what codes are learnt from; a teacher's rounds before them "
            "(method.teacher.rounds) would tell it all. Choose a method without one");
    if (find_exchange(v.exchange).by_bit)
        throw UsageError("[privacy] is for uploads that are said at once; method.exchange = " +
                         quoted(v.exchange) + " asks for one bit at a time");
    if (casts) check_ballots(v);
    if (p.noise_q8 > 0) check_noise(v, p.noise_q8 / 256.0);
    if (p.blocks > 0) check_blocks(options);
    if (p.decoys != "none") check_decoys(v);
    if (p.code != "exact") check_code(v);
    if (p.items != "exact") check_items(options);
    if (p.row_cap > 0 && !lists_items(v))
        refuse_privacy("row_cap", std::to_string(p.row_cap),
                       "counts rows, and method.uplink = " + quoted(v.uplink) + " has none");
    if (p.prior > 0) check_prior(v);
}

nlohmann::json privacy_json(const server::Options& options, const Prepared& data,
                            const nlohmann::json& summary) {
    std::size_t most_items = 0;
    for (const client::UserData& user : data.users)
        most_items = std::max(most_items, user.train.size());
    const bool masked = find_exchange(options.variant.exchange).masked;
    const std::uint32_t senders = find_exchange(options.variant.exchange).shuffled
                                      ? summary.at("fewest_accepted").get<std::uint32_t>()
                                      : 0;
    const auto statement_of = [&](std::uint32_t uploads) {
        return privacy_statement(options.variant, options.users, uploads,
                                 static_cast<std::uint32_t>(most_items), masked, senders);
    };
    const auto bounded = [](double epsilon) {
        return std::isfinite(epsilon) ? nlohmann::json(epsilon) : nlohmann::json(nullptr);
    };
    nlohmann::json users = nlohmann::json::array();
    std::uint32_t most_uploads = 0;
    for (const nlohmann::json& row : summary.at("uploads_of_users")) {
        const auto uploads = row.at("uploads").get<std::uint32_t>();
        most_uploads = std::max(most_uploads, uploads);
        const double epsilon = uploads == 0 ? 0 : statement_of(uploads).user();
        users.push_back(
            {{"uploads", uploads}, {"users", row.at("users")}, {"epsilon", bounded(epsilon)}});
    }
    const PrivacyStatement statement = statement_of(most_uploads);
    nlohmann::json parts = nlohmann::json::array();
    for (const PrivacyPart& part : statement.parts) {
        nlohmann::json run = nlohmann::json::object();
        for (const PrivacyBound& bound : part.run) run[bound.name] = bound.epsilon;
        parts.push_back({{"what", part.what},
                         {"report", part.report},
                         {"round", part.round},
                         {"reports", part.reports},
                         {"run", run},
                         {"epsilon", bounded(part.tightest().epsilon)},
                         {"tightest", part.tightest().name},
                         {"open", part.open}});
    }
    return {{"delta", statement.delta}, {"parts", parts}, {"users", users}};
}

std::vector<std::string> idle_privacy_notices(const PrivacySettings& settings) {
    const PrivacySettings defaults;
    std::vector<std::string> notices;
    const auto idle = [&](bool set, bool used, const char* key, const char* without) {
        if (set && !used)
            notices.push_back(fmt::format("privacy.{} changes nothing without {}", key, without));
    };
    idle(settings.decoys_per_item != defaults.decoys_per_item, settings.decoys != "none",
         "decoys_per_item", "privacy.decoys");
    idle(settings.code_epsilon != defaults.code_epsilon, settings.code != "exact", "code_epsilon",
         "privacy.code");
    idle(settings.items_epsilon != defaults.items_epsilon, settings.items != "exact",
         "items_epsilon", "privacy.items");
    idle(settings.items_per_user != defaults.items_per_user, settings.items == "subset",
         "items_per_user", "privacy.items=subset");
    idle(settings.block_share != defaults.block_share, settings.blocks > 0, "block_share",
         "privacy.blocks");
    idle(settings.noise_clip != defaults.noise_clip, settings.noise > 0, "noise_clip",
         "privacy.noise");
    idle(settings.ballot_epsilon != defaults.ballot_epsilon, settings.ballots > 0, "ballot_epsilon",
         "privacy.ballots");
    return notices;
}

}  // namespace fedhash::scenarios
