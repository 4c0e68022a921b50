#include "scenarios/launch/plan.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "client/objective.hpp"
#include "common/errors.hpp"
#include "common/population.hpp"
#include "common/quadratic.hpp"
#include "common/uplink.hpp"
#include "server/item_step.hpp"

namespace fedhash::scenarios {

namespace {

std::uint32_t in_units(double value, double units) {
    return static_cast<std::uint32_t>(std::lround(value * units));
}

// A share delta of the sums kept from round to round holds p / (1 - delta) populations.
double kept_share(double memory, double participation) {
    return memory > 0 ? std::max(0.0, 1 - participation / memory) : 0.0;
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
    const MethodSettings& method = scenario.method;
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
    options.patience = scenario.run.patience;
    options.deadline_ms = scenario.run.deadline_ms;
    options.start_deadline_ms = scenario.run.start_deadline_ms;
    options.transport = scenario.run.transport;
    options.port = scenario.run.port;
    options.token = token;

    Variant& variant = options.variant;
    variant.bits = method.bits;
    variant.objective = method.objective;
    variant.uplink = method.uplink;
    variant.item_rule = method.item_rule;
    variant.interaction = method.interaction;
    variant.weight = method.weight;
    variant.target_q16 = in_units(method.target, 65536);
    variant.exponent_q16 = in_units(method.target_exponent, 65536);
    variant.mean_count_q8 =
        in_units(static_cast<double>(interactions) / static_cast<double>(data.users.size()), 256);
    variant.refit_target = method.refit_target;
    variant.balance_units = in_units(method.balance, static_cast<double>(unit));
    variant.weigh_users = method.weigh_users;
    variant.sweeps = method.sweeps;
    variant.own_bit_start = in_units(method.relaxation, static_cast<double>(own_bit_unit));
    variant.memory_256 =
        std::min(255u, in_units(kept_share(method.memory, scenario.run.participation), 256));
    variant.scoring_ridge = method.scoring_ridge;

    server::check_variant(variant, options.users, options.items, options.participation);
    if (!client::find_objective(variant.objective).one_target &&
        find_uplink(variant.uplink).one_target)
        throw UsageError("method.uplink = \"" + variant.uplink +
                         "\" says one target for all of a user's items, but method.objective = \"" +
                         variant.objective + "\" has one for each; use uplink \"gradients\"");
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
