#include "scenarios/settings/table.hpp"

#include <algorithm>
#include <limits>

#include "client/adversary.hpp"
#include "client/feedback.hpp"
#include "client/learner.hpp"
#include "client/objective.hpp"
#include "client/protection.hpp"
#include "client/regulariser.hpp"
#include "client/relaxed_losses.hpp"
#include "common/denoise.hpp"
#include "common/exchange.hpp"
#include "common/secure/blocks.hpp"
#include "common/shuffle.hpp"
#include "common/similarity.hpp"
#include "common/solver.hpp"
#include "common/uplink.hpp"
#include "common/wire/code_change.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"
#include "common/wire/padding.hpp"
#include "common/wire/plane.hpp"
#include "server/adversary.hpp"
#include "server/item_step.hpp"
#include "server/publisher.hpp"
#include "server/quantiser.hpp"

namespace fedhash::scenarios::settings {
namespace {

/// at<&Scenario::run, &RunSettings::seed>(s) is &s.run.seed.
template <auto... Members>
Field at(Scenario& scenario) {
    return &(scenario.*....*Members);
}

template <auto... Members>
bool* flag(Scenario& scenario) {
    return &(scenario.*....*Members);
}

/// The names in a table of pieces.
template <class Table>
Choice one_of(const Table& pieces, std::string_view also = {}) {
    Choice choice;
    if (!also.empty()) choice.names.push_back(also);
    for (const auto& piece : pieces) choice.names.push_back(piece.name);
    return choice;
}

/// Discrete objectives and the losses of real-valued learning; some share a name.
Choice objective_names() {
    Choice choice = one_of(client::objectives());
    for (const client::RelaxedLoss& loss : client::relaxed_losses())
        if (std::ranges::find(choice.names, loss.name) == choice.names.end())
            choice.names.push_back(loss.name);
    return choice;
}

constexpr std::int64_t largest_32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t one_day_ms = 24 * 3600 * 1000;
constexpr std::int64_t most_users = 1 << 23;  // common/measures.hpp: so many fit into a sum

using S = Scenario;

const std::vector<Setting>& table() {
    static const std::vector<Setting> rows{
        {"title", at<&S::title>, Text{}, "", "free text for reports"},

        {"run.seed", at<&S::run, &RunSettings::seed>, Whole{0, largest_whole}, "",
         "of everything that learns: codes, cohorts"},
        {"run.rounds", at<&S::run, &RunSettings::rounds>, Whole{1, 100'000}, "", "training rounds"},
        {"run.clients", at<&S::run, &RunSettings::clients>, Whole{1, 100'000, "users"}, "",
         "client processes; \"users\" = one per user"},
        {"run.participation", at<&S::run, &RunSettings::participation>, Real{0, 1, true}, "",
         "share of the users sampled each round"},
        {"run.transport", at<&S::run, &RunSettings::transport>,
         Choice{{"tcp", "unix", "in-process"}}, "", "how clients are reached"},
        {"run.port", at<&S::run, &RunSettings::port>, Whole{0, 65'535}, "",
         "tcp: 0 = any free port"},
        {"run.deadline_ms", at<&S::run, &RunSettings::deadline_ms>, Whole{1, one_day_ms}, "ms",
         "a round closes when it has heard everyone, or after this"},
        {"run.start_deadline_ms", at<&S::run, &RunSettings::start_deadline_ms>,
         Whole{1, one_day_ms}, "ms", "all clients must be ready within this"},
        {"run.patience", at<&S::run, &RunSettings::patience>, Whole{0, 100'000}, "",
         "stop after so many evaluations without a better validation NDCG; 0 = never"},
        {"run.threads", at<&S::run, &RunSettings::threads>, Whole{1, 1'024, "auto"}, "",
         "in-process: threads that clients run on; \"auto\" = one per processor; no figure depends "
         "on it"},
        {"run.kernels", at<&S::run, &RunSettings::kernels>,
         Choice{{"auto", "baseline", "popcnt", "avx2", "avx512"}}, "",
         "instruction set of the integer kernels"},

        {"method.name", at<&S::method, &MethodSettings::name>, Text{}, "",
         "preset that the other [method] settings start from: methods/NAME.toml"},
        {"method.bits", at<&S::method, &MethodSettings::bits>, Whole{8, 256}, "bits",
         "length of a code"},
        {"method.learner", at<&S::method, &MethodSettings::learner>, one_of(client::learners()), "",
         "what a device solves for; fedhash methods lists all pieces"},
        {"method.similarity", at<&S::method, &MethodSettings::similarity>, one_of(similarities()),
         "", "how a user code and an item code make a score"},
        {"method.feedback", at<&S::method, &MethodSettings::feedback>, one_of(client::feedbacks()),
         "", "what interactions are taken to mean"},
        {"method.objective", at<&S::method, &MethodSettings::objective>, objective_names(), "",
         "what scores should achieve"},
        {"method.mix", at<&S::method, &MethodSettings::mix>, Text{}, "",
         "objective mix: its parts with their shares, as in \"square:1, bpr:0.5\""},
        {"method.regulariser", at<&S::method, &MethodSettings::regulariser>,
         one_of(client::regularisers()), "", "what a user's code should look like beyond that"},
        {"method.solver", at<&S::method, &MethodSettings::solver>, one_of(solvers()), "",
         "how a device finds its code"},
        {"method.uplink", at<&S::method, &MethodSettings::uplink>, one_of(uplinks()), "",
         "what a device says"},
        {"method.exchange", at<&S::method, &MethodSettings::exchange>, one_of(exchanges()), "",
         "how a round's words travel"},
        {"method.item_rule", at<&S::method, &MethodSettings::item_rule>,
         one_of(server::item_rules()), "", "how the server makes item codes from the sums"},
        {"method.quantiser", at<&S::method, &MethodSettings::quantiser>,
         one_of(server::quantisers(), "none"), "", "how real factors become codes at the end"},
        {"method.interaction", at<&S::method, &MethodSettings::interaction>, Whole{0, 1'000}, "",
         "weight of (b.d)^2 over all pairs"},
        {"method.weight", at<&S::method, &MethodSettings::weight>, Whole{1, 1'000}, "",
         "weight of an observed pair"},
        {"method.target", at<&S::method, &MethodSettings::target>, Real{0, 4, true}, "",
         "T: an observed pair should score T bits (n_u / mean)^-exponent"},
        {"method.target_exponent", at<&S::method, &MethodSettings::target_exponent>, Real{0, 2}, "",
         "exponent of the above"},
        {"method.group_bits", at<&S::method, &MethodSettings::group_bits>, Whole{1, 4}, "bits",
         "quantiser free: bits of a code that pick a vector together: 1, 2 or 4"},
        {"method.refit_target", at<&S::method, &MethodSettings::refit_target>, Flag{}, "",
         "fit each user's target to its code after every solve"},
        {"method.negatives", at<&S::method, &MethodSettings::negatives>, Whole{1, 1'000}, "",
         "feedback sampled: items drawn for each observed one"},
        {"method.sharpness", at<&S::method, &MethodSettings::sharpness>, Real{0.001, 1'000}, "",
         "slope of logistic and listwise losses over the range of a score"},
        {"method.passes", at<&S::method, &MethodSettings::passes>, Whole{1, 100}, "",
         "majorise-minimise passes of losses that are not square"},
        {"method.balance", at<&S::method, &MethodSettings::balance>, Real{0, 1'000}, "",
         "lambda of the balance term"},
        {"method.strength", at<&S::method, &MethodSettings::strength>, Real{0, 1'000}, "",
         "weight of other regularisers"},
        {"method.inertia", at<&S::method, &MethodSettings::inertia>, Whole{0, 100'000}, "",
         "ratings that an own-bit term counts too many, as in LightFR's code"},
        {"method.weigh_users", at<&S::method, &MethodSettings::weigh_users>, Flag{}, "",
         "gradients of a user count n_u / mean"},
        {"method.sweeps", at<&S::method, &MethodSettings::sweeps>, Whole{1, 100}, "",
         "sweeps that a solve may take"},
        {"method.search_steps", at<&S::method, &MethodSettings::search_steps>, Whole{0, 100'000},
         "", "of the search for a scaled code; ten times as many when it is measured"},
        {"method.user_bits", at<&S::method, &MethodSettings::user_bits>, Whole{1, max_user_bits},
         "bits", "learner scaled-code: of an entry of a user's code"},
        {"method.kicks", at<&S::method, &MethodSettings::kicks>, Whole{0, 1'000}, "",
         "restarts of a local search"},
        {"method.relaxation", at<&S::method, &MethodSettings::relaxation>, Real{0, 1, true}, "",
         "own-bit factor of the item step in round 1, rising to method.reluctance"},
        {"method.reluctance", at<&S::method, &MethodSettings::reluctance>, Real{1, 2}, "",
         "own-bit factor of the last rounds; 1 = plain descent, more: only bits flip that gain "
         "more, so fewer cross the network"},
        {"method.memory", at<&S::method, &MethodSettings::memory>, Real{0, 10}, "populations",
         "uploads that the server's running sums hold, when a round samples fewer; 0 = one "
         "round's"},
        {"method.box_interaction", at<&S::method, &MethodSettings::box_interaction>, Real{0, 100},
         "", "real-valued and scaled users: a0, weight of unseen pairs"},
        {"method.box_pull", at<&S::method, &MethodSettings::box_pull>, Real{0, 100}, "",
         "item rule box: concave pull at the end"},
        {"method.prior", at<&S::method, &MethodSettings::prior>, Real{0, 2}, "",
         "share of the teacher's score that an unseen pair keeps, in training"},
        {"method.user_exponent", at<&S::method, &MethodSettings::user_exponent>, Real{0, 2}, "",
         "real-valued and scaled users: a user counts (n_u / mean)^-this"},
        {"method.item_exponent", at<&S::method, &MethodSettings::item_exponent>, Real{0, 2}, "",
         "item rule box: an item counts n_i^this among unseen pairs"},
        {"method.factor_bits", at<&S::method, &MethodSettings::factor_bits>, Whole{2, 8}, "bits",
         "of an entry of a boxed code on the way down"},
        {"method.step", at<&S::method, &MethodSettings::step>, Real{0, 100}, "",
         "gradient learning: of the server's optimiser"},
        {"method.user_step", at<&S::method, &MethodSettings::user_step>, Real{0, 100}, "",
         "gradient learning: of the device's vector"},
        {"method.epochs", at<&S::method, &MethodSettings::epochs>, Whole{1, 1'000}, "",
         "gradient learning: passes over a user's items in a round"},
        {"method.sharpen_to", at<&S::method, &MethodSettings::sharpen_to>, Real{0, 1'000}, "",
         "forward relaxation: slope of tanh at the end"},
        {"method.decay", at<&S::method, &MethodSettings::decay>, Real{0, 10}, "",
         "gradient learning: weight decay"},
        {"method.norm", at<&S::method, &MethodSettings::norm>, Real{0, 100}, "",
         "gradient learning: length that decay pulls vectors to; 0 = to nothing"},
        {"method.surrogate", at<&S::method, &MethodSettings::surrogate>, Choice{{"clip", "gauss"}},
         "", "backward relaxation: slope of a sign, 1 inside [-1, 1] or the derivative of erf"},
        {"method.item_scale", at<&S::method, &MethodSettings::item_scale>, Flag{}, "",
         "backward relaxation: publish mean |q| of each item, which scales its scores"},
        {"method.distil", at<&S::method, &MethodSettings::distil>, Whole{0, 1'000}, "items",
         "gradient learning: unseen items that a teacher ranks first and that pull as well"},
        {"method.scoring_interaction", at<&S::method, &MethodSettings::scoring_interaction>,
         Real{0, 1'000}, "", "a0 of the private real vector (asymmetric scoring)"},
        {"method.scoring_prior", at<&S::method, &MethodSettings::scoring_prior>, Real{0, 2}, "",
         "kappa of the same, where there is a teacher"},
        {"method.rerank", at<&S::method, &MethodSettings::rerank>, Whole{0, 100'000}, "items",
         "also score as an index does: so many candidates by code, ranked by the real vector"},
        {"method.scoring_bits", at<&S::method, &MethodSettings::scoring_bits>, Whole{0, 8}, "bits",
         "also score with a user vector of so many bits an entry; 0 = do not"},
        {"method.bias_bits", at<&S::method, &MethodSettings::bias_bits>, Whole{0, 16}, "bits",
         "of an item's bias in scores; 0 = none"},
        {"method.bit_weight_bits", at<&S::method, &MethodSettings::bit_weight_bits>, Whole{0, 6},
         "bits", "of a bit's weight in scores; 0 = all bits weigh the same"},
        {"method.component_bits", at<&S::method, &MethodSettings::component_bits>, Whole{1, 256},
         "bits", "similarity weighted: so many consecutive bits share a weight"},
        {"method.residual_bits", at<&S::method, &MethodSettings::residual_bits>, Whole{0, 16},
         "bits", "uplink residual: of a residual that is sent, at least 2; 0 = exact"},
        {"method.top_rows", at<&S::method, &MethodSettings::top_rows>, Whole{0, 1'000'000}, "",
         "uplink real-gradient: the largest rows of a user, the rest later; 0 = all"},
        {"method.gradient_bits", at<&S::method, &MethodSettings::gradient_bits>, Whole{2, 16},
         "bits", "uplink real-gradient: of an entry, what is lost is said later"},
        {"method.teacher.rounds",
         at<&S::method, &MethodSettings::teacher, &TeacherSettings::rounds>, Whole{0, 100'000}, "",
         "first rounds that train a real-valued teacher"},
        {"method.teacher.factors",
         at<&S::method, &MethodSettings::teacher, &TeacherSettings::factors>, Whole{0, 1'024}, "",
         "width of its vectors; 0 = as many as method.bits"},
        {"method.teacher.factor_bits",
         at<&S::method, &MethodSettings::teacher, &TeacherSettings::factor_bits>, Whole{2, 16},
         "bits", "of an entry of an item's factors on the way down"},
        {"method.teacher.coded", at<&S::method, &MethodSettings::teacher, &TeacherSettings::coded>,
         Flag{}, "", "factors go down as codes and a codebook, as quantiser free makes them"},
        {"method.teacher.interaction",
         at<&S::method, &MethodSettings::teacher, &TeacherSettings::interaction>, Real{0, 100}, "",
         "a0: weight of unseen pairs"},
        {"method.teacher.ridge", at<&S::method, &MethodSettings::teacher, &TeacherSettings::ridge>,
         Real{0, 100}, "", "lambda"},

        {"data.path", at<&S::data, &DataSettings::path>, Text{}, "",
         "a folder in which known file names are found, or one file"},
        {"data.format", at<&S::data, &DataSettings::format>,
         Choice{{"auto", "movielens", "delimited", "recbole", "lightgcn", "ncf", "lightfr",
                 "synthetic"}},
         "", "how to read it"},
        {"data.train", at<&S::data, &DataSettings::train>, Text{}, "",
         "given file, relative to path or absolute; empty = by format"},
        {"data.valid", at<&S::data, &DataSettings::valid>, Text{}, "", "given file"},
        {"data.test", at<&S::data, &DataSettings::test>, Text{}, "", "given file"},
        {"data.candidates", at<&S::data, &DataSettings::candidates>, Text{}, "", "given file"},
        {"data.split", at<&S::data, &DataSettings::split>,
         Choice{{"leave-one-out", "ratio", "given"}}, "", "what is held out",
         flag<&S::data, &DataSettings::split_set>},
        {"data.test_ratio", at<&S::data, &DataSettings::test_ratio>, Real{0, 1, true, true}, "",
         "ratio split: share of each user's interactions held out for testing"},
        {"data.valid_ratio", at<&S::data, &DataSettings::valid_ratio>, Real{0, 1, false, true}, "",
         "ratio split: share of the remaining ones held out for tuning"},
        {"data.holdout_ratio", at<&S::data, &DataSettings::holdout_ratio>, Real{0, 1, false, true},
         "",
         "given split without a validation part: share of each user's training items held out for "
         "tuning"},
        {"data.order", at<&S::data, &DataSettings::order>, Choice{{"auto", "time", "random"}}, "",
         "leave-one-out takes the last by time, or a seeded random one; auto = time if there are "
         "times"},
        {"data.seed", at<&S::data, &DataSettings::seed>, Whole{0, largest_whole}, "",
         "of split, negatives and generator"},
        {"data.threshold", at<&S::data, &DataSettings::threshold>, Real{-1e6, 1e6}, "",
         "keep ratings of at least this; 0 = keep all"},
        {"data.k_core", at<&S::data, &DataSettings::k_core>, Whole{0, 1'000'000}, "",
         "drop users and items with fewer interactions, repeatedly; 0 = off"},
        {"data.max_users", at<&S::data, &DataSettings::max_users>, Whole{0, most_users}, "",
         "the first so many users; 0 = all"},
        {"data.max_items", at<&S::data, &DataSettings::max_items>, Whole{0, largest_32}, "",
         "the most popular so many items; 0 = all"},
        {"data.separator", at<&S::data, &DataSettings::separator>,
         Choice{{"auto", ",", "comma", ";", "semicolon", "\t", "tab", " ", "space", "::", "colons",
                 "|", "bar"}},
         "", "delimited: between columns"},
        {"data.header", at<&S::data, &DataSettings::header>, Choice{{"auto", "yes", "no"}}, "",
         "delimited: whether the first line names the columns"},

        {"data.columns.user", at<&S::data, &DataSettings::columns, &ColumnSettings::user>,
         Text{true}, "",
         "delimited: a header's name or a number from 1; empty = found by name or place"},
        {"data.columns.item", at<&S::data, &DataSettings::columns, &ColumnSettings::item>,
         Text{true}, "", "likewise"},
        {"data.columns.rating", at<&S::data, &DataSettings::columns, &ColumnSettings::rating>,
         Text{true}, "", "likewise; \"-\" = do not use"},
        {"data.columns.time", at<&S::data, &DataSettings::columns, &ColumnSettings::time>,
         Text{true}, "", "likewise; \"-\" = do not use"},

        {"data.synthetic.users", at<&S::data, &DataSettings::synthetic, &SyntheticSettings::users>,
         Whole{1, most_users}, "", "how many to generate"},
        {"data.synthetic.items", at<&S::data, &DataSettings::synthetic, &SyntheticSettings::items>,
         Whole{1, 10'000'000}, "", "how many to generate"},
        {"data.synthetic.popularity",
         at<&S::data, &DataSettings::synthetic, &SyntheticSettings::popularity>, Real{0, 10}, "",
         "exponent s of an item's popularity, (rank + 5)^-s"},
        {"data.synthetic.affinity",
         at<&S::data, &DataSettings::synthetic, &SyntheticSettings::affinity>, Real{0, 100}, "",
         "how strongly a planted code decides what its user picks"},

        {"eval.k", at<&S::eval, &EvalSettings::k>, Cutoffs{1, 1'000, 16}, "",
         "cut-offs of the metrics"},
        {"eval.negatives", at<&S::data, &DataSettings::negatives>, Whole{0, 1'000'000}, "",
         "sampled candidates per user; 0 = rank everything",
         flag<&S::data, &DataSettings::negatives_set>},
        {"eval.every", at<&S::eval, &EvalSettings::every>, Whole{0, 100'000}, "rounds",
         "between measurements on validation; 0 = only at the end"},
        {"eval.asymmetric", at<&S::eval, &EvalSettings::asymmetric>, Flag{}, "",
         "also score with a private real user vector"},
        {"eval.test", at<&S::eval, &EvalSettings::test>, Flag{}, "",
         "score the test part at the end; false while tuning"},
        {"eval.clean_candidates", at<&S::data, &DataSettings::clean_candidates>, Flag{}, "",
         "given candidates: drop training items, repeats and the relevant items"},

        {"baselines.enabled", at<&S::baselines, &BaselineSettings::enabled>, Flag{}, "",
         "random, popularity and iALS beside the codes"},
        {"baselines.ials_factors", at<&S::baselines, &BaselineSettings::ials_factors>,
         Whole{1, 1'024}, "", "width of the real-valued ceiling"},
        {"baselines.ials_epochs", at<&S::baselines, &BaselineSettings::ials_epochs>,
         Whole{1, 1'000}, "", "passes over users and items"},
        {"baselines.cache", at<&S::baselines, &BaselineSettings::cache>, Text{}, "",
         "folder for tuned baselines; empty = the user's cache folder"},

        {"coding.codes", at<&S::coding, &CodingSettings::codes>, one_of(wire::code_coders()), "",
         "how changes of the item codes go down"},
        {"coding.planes", at<&S::coding, &CodingSettings::planes>, one_of(wire::plane_coders()), "",
         "how changes of real-valued tables go down"},
        {"coding.sets", at<&S::coding, &CodingSettings::sets>, one_of(wire::set_coders()), "",
         "how sets of items are written"},
        {"coding.numbers", at<&S::coding, &CodingSettings::numbers>, one_of(wire::number_coders()),
         "", "how an upload's numbers are written"},
        {"coding.padding", at<&S::coding, &CodingSettings::padding>, one_of(wire::paddings()), "",
         "zeros that hide how long an upload is"},
        {"coding.padding_bytes", at<&S::coding, &CodingSettings::padding_bytes>,
         Whole{1, wire::most_padding_bytes}, "bytes",
         "padding bucket: lengths are multiples of this"},
        {"coding.rows", at<&S::coding, &CodingSettings::rows>, Choice{{"all", "own"}}, "",
         "of the tables, that go down: all, or those of items that a device names (it tells them)"},

        {"network.links", at<&S::network, &NetworkSettings::links>, Text{}, "",
         "modelled links of the users: none, fibre, lte, 4g, 3g, 2g, mixed, or a CSV file of "
         "your own"},
        {"network.spread", at<&S::network, &NetworkSettings::spread>, Real{0, 10}, "octaves",
         "rates of a user lie within so many octaves of its link's"},
        {"network.compute_ms", at<&S::network, &NetworkSettings::compute_ms>, Real{0, 1e7}, "ms",
         "modelled time of an update on a device of slowness 1"},
        {"network.devices", at<&S::network, &NetworkSettings::devices>, Text{}, "",
         "slowness and share of kinds of devices, such as \"1:3, 4:1\""},
        {"network.deadline_ms", at<&S::network, &NetworkSettings::deadline_ms>, Real{0, 1e9}, "ms",
         "modelled time after which uploads of a round do not count; 0 = never"},
        {"network.real_time", at<&S::network, &NetworkSettings::real_time>, Flag{}, "",
         "replies are held until they are modelled to arrive: rounds last so long"},

        {"availability.share", at<&S::availability, &AvailabilitySettings::share>, Real{0, 1, true},
         "", "a user is there in a round with this probability"},
        {"availability.trace", at<&S::availability, &AvailabilitySettings::trace>, Text{}, "",
         "CSV file with the columns user, from_s, to_s: when these users are there, in modelled "
         "time; others always are"},
        {"availability.period_s", at<&S::availability, &AvailabilitySettings::period_s>,
         Real{0, 1e9}, "s", "the trace repeats after this; 0 = it does not"},
        {"availability.dropout", at<&S::availability, &AvailabilitySettings::dropout>,
         Real{0, 1, false, true}, "",
         "a user that was asked takes the tables and is not heard of with this probability"},
        {"availability.over_selection", at<&S::availability, &AvailabilitySettings::over_selection>,
         Real{1, 10}, "", "so many times as many users are asked as are needed; the first count"},
        {"availability.quorum", at<&S::availability, &AvailabilitySettings::quorum>, Real{0, 1}, "",
         "share of the users needed without which a round does not count"},

        {"asynchrony.concurrency", at<&S::asynchrony, &AsynchronySettings::concurrency>,
         Whole{0, largest_32}, "users", "that work at a time; 0 = rounds are synchronous"},
        {"asynchrony.buffer", at<&S::asynchrony, &AsynchronySettings::buffer>, Whole{0, largest_32},
         "users", "arrivals that make a round; 0 = as many as work"},
        {"asynchrony.exponent", at<&S::asynchrony, &AsynchronySettings::exponent>, Real{0, 4}, "",
         "what was said s rounds ago counts (1 + s)^-exponent, in 1/16"},
        {"asynchrony.max_staleness", at<&S::asynchrony, &AsynchronySettings::max_staleness>,
         Whole{0, server::kept_versions - 2}, "rounds", "older uploads do not count"},

        {"privacy.decoys", at<&S::privacy, &PrivacySettings::decoys>, one_of(client::decoy_kinds()),
         "", "rows of items that a user does not have"},
        {"privacy.decoys_per_item", at<&S::privacy, &PrivacySettings::decoys_per_item>,
         Real{0.01, 100}, "", "so many decoys to an item that a user has"},
        {"privacy.denoise_users", at<&S::privacy, &PrivacySettings::denoise_users>,
         Whole{2, denoise::max_group}, "users",
         "exchange denoised: of so many one takes their decoys off the sum again"},
        {"privacy.pieces", at<&S::privacy, &PrivacySettings::pieces>,
         Whole{1, shuffle::most_pieces}, "pieces",
         "exchange shuffled: an upload of rows or ballots leaves the shuffler as so many"},
        {"privacy.code", at<&S::privacy, &PrivacySettings::code>,
         Choice{{"exact", "fresh", "permanent"}}, "",
         "a code's bits are said by randomised response: anew each round, or once and for all"},
        {"privacy.code_epsilon", at<&S::privacy, &PrivacySettings::code_epsilon>, Real{0.01, 20},
         "", "of a bit of the code that is said"},
        {"privacy.items", at<&S::privacy, &PrivacySettings::items>,
         Choice{{"exact", "unary", "subset"}}, "",
         "item sets are said by optimised unary encoding, once and for all, or one of their items "
         "in each round by subset selection"},
        {"privacy.items_epsilon", at<&S::privacy, &PrivacySettings::items_epsilon>, Real{0.1, 20},
         "", "of whether an item is in a user's set (unary), of a whole report (subset)"},
        {"privacy.items_per_user", at<&S::privacy, &PrivacySettings::items_per_user>,
         Whole{1, 100'000}, "items", "subset: item sets are padded or cut to so many"},
        {"privacy.ballots", at<&S::privacy, &PrivacySettings::ballots>, Whole{0, 1'000'000},
         "votes", "uplink ballots: in each upload so many, on bits of any items"},
        {"privacy.ballot_epsilon", at<&S::privacy, &PrivacySettings::ballot_epsilon>,
         Real{0.01, 20}, "", "of a ballot"},
        {"privacy.noise", at<&S::privacy, &PrivacySettings::noise>, Real{0, 1000}, "",
         "exchange secure: users add discrete Gaussian noise; its deviation in the sum, in units "
         "of what one user can change"},
        {"privacy.noise_clip", at<&S::privacy, &PrivacySettings::noise_clip>, Real{0.1, 100'000},
         "", "privacy.noise: entries of a user's rows are cut to this, in code units"},
        {"privacy.blocks", at<&S::privacy, &PrivacySettings::blocks>, Whole{0, secure::most_blocks},
         "blocks",
         "exchange secure: of the catalogue; a user sends what is in blocks that it joins; 0 = "
         "all"},
        {"privacy.block_share", at<&S::privacy, &PrivacySettings::block_share>, Real{0, 1}, "",
         "of the blocks a user joins at least, those of its items among them"},
        {"privacy.row_cap", at<&S::privacy, &PrivacySettings::row_cap>, Whole{0, largest_32},
         "items", "of a user in an upload, and no upload with more is heard; 0 = all"},
        {"privacy.contributors", at<&S::privacy, &PrivacySettings::contributors>,
         Whole{0, largest_32}, "users", "without whom in a round an item's sums are left out"},
        {"privacy.prior", at<&S::privacy, &PrivacySettings::prior>, Whole{0, 1'000'000}, "votes",
         "rules on votes: so many for the bits that an item has"},

        {"adversary.server", at<&S::adversary, &AdversarySettings::server>,
         one_of(server::server_lies()), "", "how the coordinator lies to the first client's users"},
        {"adversary.clients", at<&S::adversary, &AdversarySettings::clients>,
         one_of(client::adversary_kinds()), "", "what users upload who lie"},
        {"adversary.share", at<&S::adversary, &AdversarySettings::share>, Real{0, 1}, "",
         "of the users lie"},
        {"adversary.target_percent", at<&S::adversary, &AdversarySettings::target_percent>,
         Real{0, 100}, "", "of the items are less popular than the one that is promoted"},

        {"secure.degree", at<&S::secure, &SecureSettings::degree>, Whole{2, 254}, "users",
         "exchange secure: others that a user masks with and shares its secrets among; even"},

        {"output.dir", at<&S::output, &OutputSettings::dir>, Text{}, "",
         "run folders are made in here"},
        {"output.record", at<&S::output, &OutputSettings::record>, Flag{}, "",
         "keep every frame that was said and heard in record.bin: all uploads"},
        {"output.user_codes", at<&S::output, &OutputSettings::user_codes>, Flag{}, "",
         "keep the users' codes and metrics in the run folder"},
    };
    return rows;
}

}  // namespace

std::string_view Setting::section() const {
    const auto dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view Setting::name() const { return key.substr(key.rfind('.') + 1); }

std::span<const Setting> all_settings() { return table(); }

const Setting* find_setting(std::string_view key) {
    const auto row = std::ranges::find(table(), key, &Setting::key);
    return row == table().end() ? nullptr : &*row;
}

std::vector<std::string> sections() {
    std::vector<std::string> result;
    for (const Setting& setting : table())
        if (!setting.section().empty() && (result.empty() || result.back() != setting.section()))
            result.emplace_back(setting.section());
    return result;
}

std::vector<std::string> names_in(std::string_view section) {
    std::vector<std::string> result;
    for (const Setting& setting : table())
        if (setting.section() == section) result.emplace_back(setting.name());
    return result;
}

}  // namespace fedhash::scenarios::settings
