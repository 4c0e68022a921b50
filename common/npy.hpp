// NumPy's array file, for packed codes: shape (rows, bytes), dtype uint8, C order. Bit a of a code
// is bit a % 8 (least significant first) of byte a / 8:  numpy.unpackbits(codes, axis=1,
// bitorder="little").
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fedhash {

/// Format version 1.0 (numpy.lib.format). Throws RunError naming the file.
void write_npy(const std::filesystem::path& file, std::span<const std::uint8_t> bytes,
               std::size_t rows, std::size_t columns);

}  // namespace fedhash
