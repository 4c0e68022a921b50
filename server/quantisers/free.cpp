// `free`: codes with a codebook of the encoder's own choice (server/additive.hpp). A device that
// scores with a real vector can undo any map of the codes, so the map need not be orthogonal.
#include "server/additive.hpp"
#include "server/quantisers/quantisers.hpp"

namespace fedhash::server {

Quantised quantise_free(const RealModel& model, const QuantiserOptions& options) {
    AdditiveOptions additive;
    additive.bits = options.bits;
    additive.group_bits = options.group_bits;
    additive.seed = options.seed;
    Additive result = encode_additive(model, additive);
    return {std::move(result.codes), {}, std::move(result.codebook)};
}

}  // namespace fedhash::server
