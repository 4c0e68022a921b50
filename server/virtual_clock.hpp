// The modelled time of a run: what each round would have taken on its users' links
// (common/links.hpp), from the bytes that really were sent. It decides nothing but what it is asked
// to: who is late for a modelled deadline, and who is among the first so many.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/links.hpp"

namespace fedhash::server {

class VirtualClock {
  public:
    VirtualClock(const LinkModel& model, std::uint64_t seed, std::uint32_t users);

    /// Without links all times are 0.
    bool runs() const { return !links_.empty(); }

    std::int64_t now_ns() const { return now_ns_; }
    void advance_to(std::int64_t time_ns) { now_ns_ = std::max(now_ns_, time_ns); }

    /// When an upload of so many bytes arrives from a user that is sent `down_bytes` at `start_ns`.
    /// `step`: of an exchange with several questions; only the first is computed for.
    std::int64_t arrival_ns(std::int64_t start_ns, UserId user, std::uint32_t round,
                            std::uint32_t step, std::size_t down_bytes, std::size_t up_bytes) const;

  private:
    std::uint64_t seed_;
    std::vector<Link> links_;  // by user
    std::int64_t now_ns_ = 0;
};

}  // namespace fedhash::server
