// Signed numbers, one for each listed item: residuals, goals, pulls. Both sides know how many there
// are and by which coder they are written (Coding::numbers).
#pragma once

#include <cstdint>
#include <span>

#include "common/wire/bytes.hpp"

namespace fedhash::wire {

/// Small signed numbers as small unsigned ones.
constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

struct NumberCoder {
    const char* name;
    void (*write)(ByteWriter& to, std::span<const std::int64_t> numbers);
    /// Throws DecodeError; what it reads is within +-most.
    void (*read)(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers);
    const char* about;
};

/// The first is the default.
std::span<const NumberCoder> number_coders();

/// |numbers| < 2^47.
void write_numbers(ByteWriter& to, std::span<const std::int64_t> numbers);
/// Throws DecodeError for one beyond +-most.
void read_numbers(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers);

/// An upper bound on what write_numbers appends for so many.
constexpr std::size_t max_numbers_bytes(std::size_t count) { return 16 + 10 * count; }

}  // namespace fedhash::wire
