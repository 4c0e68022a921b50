// Which users a client hosts, and which users a round samples: pure functions that both sides and a
// replay agree on.
#pragma once

#include <cstdint>
#include <vector>

#include "common/ids.hpp"

namespace fedhash {

/// Users are dealt like cards: user u lives at client u mod clients.
constexpr std::uint32_t client_of(UserId user, std::uint32_t clients) {
    return static_cast<std::uint32_t>(user) % clients;
}
/// Number of users of one client.
constexpr std::uint32_t users_of(std::uint32_t client, std::uint32_t clients, std::uint32_t users) {
    return users / clients + (client < users % clients ? 1 : 0);
}
/// The user at a position among a client's own, and back.
constexpr UserId hosted_user(std::uint32_t client, std::uint32_t clients, std::uint32_t position) {
    return static_cast<UserId>(client + position * clients);
}
constexpr std::uint32_t position_of(UserId user, std::uint32_t clients) {
    return static_cast<std::uint32_t>(user) / clients;
}

/// Participation as a number of users, at least one: floor(p * users + 1/2).
std::uint32_t cohort_size(double participation, std::uint32_t users);

/// The users of one round, ascending, drawn without replacement (all of them when size = users).
std::vector<UserId> sample_cohort(std::uint64_t seed, Round round, std::uint32_t size,
                                  std::uint32_t users);

}  // namespace fedhash
