#include "server/attendance.hpp"

#include <algorithm>
#include <cmath>

#include "common/population.hpp"
#include "common/random.hpp"

namespace fedhash::server {

namespace {

bool happens(double probability, std::uint64_t seed, Purpose purpose, std::uint32_t round,
             UserId user) {
    if (probability <= 0) return false;
    Stream random = stream(seed, purpose, round, index(user));
    return static_cast<double>(random() >> 11) * 0x1p-53 < probability;
}

}  // namespace

Attendance::Attendance(const AttendanceModel& model, std::uint64_t seed, std::uint32_t users)
    : model_(model), seed_(seed), users_(users) {
    if (!model.trace.empty()) trace_.resize(users);
    for (const Presence& presence : model.trace)
        if (presence.user < users) trace_[presence.user].push_back(presence);
}

bool Attendance::is_there(std::uint32_t round, UserId user, std::int64_t now_ns) const {
    if (model_.available < 1 &&
        !happens(model_.available, seed_, Purpose::availability, round, user))
        return false;
    if (trace_.empty() || trace_[index(user)].empty()) return true;
    const std::int64_t time = model_.period_ns > 0 ? now_ns % model_.period_ns : now_ns;
    return std::ranges::any_of(trace_[index(user)], [time](const Presence& presence) {
        return time >= presence.from_ns && time < presence.to_ns;
    });
}

bool Attendance::drops(std::uint32_t round, UserId user) const {
    return happens(model_.dropout, seed_, Purpose::dropout, round, user);
}

std::vector<UserId> Attendance::cohort(std::uint32_t round, std::uint32_t needed,
                                       std::int64_t now_ns) const {
    std::vector<UserId> there;
    for (std::uint32_t u = 0; u < users_; ++u)
        if (is_there(round, UserId{u}, now_ns)) there.push_back(UserId{u});
    const auto asked = static_cast<std::uint32_t>(std::min<double>(
        std::floor(needed * model_.over_selection + 0.5), static_cast<double>(there.size())));
    if (asked == 0) return {};
    std::vector<UserId> chosen;
    for (const UserId place :
         sample_cohort(seed_, Round{round}, asked, static_cast<std::uint32_t>(there.size())))
        chosen.push_back(there[index(place)]);
    return chosen;
}

}  // namespace fedhash::server
