#include "scenarios/launch/plan.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "client/feedback.hpp"
#include "client/learner.hpp"
#include "client/objective.hpp"
#include "client/relaxed_losses.hpp"
#include "client/regulariser.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/interactive.hpp"
#include "common/population.hpp"
#include "common/quadratic.hpp"
#include "common/solver.hpp"
#include "common/relaxed.hpp"
#include "common/scoring.hpp"
#include "common/similarity.hpp"
#include "common/uplink.hpp"
#include "server/item_step.hpp"
#include "server/quantiser.hpp"

namespace fedhash::scenarios {

namespace {

std::uint32_t in_units(double value, double units) {
    return static_cast<std::uint32_t>(std::lround(value * units));
}

// A share delta of the sums kept from round to round holds p / (1 - delta) populations. Where all
// users are heard every round there is nobody to remember.
double kept_share(double memory, double participation) {
    return memory > 0 && participation < 1 ? std::max(0.0, 1 - participation / memory) : 0.0;
}

Variant variant_of(const Scenario& scenario, std::size_t interactions, std::size_t users) {
    const MethodSettings& method = scenario.method;
    Variant variant;
    variant.bits = method.bits;
    variant.learner = method.learner;
    variant.similarity = method.similarity;
    variant.feedback = method.feedback;
    variant.objective = method.objective;
    if (method.objective == "mix" || !method.mix.empty())
        variant.mix = client::parse_mix(method.mix);
    variant.regulariser = method.regulariser;
    variant.solver = method.solver;
    variant.uplink = method.uplink;
    variant.exchange = method.exchange;
    variant.item_rule = method.item_rule;
    variant.quantiser = method.quantiser;
    variant.teacher = {method.teacher.rounds,      method.teacher.factors,
                       method.teacher.factor_bits, method.teacher.coded,
                       method.teacher.interaction, method.teacher.ridge};
    if (variant.learner == "teacher") variant.teacher.rounds = scenario.run.rounds;
    variant.interaction = method.interaction;
    variant.weight = method.weight;
    variant.target_q16 = in_units(method.target, 65536);
    variant.exponent_q16 = in_units(method.target_exponent, 65536);
    variant.mean_count_q8 =
        in_units(static_cast<double>(interactions) / static_cast<double>(users), 256);
    variant.group_bits = method.group_bits;
    variant.refit_target = method.refit_target;
    variant.negatives = method.negatives;
    variant.sharpness_q16 = in_units(method.sharpness, 65536);
    variant.passes = method.passes;
    variant.balance_units = in_units(method.balance, static_cast<double>(unit));
    variant.balance_q16 = in_units(method.balance, 65536);
    variant.strength_units = in_units(method.strength, static_cast<double>(unit));
    variant.inertia = method.inertia;
    variant.weigh_users = method.weigh_users;
    variant.sweeps = method.sweeps;
    variant.search_steps = method.search_steps;
    variant.user_bits = method.user_bits;
    variant.kicks = method.kicks;
    variant.own_bit_start = in_units(method.relaxation, static_cast<double>(own_bit_unit));
    variant.memory_256 =
        std::min(255u, in_units(kept_share(method.memory, scenario.run.participation), 256));
    variant.box_interaction = method.box_interaction;
    variant.box_pull = method.box_pull;
    variant.prior = method.prior;
    variant.user_exponent_q16 = in_units(method.user_exponent, 65536);
    variant.item_exponent = method.item_exponent;
    variant.factor_bits = method.factor_bits;
    variant.step = method.step;
    variant.user_step = method.user_step;
    variant.epochs = method.epochs;
    variant.sharpen_to = method.sharpen_to;
    variant.stage_rounds =
        scenario.run.rounds - std::min(scenario.run.rounds, variant.teacher.rounds);
    variant.decay = method.decay;
    variant.norm = method.norm;
    variant.surrogate = method.surrogate;
    variant.item_scale = method.item_scale;
    variant.distil = method.distil;
    variant.rerank = method.rerank;
    variant.scoring_interaction = method.scoring_interaction;
    variant.scoring_prior = variant.teacher.rounds > 0 ? method.scoring_prior : 0;
    variant.scoring_bits = method.scoring_bits;
    variant.bias_bits = method.bias_bits;
    variant.bit_weight_bits = method.bit_weight_bits;
    variant.component_bits = method.component_bits;
    return variant;
}

[[noreturn]] void refuse(const std::string& key, const std::string& value,
                         const std::string& reason) {
    throw UsageError("method." + key + " = \"" + value + "\" " + reason);
}

// What an exchange that asks bit by bit needs of the other pieces.
void check_by_bit(const Variant& v) {
    if (!speaks_by_bit(v.uplink))
        refuse("exchange", v.exchange,
               "asks bit by bit, which method.uplink = \"" + v.uplink +
                   "\" cannot answer; use \"statistics\" or \"votes\"");
    if (v.solver != "dcd")
        refuse("exchange", v.exchange,
               "is coordinate descent, one bit at a time; method.solver = \"" + v.solver +
                   "\" needs all bits at once: set method.solver=dcd");
    if (v.memory_256 != 0)
        refuse("exchange", v.exchange,
               "keeps no sums from round to round: they are of codes that no longer are; set "
               "method.memory=0");
    const bool own_term = v.item_rule == "exact-inertia" || v.own_bit_start != own_bit_unit;
    if (own_term && v.uplink == "statistics" &&
        (v.objective != "square" || v.similarity != "hamming"))
        refuse("exchange", v.exchange,
               "knows the own-bit term that method.item_rule = \"" + v.item_rule +
                   "\" or method.relaxation changes only for objective \"square\" and similarity "
                   "\"hamming\"; set method.item_rule=exact and method.relaxation=1");
}

// What item rules need of the other pieces.
void check_item_rule(const Variant& v, std::uint32_t items) {
    const server::ItemRule& rule = server::find_item_rule(v.item_rule);
    if (v.learner == "teacher") return;
    if (v.memory_256 != 0 && !rule.carries)
        refuse("item_rule", v.item_rule, "makes no sense of running sums; set method.memory=0");
    if (v.item_rule == "votes-gram" && v.interaction == 0)
        refuse("item_rule", v.item_rule,
               "weighs votes against the term of all pairs; set method.interaction=1, or use "
               "\"majority\"");
    if (v.item_rule == "exact-inertia" && (v.similarity != "hamming" || v.solver != "dcd"))
        refuse("item_rule", v.item_rule,
               "is defined for similarity \"hamming\" and solver \"dcd\"");
    if (v.solver == "exhaustive" && v.bits > max_exhaustive_bits)
        refuse("solver", v.solver,
               "tries all 2^" + std::to_string(v.bits) + " codes; set method.bits=" +
                   std::to_string(max_exhaustive_bits) + " or fewer, or another solver");
    if (v.inertia > 0 && v.solver != "dcd")
        refuse("solver", v.solver, "has no inertia; set method.inertia=0 or method.solver=dcd");
    // Two copies: of the round, and the running sums.
    const double bytes = 8.0 * items * static_cast<double>(Aggregate::triangle(v.bits)) *
                         (v.memory_256 != 0 ? 2 : 1);
    constexpr double most = 4.0 * (1u << 30);
    if (v.uplink == "statistics" && !find_exchange(v.exchange).by_bit && bytes > most)
        refuse("uplink", v.uplink,
               "would keep k(k+1)/2 sums for each of " + std::to_string(items) + " items, " +
                   std::to_string(std::lround(bytes / (1u << 30))) +
                   " GiB, and 4 GiB is the limit; lower method.bits, or set "
                   "method.exchange=interactive (and method.memory=0), which keeps none of them");
}

// What real-valued learning asks of the other pieces.
void check_relaxed(const Variant& v) {
    const client::RelaxedLoss& loss = client::find_relaxed_loss(v.objective);
    if (v.regulariser != "none")
        refuse("regulariser", v.regulariser,
               "shapes a discrete problem, and method.learner = \"" + v.learner +
                   "\" takes gradients; use method.decay and method.norm");
    if (v.memory_256 > 0)
        throw UsageError(
            "method.memory keeps sums of rounds whose gradients are stale; the moments of "
            "method.item_rule = \"adam\" do that job: set method.memory=0");
    if (loss.compares && v.feedback != "sampled")
        refuse("objective", v.objective,
               "compares observed items with others, and method.feedback = \"" + v.feedback +
                   "\" lists none; use feedback \"sampled\"");
    if (std::string_view(loss.name) == "logistic" && v.feedback == "implicit")
        refuse("objective", v.objective,
               "over observed items alone is least when every score is large; use feedback "
               "\"sampled\" or \"explicit\"");
    const bool codes = publishes_codes(v);
    if (v.item_scale && !codes)
        throw UsageError("method.item_scale is what a sign loses, and method.learner = \"" +
                         v.learner + "\" publishes reals; use learner \"backward\"");
    if (v.item_scale && v.quantiser != "none")
        refuse("quantiser", v.quantiser,
               "makes other codes than those that method.item_scale was learnt with");
    if (v.learner == "backward-real" && v.quantiser != "none")
        refuse("quantiser", v.quantiser,
               "also makes users' codes, and method.learner = \"backward-real\" never binarises "
               "users");
    if (v.learner != "real" && v.norm > 0 && v.norm * v.norm > v.bits && v.surrogate == "clip" &&
        codes)
        throw UsageError("method.norm is longer than a vector in [-1, 1]^" +
                         std::to_string(v.bits) + " can be");
}

// Pieces that a learner by its nature has no use for. Left at something else than they start from
// they would silently do nothing.
void check_unused(const Variant& v, bool relaxed) {
    const auto unused = [&](const char* key, const std::string& value, const std::string& plain,
                            const char* why) {
        if (value != plain)
            refuse(key, value,
                   std::string("is not used: method.learner = \"") + v.learner + "\" " + why +
                       "; set method." + key + "=" + plain);
    };
    if (v.learner == "code") {
        if (v.teacher.rounds > 0)
            throw UsageError(
                "method.teacher.rounds: method.learner = \"code\" has no use for a teacher; set "
                "method.teacher.rounds=0, or use learner \"scaled-code\"");
        return;
    }
    unused("exchange", v.exchange, "one-shot", "learns no code that could be asked for bit by bit");
    unused("solver", v.solver, "dcd", "does not solve for a code by one of these");
    unused("similarity", v.similarity, "hamming", "scores by inner products");
    unused("component_bits", std::to_string(v.component_bits), "1", "has no bit weights");
    unused("bit_weight_bits", std::to_string(v.bit_weight_bits), "0", "has no bit weights");
    if (relaxed) {
        if (v.teacher.rounds > 0 && v.distil == 0)
            throw UsageError("method.teacher.rounds: method.learner = \"" + v.learner +
                             "\" learns from a teacher only by method.distil; set it, or "
                             "method.teacher.rounds=0");
        return;
    }
    unused("feedback", v.feedback, "implicit", "counts every observation as 1");
    if (v.learner != "counts" || v.objective != "none")
        unused("objective", v.objective, "square", "has a loss of its own");
    unused("regulariser", v.regulariser, "none", "takes none");
    if (v.learner != "teacher") return;
    unused("uplink", v.uplink, "residual", "says real vectors, and has an uplink of its own");
    unused("item_rule", v.item_rule, "curvature", "has an item rule of its own");
}

// What only some learners understand.
void check_options(const Variant& v, bool relaxed) {
    if (v.distil > 0 && (!relaxed || v.teacher.rounds == 0))
        throw UsageError(
            "method.distil learns from a teacher's ranking by gradients: it needs "
            "method.teacher.rounds and a learner such as \"backward\"");
    if (v.distil > 0 && v.strength_units == 0)
        throw UsageError(
            "method.distil without method.strength, its weight, does nothing; set "
            "method.strength=0.125");
    if (v.user_bits > 1 && v.learner != "scaled-code" && v.learner != "vector")
        throw UsageError("method.user_bits are of scaled codes, and method.learner = \"" +
                         v.learner + "\" has one bit an entry; set method.user_bits=1");
    if (v.item_scale && !relaxed)
        throw UsageError("method.item_scale belongs to method.learner = \"backward\", not \"" +
                         v.learner + "\"");
    const bool fits_bias = (v.item_rule == "curvature" && v.uplink == "residual") ||
                           v.item_rule == "binary";
    if (v.bias_bits > 0 && (!fits_bias || v.learner == "teacher"))
        refuse("bias_bits", std::to_string(v.bias_bits),
               "needs an item bias, which method.item_rule = \"curvature\" fits to the sums of "
               "method.uplink = \"residual\", and \"binary\" to those of \"scaled-code\"; this method "
               "has learner \"" + v.learner + "\", \"" + v.item_rule + "\" and \"" + v.uplink +
                   "\": set method.bias_bits=0");
    if (v.bias_bits == 1)
        throw UsageError("method.bias_bits = 1 leaves no level but zero; set 2 or more");
    if (v.scoring_bits > 0 && !makes_codes(v))
        throw UsageError("method.scoring_bits scores item codes by bit planes, and no codes come out "
                         "of method.learner = \"" + v.learner +
                         "\" without a quantiser; set method.scoring_bits=0");
    if (v.scoring_bits > 0 && v.quantiser == "free" && v.group_bits != 1)
        throw UsageError("method.scoring_bits scores by bit planes, one bit at a time, but with "
                         "method.quantiser = \"free\" and method.group_bits = " +
                         std::to_string(v.group_bits) +
                         " groups of bits pick vectors together; set method.group_bits=1, or "
                         "method.scoring_bits=0");
    if (v.item_rule == "none" && v.learner != "teacher" &&
        ((makes_codes(v) && !publishes_codes(v)) || v.quantiser != "none"))
        refuse("item_rule", v.item_rule,
               "never makes item codes, and method.learner = \"" + v.learner +
                   "\" starts from none; use learner \"code\"");
    if (v.rerank > 0 && !makes_codes(v))
        throw UsageError(
            "method.rerank takes candidates by code, and no codes come out of "
            "method.learner = \"" +
            v.learner + "\" without a quantiser");
    if ((v.learner == "polar" || v.learner == "counts") && v.teacher.rounds > 0)
        throw UsageError("method.teacher.rounds: method.learner = \"" + v.learner +
                         "\" has no use for a teacher; set method.teacher.rounds=0");
    if (v.learner == "polar" && v.memory_256 > 0)
        throw UsageError(
            "method.memory keeps sums over older item factors, of which a polar "
            "factor makes no sense; set method.memory=0");
}

void check_quantiser(const Variant& v, bool relaxed) {
    if (v.quantiser == "none") return;
    if (v.learner == "counts")
        refuse("quantiser", v.quantiser,
               "makes codes of real factors, and method.learner = \"counts\" has one number an item; "
               "set method.quantiser=none");
    if (v.learner != "teacher" && !relaxed)
        refuse("quantiser", v.quantiser,
               "turns real factors into codes at the end, but method.learner = \"" + v.learner +
                   "\" already ends in codes; set method.quantiser=none");
    const server::Quantiser& quantiser = server::find_quantiser(v.quantiser);
    if (relaxed && !quantiser.same_width)
        refuse("quantiser", v.quantiser,
               "weighs errors by the sum of x x' over users, which gradients do not bring; use it "
               "with method.learner = \"teacher\"");
    if (!relaxed && quantiser.same_width && v.bits != v.teacher.factors)
        refuse("quantiser", v.quantiser,
               "makes one bit of every factor: set method.teacher.factors = method.bits = " +
                   std::to_string(v.bits));
}

// The objective, or those parts of a mix, that compare items of one list.
std::vector<std::string> ranking_parts(const Variant& v) {
    std::vector<std::string> names;
    if (client::find_objective(v.objective).ranks) names.push_back(v.objective);
    for (const MixShare& share : v.mix)
        if (client::find_objective(share.objective).ranks) names.push_back(share.objective);
    return names;
}

// What goes with codes on the way to a score, and who has to know of it.
void check_codes(const Variant& v) {
    const Similarity& similarity = find_similarity(v.similarity);
    const client::Regulariser& regulariser = client::find_regulariser(v.regulariser);
    if (similarity.bit_weights && v.bit_weight_bits < 3)
        refuse("similarity", v.similarity,
               "needs weights of at least 3 bits, 1..3; set method.bit_weight_bits=4");
    if (!similarity.bit_weights && (v.bit_weight_bits > 0 || v.component_bits > 1))
        refuse("similarity", v.similarity,
               "has no bit weights; set method.similarity=weighted, or method.bit_weight_bits=0 and "
               "method.component_bits=1");
    if (v.component_bits > v.bits)
        throw UsageError("method.component_bits = " + std::to_string(v.component_bits) +
                         " is longer than a code of " + std::to_string(v.bits) + " bits");
    if (v.similarity != "hamming" && v.uplink == "gradients")
        refuse("similarity", v.similarity,
               "is not what method.uplink = \"gradients\" multiplies with: LightFR's gradients are "
               "those of a plain inner product; use method.uplink=residual");
    const auto needs_sums = [&](const char* key, const std::string& value, const char* what) {
        if (v.item_rule == "curvature" && v.uplink == "residual") return;
        refuse(key, value,
               std::string("needs ") + what +
                   ", which method.item_rule = \"curvature\" fits to the sums of method.uplink = "
                   "\"residual\"; this method has \"" +
                   v.item_rule + "\" and \"" + v.uplink + "\"");
    };
    if (similarity.bit_weights) needs_sums("similarity", v.similarity, "bit weights");
    if (regulariser.whitens) needs_sums("regulariser", v.regulariser, "a published whitening");
    if (v.regulariser == "balance" && v.balance_units == 0)
        refuse("regulariser", v.regulariser, "has no weight; set method.balance");
    if ((regulariser.whitens || v.regulariser == "anchor") && v.strength_units == 0)
        refuse("regulariser", v.regulariser, "has no weight; set method.strength");
    if (v.objective != "mix" && !v.mix.empty())
        throw UsageError("method.mix is set, and method.objective = \"" + v.objective +
                         "\" does not mix; set method.objective=mix");
}

// Combinations of pieces that make no sense, each with its reason.
void check_pieces(const Variant& v, std::uint32_t rounds, std::uint32_t items) {
    const client::LearnerEntry& learner = client::find_learner(v.learner);
    const client::Feedback& feedback = client::find_feedback(v.feedback);
    const UplinkEntry& uplink = find_uplink(v.uplink);
    const bool relaxed = is_relaxed(v);
    const std::string says = uplink.says, has = learner.says;
    if (!says.empty() && !has.empty() && says != has)
        refuse("uplink", v.uplink,
               "sends what a device has learnt as " + says + ", but method.learner = \"" +
                   v.learner + "\" learns " + has);
    if (v.teacher.rounds > rounds || (v.teacher.rounds == rounds && v.learner != "teacher"))
        throw UsageError("method.teacher.rounds = " + std::to_string(v.teacher.rounds) +
                         " leaves no rounds for method.learner = \"" + v.learner +
                         "\"; run.rounds counts both, raise it");
    check_quantiser(v, relaxed);
    check_unused(v, relaxed);
    check_options(v, relaxed);
    if (relaxed) {
        check_relaxed(v);
        return;
    }
    const client::Objective& objective = client::find_objective(v.objective);
    if (feedback.one_goal)
        for (const std::string& name : ranking_parts(v))
            refuse("objective", name,
                   "compares items with different labels, but method.feedback = \"" + v.feedback +
                       "\" lists only observed ones, all alike; use feedback \"sampled\" or "
                       "\"explicit\"");
    if (v.objective == "none" && !says.empty() && v.learner == "code")
        refuse("objective", v.objective,
               "learns nothing, of which method.uplink = \"" + v.uplink +
                   "\" would tell; use uplink \"nothing\" or \"filler\"");
    if (feedback.one_goal && v.interaction == 0 && v.learner == "code" && v.objective != "none" &&
        !objective.pulls_only)
        refuse("feedback", v.feedback,
               "lists observed items alone, all with one goal, which codes that are all alike reach: "
               "something has to tell them from the rest; set method.interaction=1, or use feedback "
               "\"sampled\" or \"explicit\"");
    if (objective.pulls_only && v.interaction == 0)
        refuse("objective", v.objective,
               "has no curvature of its own: without method.interaction scores would grow without "
               "bound; set method.interaction=1");
    if (find_exchange(v.exchange).by_bit) check_by_bit(v);
    check_item_rule(v, items);
    if (v.learner == "code") check_codes(v);
}

}  // namespace

wire::Token fresh_token() {
    wire::Token token;
    if (getrandom(token.data(), token.size(), 0) != static_cast<ssize_t>(token.size()))
        throw RunError(std::string("no random bytes from the system: ") + std::strerror(errno));
    return token;
}

std::uint32_t client_count(const RunSettings& run, std::size_t users) {
    const auto all = static_cast<std::uint32_t>(users);
    return run.clients == 0 ? all : std::min(run.clients, all);
}

server::Options plan(const Scenario& scenario, const Prepared& data, const wire::Token& token) {
    std::size_t interactions = 0;
    for (const client::UserData& user : data.users) interactions += user.train.size();

    server::Options options;
    options.users = static_cast<std::uint32_t>(data.users.size());
    options.items = data.ranking.items;
    options.clients = client_count(scenario.run, data.users.size());
    options.seed = scenario.run.seed;
    options.rounds = scenario.run.rounds;
    options.participation = scenario.run.participation;
    options.kernels = scenario.run.kernels;
    options.cutoffs = scenario.eval.k;
    options.evaluate_every = scenario.eval.every;
    options.has_validation = data.has_validation;
    options.asymmetric = scenario.eval.asymmetric;
    options.test = scenario.eval.test;
    options.patience = scenario.run.patience;
    options.deadline_ms = scenario.run.deadline_ms;
    options.start_deadline_ms = scenario.run.start_deadline_ms;
    options.transport = scenario.run.transport;
    options.port = scenario.run.port;
    options.token = token;

    options.variant = variant_of(scenario, interactions, data.users.size());
    check_pieces(options.variant, options.rounds, options.items);
    server::check_variant(options.variant, options.users, options.items, options.participation);
    if (scenario.run.patience > 0 && scenario.eval.every == 0)
        throw UsageError(
            "run.patience counts evaluations, and eval.every = 0 makes none before the end; set "
            "eval.every=1");
    if (scenario.run.patience > 0 && !data.has_validation)
        throw UsageError("run.patience needs a validation part, and this data has none (" +
                         data.split_label + ")");
    return options;
}

client::Shard deal(const Prepared& data, std::uint32_t client, std::uint32_t clients,
                   const wire::Token& token) {
    client::Shard shard{token, client, clients, data.ranking, {}};
    const auto users = static_cast<std::uint32_t>(data.users.size());
    const std::uint32_t count = users_of(client, clients, users);
    shard.users.reserve(count);
    for (std::uint32_t j = 0; j < count; ++j)
        shard.users.push_back(data.users[index(hosted_user(client, clients, j))]);
    return shard;
}

}  // namespace fedhash::scenarios
