#include "common/aggregate.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

namespace fedhash {

void Aggregate::merge(const Aggregate& other) {
    assert(shape == other.shape);
    users += other.users;
    const auto add = [](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
        std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>());
    };
    add(rows, other.rows);
    add(counts, other.counts);
    add(weights, other.weights);
    add(vectors, other.vectors);
    add(gram, other.gram);
    add(cross, other.cross);
    add(second, other.second);
}

void Aggregate::scale(std::int64_t numerator, std::int64_t denominator) {
    const auto scaled = [=](std::int64_t value) {
        const std::int64_t product = value * numerator, half = denominator / 2;
        return (product + (product < 0 ? -half : half)) / denominator;
    };
    users = static_cast<std::uint64_t>(scaled(static_cast<std::int64_t>(users)));
    for (std::vector<std::int64_t>* values :
         {&rows, &counts, &weights, &vectors, &gram, &cross, &second})
        for (std::int64_t& value : *values) value = scaled(value);
}

}  // namespace fedhash
