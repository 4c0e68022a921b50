#include "server/options.hpp"

#include <nlohmann/json.hpp>

#include "common/errors.hpp"

namespace fedhash {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Variant, bits, objective, uplink, item_rule, interaction, weight,
                                   target_q16, exponent_q16, mean_count_q8, refit_target,
                                   balance_units, weigh_users, sweeps, own_bit_start, memory_256,
                                   scoring_ridge)

namespace server {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Options, users, items, clients, seed, rounds, participation,
                                   variant, kernels, cutoffs, evaluate_every, has_validation,
                                   asymmetric, patience, deadline_ms, start_deadline_ms, transport,
                                   port, socket_path, run_folder, token, lost)

std::string to_text(const Options& options) { return nlohmann::json(options).dump(); }

Options options_from_text(const std::string& text) {
    try {
        return nlohmann::json::parse(text).get<Options>();
    } catch (const nlohmann::json::exception& error) {
        throw UsageError(std::string("the coordinator's options are not what fedhash writes: ") +
                         error.what());
    }
}

}  // namespace server
}  // namespace fedhash
