// What a round adds up to, over the users heard: integers only, so that order, grouping and masking
// cannot change it. Which parts are used, and their units, belong to the uplink.
//
//   G_i = sum over users u that list item i of the uplink's row for (u, i)        n x k
//   n_i = number of users that list item i                                        n
//   W_i = sum over them of the curvature of their loss in (u, i)                   n
//   X   = sum over users of x_u                                                   k
//   H   = sum over users of x_u x_u'                                              k x k
//   K   = sum over users of x_u t_u', t_u the user's teacher vector               k x q
//   S_i = sum over users that list i of W_ui x_u x_u'                             n x k(k+1)/2
//         (upper triangle, row by row)
#pragma once

#include <cstdint>
#include <vector>

#include "common/codes.hpp"

namespace fedhash {

struct AggregateShape {
    std::uint32_t width = 0;  // k: of a row
    std::size_t items = 0;
    std::uint32_t cross = 0;  // q, 0 = no K
    bool second = false;      // S is kept
    int fraction = 0;         // all of it in units of 2^-fraction
    friend bool operator==(const AggregateShape&, const AggregateShape&) = default;
};

struct Aggregate {
    AggregateShape shape;
    std::uint64_t users = 0;
    std::vector<std::int64_t> rows;     // G, row-major
    std::vector<std::int64_t> counts;   // n_i
    std::vector<std::int64_t> weights;  // W_i
    std::vector<std::int64_t> vectors;  // X
    std::vector<std::int64_t> gram;     // H, row-major
    std::vector<std::int64_t> cross;    // K, row-major
    std::vector<std::int64_t> second;   // S, row-major

    Aggregate() = default;
    explicit Aggregate(const AggregateShape& shape_)
        : shape(shape_),
          rows(shape_.items * shape_.width),
          counts(shape_.items),
          weights(shape_.items),
          vectors(shape_.width),
          gram(std::size_t{shape_.width} * shape_.width),
          cross(std::size_t{shape_.width} * shape_.cross),
          second(shape_.second ? shape_.items * triangle(shape_.width) : 0) {}

    static constexpr std::size_t triangle(std::uint32_t width) {
        return std::size_t{width} * (width + 1) / 2;
    }

    void merge(const Aggregate& other);
    /// All of it times numerator / denominator, rounded to the nearest, halves away from zero.
    void scale(std::int64_t numerator, std::int64_t denominator);
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

}  // namespace fedhash
