// Untargeted poisoning: every item of the user moves away from it and those like it.
#include "client/adversaries/adversaries.hpp"
#include "common/bits.hpp"

namespace fedhash::client {

void say_the_opposite(const Lie& lie, Said& said, Workspace& work) {
    std::vector<std::uint64_t> code(said.code.begin(), said.code.end());
    for (std::uint32_t a = 0; a < lie.variant.bits; ++a) flip(code, a);
    work.said_code = std::move(code);
    said.code = work.said_code;
}

}  // namespace fedhash::client
