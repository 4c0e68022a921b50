// Who takes part in a round: users who are there, some of whom go away in the middle of it. Pure
// functions of the seed (and of the modelled time, where a trace says when users are there), so
// that every deployment and every replay has the same ones.
#pragma once

#include <cstdint>
#include <vector>

#include "common/ids.hpp"

namespace fedhash::server {

struct Presence {
    std::uint32_t user = 0;
    std::int64_t from_ns = 0, to_ns = 0;  // there from, until before
};

struct AttendanceModel {
    double available = 1;          // a user is there in a round with this probability
    std::vector<Presence> trace;   // when users are there; those that it does not name always are
    std::int64_t period_ns = 0;    // the trace repeats; 0 = it does not
    double dropout = 0;            // a sampled user takes the tables and is not heard of again
    double over_selection = 1;     // so many times as many users are asked as are needed
    double quorum = 0;             // share of those needed without which a round does not count
    std::int64_t deadline_ns = 0;  // modelled; 0 = none
};

class Attendance {
  public:
    Attendance(const AttendanceModel& model, std::uint64_t seed, std::uint32_t users);

    /// Users to be asked in a round, ascending: `needed` times the over-selection, fewer where
    /// fewer are there.
    std::vector<UserId> cohort(std::uint32_t round, std::uint32_t needed,
                               std::int64_t now_ns) const;

    bool drops(std::uint32_t round, UserId user) const;
    bool is_there(std::uint32_t round, UserId user, std::int64_t now_ns) const;

  private:
    AttendanceModel model_;
    std::uint64_t seed_;
    std::uint32_t users_;
    std::vector<std::vector<Presence>> trace_;  // by user
};

}  // namespace fedhash::server
