// A free rider (Lin, Du, Liu, arXiv 1911.12560) wants the model and does not work for it. Its item
// set costs it nothing; a code takes work, so it says one by chance.
#include "client/adversaries/adversaries.hpp"
#include "common/bits.hpp"
#include "common/random.hpp"

namespace fedhash::client {

void ride_free(const Lie& lie, Said& said, Workspace& work) {
    Stream random = stream(lie.seed, Purpose::adversary, index(lie.user), lie.round);
    std::vector<std::uint64_t> code(words_for(lie.variant.bits));
    for (std::uint32_t a = 0; a < lie.variant.bits; ++a)
        if ((random() >> 63) != 0) flip(code, a);
    work.said_code = std::move(code);
    said.code = work.said_code;
}

}  // namespace fedhash::client
