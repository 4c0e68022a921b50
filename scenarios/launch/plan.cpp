#include "scenarios/launch/plan.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "client/objective.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/quadratic.hpp"
#include "scenarios/launch/adversary.hpp"
#include "scenarios/launch/exchanges.hpp"
#include "scenarios/launch/network.hpp"
#include "scenarios/launch/privacy.hpp"
#include "scenarios/launch/refusals.hpp"
#include "server/item_step.hpp"

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

}  // namespace

Variant variant_of(const Scenario& scenario, std::size_t interactions, std::size_t users) {
    const MethodSettings& method = scenario.method;
    Variant variant;
    variant.bits = method.bits;
    variant.learner = method.learner;
    variant.similarity = method.similarity;
    variant.feedback = method.feedback;
    variant.objective = method.objective;
    if (method.objective == "mix") variant.mix = client::parse_mix(method.mix);
    variant.regulariser = method.regulariser;
    variant.solver = method.solver;
    variant.uplink = method.uplink;
    variant.exchange = method.exchange;
    variant.item_rule = method.item_rule;
    variant.quantiser = method.quantiser;
    variant.teacher = {method.teacher.rounds,      teacher_factors(method),
                       method.teacher.factor_bits, method.teacher.coded,
                       method.teacher.interaction, method.teacher.ridge};
    if (variant.learner == "teacher") variant.teacher.rounds = scenario.run.rounds;
    const CodingSettings& coding = scenario.coding;
    variant.coding = {coding.codes,   coding.planes,        coding.sets, coding.numbers,
                      coding.padding, coding.padding_bytes, coding.rows};
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
    variant.own_bit_end = in_units(method.reluctance, static_cast<double>(own_bit_unit));
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
    variant.scoring_prior = method.scoring_prior;
    variant.scoring_bits = method.scoring_bits;
    variant.bias_bits = method.bias_bits;
    variant.bit_weight_bits = method.bit_weight_bits;
    variant.component_bits = method.component_bits;
    variant.residual_bits = method.residual_bits;
    variant.top_rows = method.top_rows;
    variant.gradient_bits = method.gradient_bits;
    return variant;
}

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
    options.shuffler_token = fresh_token();
    options.record = scenario.output.record;

    options.variant = variant_of(scenario, interactions, data.users.size());
    options.variant.privacy = privacy_variant(scenario.privacy, options.items,
                                              cohort_size(options.participation, options.users));
    if (!find_exchange(options.variant.exchange).shuffled) options.variant.privacy.pieces = 1;
    options.variant.adversary = adversary_variant(scenario.adversary, data);
    check_pieces(options.variant, options.rounds, options.items);
    options.links = link_model(scenario.network);
    options.attendance = attendance_model(scenario, data);
    options.asynchrony = asynchrony_model(scenario.asynchrony);
    options.secure_degree = scenario.secure.degree;
    options.lie = scenario.adversary.server;
    check_models(options);
    check_exchange(options);
    check_privacy(options);
    check_adversaries(options);
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

Identities identities_for(const server::Options& options) {
    const ExchangeEntry& exchange = find_exchange(options.variant.exchange);
    Identities identities;
    if (!exchange.known && !exchange.shuffled) return identities;
    for (std::uint32_t u = 0; u < options.users; ++u) {
        identities.secrets.push_back(secure::fresh_key());
        if (exchange.known)
            identities.known.push_back(secure::signing_key(identities.secrets.back()));
    }
    if (exchange.shuffled) {
        identities.shuffler = secure::fresh_key();
        identities.known.push_back(secure::signing_key(*identities.shuffler));
    }
    return identities;
}

shuffler::KeyFile shuffler_keys(const server::Options& options, const Identities& identities) {
    return {options.shuffler_token, options.clients, *identities.shuffler};
}

client::Shard deal(const Prepared& data, std::uint32_t client, const server::Options& options,
                   const Identities& identities) {
    client::Shard shard{options.token,   client, options.clients, data.ranking, {}, {},
                        identities.known};
    const auto users = static_cast<std::uint32_t>(data.users.size());
    const std::uint32_t count = users_of(client, options.clients, users);
    shard.users.reserve(count);
    for (std::uint32_t j = 0; j < count; ++j) {
        const std::size_t user = index(hosted_user(client, options.clients, j));
        shard.users.push_back(data.users[user]);
        if (!identities.secrets.empty()) shard.secrets.push_back(identities.secrets[user]);
    }
    return shard;
}

}  // namespace fedhash::scenarios
