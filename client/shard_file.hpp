// A client's shard as a file: its users' ratings, the run token, its place in the run, and who is
// who where users must know each other. Written with
// mode 0600 by `fedhash`, read by the client that it was dealt to; the coordinator never opens one.
//
//   "FDHS" | version u8 | CRC32C u32 of the rest | body (wire archive)
#pragma once

#include <filesystem>

#include "client/shard.hpp"
#include "common/secure/primitives.hpp"
#include "common/wire/messages.hpp"

namespace fedhash::client {

struct Shard {
    wire::Token token{};
    std::uint32_t client = 0;
    std::uint32_t clients = 1;
    Ranking ranking;
    std::vector<UserData> users;  // dealt as common/population.hpp says
    // Of a run under masks (Identity, secure_user.hpp); empty otherwise.
    std::vector<secure::Key> secrets;  // with which these users sign, parallel to them
    std::vector<secure::Key> known;    // by which everybody's signatures are known, by user
};

/// Throws RunError naming the file and the system's reason.
void write_shard(const std::filesystem::path& file, const Shard& shard);

/// Throws DataError for a damaged file.
Shard read_shard(const std::filesystem::path& file);

}  // namespace fedhash::client
