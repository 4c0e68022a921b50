#include "server/options.hpp"

#include <nlohmann/json.hpp>

#include "common/errors.hpp"

namespace fedhash {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TeacherVariant, rounds, factors, factor_bits, interaction, ridge)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MixShare, objective, share_q8)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Variant, bits, learner, similarity, feedback, objective, mix,
                                   regulariser, solver, uplink, exchange, item_rule, quantiser,
                                   teacher, interaction, weight, target_q16, exponent_q16,
                                   mean_count_q8, refit_target, negatives, sharpness_q16, passes,
                                   balance_units, strength_units, inertia, weigh_users, sweeps,
                                   kicks, own_bit_start, memory_256, box_interaction, box_pull,
                                   prior, user_exponent_q16, item_exponent, factor_bits, step,
                                   user_step, epochs, sharpen_to, decay, scoring_interaction,
                                   scoring_prior, scoring_bits, bias_bits, bit_weight_bits,
                                   component_bits)

namespace server {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Options, users, items, clients, seed, rounds, participation,
                                   variant, kernels, cutoffs, evaluate_every, has_validation,
                                   asymmetric, test, patience, deadline_ms, start_deadline_ms,
                                   transport, port, socket_path, run_folder, token, lost)

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
