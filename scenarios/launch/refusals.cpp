#include "scenarios/launch/refusals.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "client/feedback.hpp"
#include "client/learner.hpp"
#include "client/objective.hpp"
#include "client/regulariser.hpp"
#include "client/relaxed_losses.hpp"
#include "common/aggregate.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/interactive.hpp"
#include "common/quadratic.hpp"
#include "common/relaxed.hpp"
#include "common/scoring.hpp"
#include "common/similarity.hpp"
#include "common/solver.hpp"
#include "common/uplink.hpp"
#include "server/item_step.hpp"
#include "server/quantiser.hpp"

namespace fedhash::scenarios {

namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& value,
                         const std::string& reason) {
    const bool number = value.find_first_not_of("0123456789") == std::string::npos;
    const std::string quote = number ? "" : "\"";
    throw UsageError("method." + key + " = " + quote + value + quote + " " + reason);
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
    const bool own_term = v.item_rule == "exact-inertia" || v.own_bit_start != own_bit_unit ||
                          v.own_bit_end != own_bit_unit;
    if (own_term && v.uplink == "statistics" &&
        (v.objective != "square" || v.similarity != "hamming"))
        refuse("exchange", v.exchange,
               "knows the own-bit term that method.item_rule = \"" + v.item_rule +
                   "\", method.relaxation or method.reluctance changes only for objective "
                   "\"square\" and similarity "
                   "\"hamming\"; set method.item_rule=exact, method.relaxation=1 and "
                   "method.reluctance=1");
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
               "is defined for similarity \"hamming\" and solver \"dcd\"; set them, or use "
               "\"exact\"");
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
    if (find_exchange(v.exchange).by_bit)
        unused("exchange", v.exchange, "one-shot",
               "learns no code that could be asked for bit by bit");
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
    if (v.teacher.rounds == 0)
        for (const auto& [key, kappa] :
             {std::pair("prior", v.prior), {"scoring_prior", v.scoring_prior}})
            if (kappa > 0)
                throw UsageError(std::string("method.") + key +
                                 " leans on a teacher, and method.teacher.rounds = 0; set method." +
                                 key + "=0, or some rounds for a teacher");
    if ((v.solver == "local-search") != (v.kicks > 0))
        throw UsageError(
            "method.kicks restarts method.solver = \"local-search\", and only that: set both, or "
            "neither");
    if (v.distil > 0 && (!relaxed || v.teacher.rounds == 0))
        throw UsageError(
            "method.distil learns from a teacher's ranking by gradients: it needs "
            "method.teacher.rounds and a learner such as \"backward\"; set method.distil=0");
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
    const bool fits_bias =
        (v.item_rule == "curvature" && v.uplink == "residual") || v.item_rule == "binary";
    if (v.bias_bits > 0 && (!fits_bias || v.learner == "teacher"))
        refuse(
            "bias_bits", std::to_string(v.bias_bits),
            "needs an item bias, which method.item_rule = \"curvature\" fits to the sums of "
            "method.uplink = \"residual\", and \"binary\" to those of \"scaled-code\"; this method "
            "has learner \"" +
                v.learner + "\", \"" + v.item_rule + "\" and \"" + v.uplink +
                "\": set method.bias_bits=0");
    if (v.bias_bits == 1)
        throw UsageError("method.bias_bits = 1 leaves no level but zero; set 2 or more");
    if (v.scoring_bits > 0 && !makes_codes(v))
        throw UsageError(
            "method.scoring_bits scores item codes by bit planes, and no codes come out "
            "of method.learner = \"" +
            v.learner + "\" without a quantiser; set method.scoring_bits=0");
    if (v.group_bits == 3)
        throw UsageError(
            "method.group_bits = 3: groups must fill the bytes of a code; set 1, 2 or 4");
    if (v.scoring_bits > 0 && v.quantiser == "free" && v.group_bits != 1)
        throw UsageError(
            "method.scoring_bits scores by bit planes, one bit at a time, but with "
            "method.quantiser = \"free\" and method.group_bits = " +
            std::to_string(v.group_bits) +
            " groups of bits pick vectors together; set method.group_bits=1, or "
            "method.scoring_bits=0");
    if (v.scoring_prior > 0 && (v.quantiser == "free" || is_relaxed(v)))
        throw UsageError(
            "method.scoring_prior leans a vector that is fitted to item codes on the teacher's, "
            "and " +
            (is_relaxed(v)
                 ? "method.learner = \"" + v.learner + "\" learns its vector by gradients"
                 : std::string("method.quantiser = \"free\" fits it to decoded factors")) +
            "; set method.scoring_prior=0");
    if (v.item_rule == "none" && v.learner != "teacher" &&
        ((makes_codes(v) && !publishes_codes(v)) || v.quantiser != "none"))
        refuse("item_rule", v.item_rule,
               "never makes item codes, and method.learner = \"" + v.learner +
                   "\" starts from none; use learner \"code\"");
    if (v.rerank > 0 && !makes_codes(v))
        throw UsageError(
            "method.rerank takes candidates by code, and no codes come out of "
            "method.learner = \"" +
            v.learner + "\" without a quantiser; set method.rerank=0");
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
        refuse(
            "quantiser", v.quantiser,
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
               "makes one bit of every factor: set method.teacher.factors = 0, as many as "
               "method.bits");
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
        refuse(
            "similarity", v.similarity,
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
}

std::string uplinks_for(const std::string& has) {
    std::string names;
    for (const UplinkEntry& entry : uplinks())
        if (has == entry.says)
            names += (names.empty() ? "\"" : ", \"") + std::string(entry.name) + "\"";
    return names;
}

}  // namespace

void check_pieces(const Variant& v, std::uint32_t rounds, std::uint32_t items) {
    const client::LearnerEntry& learner = client::find_learner(v.learner);
    const client::Feedback& feedback = client::find_feedback(v.feedback);
    const UplinkEntry& uplink = find_uplink(v.uplink);
    const bool relaxed = is_relaxed(v);
    const std::string says = uplink.says, has = learner.says;
    if (!says.empty() && !has.empty() && says != has)
        refuse("uplink", v.uplink,
               "sends what a device has learnt as " + says + ", but method.learner = \"" +
                   v.learner + "\" learns " + has +
                   "; use an uplink that takes it: " + uplinks_for(has));
    check_quantiser(v, relaxed);
    check_unused(v, relaxed);
    if (v.teacher.rounds > rounds || (v.teacher.rounds == rounds && v.learner != "teacher"))
        throw UsageError("method.teacher.rounds = " + std::to_string(v.teacher.rounds) +
                         " leaves no rounds for method.learner = \"" + v.learner +
                         "\"; run.rounds counts both, raise it");
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
        refuse(
            "feedback", v.feedback,
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

}  // namespace fedhash::scenarios
