#include "common/secure/words.hpp"

namespace fedhash::secure {

Key round_context(View session, std::uint32_t round, const Key& tables) {
    Bytes bytes(tables.begin(), tables.end());
    for (std::size_t b = 0; b < 4; ++b)
        bytes.push_back(static_cast<std::uint8_t>(round >> (8 * b)));
    bytes.insert(bytes.end(), session.begin(), session.end());
    return hash(bytes);
}

}  // namespace fedhash::secure
