// NumPy's array file (format version 1.0), C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fedhash {

/// Packed codes: shape (rows, bytes), dtype uint8. Bit a of a code is bit a % 8 (least significant
/// first) of byte a / 8:  numpy.unpackbits(codes, axis=1, bitorder="little"). Throws RunError
/// naming the file.
void write_npy(const std::filesystem::path& file, std::span<const std::uint8_t> bytes,
               std::size_t rows, std::size_t columns);

/// Shape (rows, columns), dtype float32.
void write_npy(const std::filesystem::path& file, std::span<const float> values, std::size_t rows,
               std::size_t columns);

}  // namespace fedhash
