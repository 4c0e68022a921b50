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

}  // namespace fedhash
