// From settings and data to what the programs are told: the coordinator's options and every
// client's shard.
#pragma once

#include "client/shard_file.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/settings/scenario.hpp"
#include "server/options.hpp"
#include "shuffler/key_file.hpp"

namespace fedhash::scenarios {

/// A run token: 32 bytes from the system's random source.
wire::Token fresh_token();

/// Number of client processes: run.clients, or one per user; never more than users.
std::uint32_t client_count(const RunSettings& run, std::size_t users);

/// The method's pieces and options, for data of so many users and interactions.
Variant variant_of(const Scenario& scenario, std::size_t interactions, std::size_t users);

/// Throws UsageError where pieces of the method do not fit each other.
server::Options plan(const Scenario& scenario, const Prepared& data, const wire::Token& token);

/// Who is who, where users must know each other, or a shuffler: secrets by user, from the system's
/// random source. Empty where nobody seals or signs.
struct Identities {
    std::vector<secure::Key> secrets, known;  // known: by user; or of the shuffler alone
    std::optional<secure::Key> shuffler;      // its secret
};
Identities identities_for(const server::Options& options);

/// What the shuffler of an exchange that has one starts with.
shuffler::KeyFile shuffler_keys(const server::Options& options, const Identities& identities);

/// The users of one client, with everything its device needs.
client::Shard deal(const Prepared& data, std::uint32_t client, const server::Options& options,
                   const Identities& identities);

}  // namespace fedhash::scenarios
