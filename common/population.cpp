#include "common/population.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cassert>
#include <cmath>
#include <numeric>

#include "common/random.hpp"

namespace fedhash {

std::uint32_t cohort_size(double participation, std::uint32_t users) {
    assert(participation > 0 && participation <= 1);
    const auto size = static_cast<std::uint32_t>(std::floor(participation * users + 0.5));
    return std::clamp<std::uint32_t>(size, 1, users);
}

std::vector<UserId> sample_cohort(std::uint64_t seed, Round round, std::uint32_t size,
                                  std::uint32_t users) {
    assert(size >= 1 && size <= users);
    std::vector<std::uint32_t> ids(users);
    std::iota(ids.begin(), ids.end(), 0);
    if (size < users) {  // the first `size` steps of a Fisher-Yates shuffle
        Stream random = stream(seed, Purpose::cohort, number(round));
        for (std::uint32_t i = 0; i < size; ++i) {
            boost::random::uniform_int_distribution<std::uint32_t> pick(i, users - 1);
            std::swap(ids[i], ids[pick(random)]);
        }
        std::sort(ids.begin(), ids.begin() + size);
    }
    std::vector<UserId> cohort(size);
    for (std::uint32_t i = 0; i < size; ++i) cohort[i] = static_cast<UserId>(ids[i]);
    return cohort;
}

}  // namespace fedhash
