// `explicit`: observed ratings only, as in LightFR (TOIS 41(4), 2023) and DCF (SIGIR 2016). A
// rating r in [0, 1] is mapped to the range of a score:   R_ui = 2 k r - k .
#include <cmath>

#include "client/objectives/objectives.hpp"

namespace fedhash::client {

namespace {

void targets(const UserData& user, const Variant& variant, std::int64_t,
             std::span<std::int32_t> out) {
    const double range = 2.0 * variant.bits * static_cast<double>(unit);
    for (std::size_t j = 0; j < user.train.size(); ++j)
        out[j] = static_cast<std::int32_t>(
            std::lround(range * static_cast<double>(user.train[j].value) - range / 2));
}

}  // namespace

const Objective explicit_objective{"explicit", targets, false,
                                   "observed ratings, mapped to [-k, k]"};

}  // namespace fedhash::client
