#include "server/options.hpp"

#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "common/wire/coders.hpp"

namespace fedhash {

// A variant travels as it does to clients, so that there is one list of its fields.
void to_json(nlohmann::json& json, const Variant& variant) { json = wire::encode(variant); }
void from_json(const nlohmann::json& json, Variant& variant) {
    variant = wire::decode<Variant>(json.get<wire::Buffer>());
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LinkRow, down_bps, up_bps, latency_us, jitter_us, loss_ppm,
                                   share)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DeviceClass, slowness_q8, share)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LinkModel, rows, spread_q8, compute_us, devices, real_time)

namespace server {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Presence, user, from_ns, to_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AttendanceModel, available, trace, period_ns, dropout,
                                   over_selection, quorum, deadline_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AsynchronyModel, concurrency, buffer, exponent_q16,
                                   max_staleness)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Options, users, items, clients, seed, rounds, participation,
                                   variant, kernels, cutoffs, evaluate_every, has_validation,
                                   asymmetric, test, patience, deadline_ms, start_deadline_ms,
                                   transport, address, port, socket_path, run_folder, record, links,
                                   attendance, asynchrony, secure_degree, lie, token,
                                   shuffler_token, lost)

std::string to_text(const Options& options) { return nlohmann::json(options).dump(); }

Options options_from_text(const std::string& text) {
    try {
        const auto options = nlohmann::json::parse(text).get<Options>();
        wire::check_coding(options.variant.coding);
        return options;
    } catch (const std::exception& error) {  // of JSON, or of the variant inside
        throw UsageError(std::string("the coordinator's options are not what fedhash writes: ") +
                         error.what());
    }
}

}  // namespace server
}  // namespace fedhash
