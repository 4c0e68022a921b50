#include "scenarios/data/code_file.hpp"

#include <fmt/format.h>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "scenarios/data/npy_reader.hpp"

namespace fedhash::scenarios {

CodeFile read_codes(const std::filesystem::path& file, std::uint32_t bits) {
    const NpyMatrix packed = read_npy(file, "|u1", "uint8", 1);
    const std::size_t size = bits == 0 ? packed.columns : bytes_for(bits);
    if (size == 0 || size > max_bits / 8 || packed.columns % size != 0)
        throw DataError(fmt::format(
            "{}: rows of {} bytes; expected codes of {}", file.string(), packed.columns,
            bits == 0 ? "1 to 32 bytes" : fmt::format("{} bits, {} bytes", bits, size)));
    const std::size_t planes = packed.columns / size;
    CodeFile read{
        Codes(bits == 0 ? static_cast<std::uint32_t>(8 * size) : bits, packed.rows * planes),
        planes};
    unpack(packed.bytes, read.codes);
    return read;
}

}  // namespace fedhash::scenarios
