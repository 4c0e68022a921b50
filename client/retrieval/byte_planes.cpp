#include "client/retrieval/byte_planes.hpp"

namespace fedhash::client {

BytePlanes byte_planes(const Codes& codes) {
    BytePlanes planes{codes.bits, codes.rows, {}};
    const std::size_t bytes = planes.bytes();
    planes.lines.resize(planes.blocks() * bytes);
    for (std::size_t i = 0; i < codes.rows; ++i) {
        const CodeView code = codes.row(i);
        ByteLine* block = &planes.lines[i / block_items * bytes];
        for (std::size_t j = 0; j < bytes; ++j)
            block[j].bytes[i % block_items] =
                static_cast<std::uint8_t>(code[j / 8] >> (8 * (j % 8)));
    }
    return planes;
}

std::vector<std::uint64_t> code_of(const BytePlanes& planes, std::size_t item) {
    std::vector<std::uint64_t> code(words_for(planes.bits));
    const ByteLine* block = &planes.lines[item / block_items * planes.bytes()];
    for (std::size_t j = 0; j < planes.bytes(); ++j)
        code[j / 8] |= std::uint64_t{block[j].bytes[item % block_items]} << (8 * (j % 8));
    return code;
}

}  // namespace fedhash::client
