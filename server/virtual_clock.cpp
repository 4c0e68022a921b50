#include "server/virtual_clock.hpp"

#include "common/random.hpp"

namespace fedhash::server {

VirtualClock::VirtualClock(const LinkModel& model, std::uint64_t seed, std::uint32_t users)
    : seed_(seed) {
    if (model.rows.empty()) return;
    links_.reserve(users);
    for (std::uint32_t u = 0; u < users; ++u) links_.push_back(link_of(model, seed, UserId{u}));
}

std::int64_t VirtualClock::arrival_ns(std::int64_t start_ns, UserId user, std::uint32_t round,
                                      std::uint32_t step, std::size_t down_bytes,
                                      std::size_t up_bytes) const {
    if (!runs()) return start_ns;
    const Link& link = links_[index(user)];
    Stream random =
        stream(seed_, Purpose::jitter, (std::uint64_t{round} << 32) | step, index(user));
    const auto draw = [&random] { return static_cast<std::uint32_t>(random() >> 32); };
    const std::int64_t down = transfer_ns(link, Way::down, down_bytes, draw());
    const std::int64_t compute = step == 0 ? link.compute_us * 1'000 : 0;
    return start_ns + down + compute + transfer_ns(link, Way::up, up_bytes, draw());
}

}  // namespace fedhash::server
