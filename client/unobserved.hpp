// Items that a user has not interacted with, drawn by its device.
#pragma once

#include <cstdint>
#include <vector>

#include "client/shard.hpp"
#include "common/random.hpp"

namespace fedhash::client {

/// `wanted` of them, or all there are, each as likely; ascending.
std::vector<std::uint32_t> draw_unobserved(const UserData& user, std::uint32_t catalogue,
                                           std::size_t wanted, Stream random);

/// The same, an item the likelier the more popular it is: as 2^ranking.popularity.
std::vector<std::uint32_t> draw_popular(const UserData& user, const Ranking& ranking,
                                        std::size_t wanted, Stream random);

}  // namespace fedhash::client
