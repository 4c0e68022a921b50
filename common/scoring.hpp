// The ways of scoring a user's items, reported apart.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/variant.hpp"

namespace fedhash {

enum class Scoring : std::uint8_t {
    codes,     // b_u.d_i: what a device with a code and nothing else can do
    vector,    // x_u.d_i with a private real vector that never leaves the device
    planes,    // the same vector rounded to a few bits, scored by popcounts alone
    newcomer,  // the real vector of a device that was not there when the teacher was trained
    factors,   // x_u.y_i on published real factors: no codes involved
    rerank,    // candidates of all items by Hamming distance, in the order of the real vector, and
               // the rest below them by code: what a device with a code index does (CIGAR)
};
constexpr std::size_t max_scorings = 6;

/// "codes", "vector", "planes", "newcomer", "factors", "rerank".
std::string_view name(Scoring scoring);

/// What a run of this variant can report, in the order of every table. The first that has figures
/// is the headline.
std::vector<Scoring> scorings(const Variant& variant, bool asymmetric);

/// Whether item codes come out at the end.
bool makes_codes(const Variant& variant);

}  // namespace fedhash
