// The coordinator's side of asynchronous aggregation (server/asynchrony.hpp).
#pragma once

#include <set>

#include "server/attendance.hpp"
#include "server/exchange.hpp"

namespace fedhash::server {

class Asynchronous {
  public:
    Asynchronous(Exchange& exchange, const Attendance& attendance);

    /// Until so many uploads arrived as make a round. What was said on the newest tables is in
    /// `sum`, what was said on earlier ones in `stale`.
    asio::awaitable<Heard> round(std::uint32_t round);

    /// Users that began since the last call, those who will not be heard of included.
    std::uint32_t take_begun() { return std::exchange(begun_, 0); }

  private:
    struct Working {
        std::int64_t arrival_ns = 0;
        UserId user{};
        std::uint32_t version = 0;
        wire::Buffer body;
        friend bool operator<(const Working& a, const Working& b) {
            return a.arrival_ns != b.arrival_ns ? a.arrival_ns < b.arrival_ns
                                                : index(a.user) < index(b.user);
        }
    };

    asio::awaitable<void> begin(std::size_t count, std::uint32_t round, Heard& heard);
    std::vector<UserId> next_users(std::size_t count, std::uint32_t round, Heard& heard);
    void count(const Working& upload, Heard& heard);

    Exchange& exchange_;
    const Attendance& attendance_;
    std::set<Working> working_;
    std::vector<bool> busy_;            // by user
    std::vector<std::uint32_t> began_;  // by user: on this version, last
    Stream order_;
    std::uint32_t begun_ = 0;
};

}  // namespace fedhash::server
