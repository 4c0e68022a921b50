// What a round adds up to, over the users heard: integers only, so that order, grouping and masking
// cannot change it.
//
//   G_i = sum over raters u of item i of the uplink's row for (u, i)       n x k
//   n_i = number of raters heard                                           n
//   H   = sum over users of b_u b_u'                                        k x k, when the
//   objective asks for it
#pragma once

#include <cstdint>
#include <vector>

#include "common/codes.hpp"

namespace fedhash {

struct Aggregate {
    std::uint32_t bits = 0;
    std::uint64_t users = 0;
    std::vector<std::int64_t> rows;    // G, row-major
    std::vector<std::int64_t> counts;  // n_i
    std::vector<std::int64_t> gram;    // H, row-major

    Aggregate() = default;
    Aggregate(std::uint32_t bits_, std::size_t items)
        : bits(bits_), rows(items * bits_), counts(items), gram(std::size_t{bits_} * bits_) {}

    void merge(const Aggregate& other);
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

}  // namespace fedhash
