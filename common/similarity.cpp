#include "common/similarity.hpp"

#include <array>
#include <string>

#include "common/errors.hpp"

namespace fedhash {

namespace {

constexpr std::array similarity_table{
    Similarity{"hamming", 0, 0, false, "b.d: k minus twice the Hamming distance"},
    Similarity{"projected", 1, -1, false,
               "only bits that the user has set count: k - 2 popcount(b and not d), rescaled"},
    Similarity{"weighted", 0, 0, true,
               "sum of v_a b_a d_a with integer bit weights, fitted by the server"},
};

}  // namespace

std::span<const Similarity> similarities() { return similarity_table; }

const Similarity& find_similarity(std::string_view name) {
    std::string known;
    for (const Similarity& entry : similarity_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.similarity: unknown similarity '" + std::string(name) +
                     "'; known: " + known);
}

std::int32_t score(const Similarity& similarity, CodeView user, CodeView item, std::uint32_t bits,
                   std::span<const std::int16_t> weights) {
    if (weights.empty() && similarity.lift_user == 0) return dot(user, item, bits);
    std::int32_t sum = similarity.lift_user != 0 ? static_cast<std::int32_t>(bits) : 0;
    for (std::uint32_t a = 0; a < bits; ++a)
        sum += (weights.empty() ? 1 : weights[a]) * (sign(user, a) + similarity.lift_user) *
               (sign(item, a) + similarity.lift_item);
    return sum;
}

}  // namespace fedhash
