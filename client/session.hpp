// The client's side of the protocol, from hello to goodbye, over any channel.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "client/shard_file.hpp"
#include "common/wire/channel.hpp"

namespace fedhash::client {

struct SessionOptions {
    /// Where to leave the users' codes and metrics at the end; empty = nowhere.
    std::filesystem::path private_folder;
    /// Called when a user's learning is about to start in a round: tests hold a client here to kill
    /// it at a known point.
    std::function<void(std::uint32_t round)> before_learning;
    /// Hears what users have to tell their owners (Device::take_notes).
    std::function<void(const std::string& note)> tell_owner;
};

/// Runs until goodbye. Throws Closed, DecodeError, or what writing the codes throws.
asio::awaitable<void> run_session(std::unique_ptr<wire::Channel> channel, Shard shard,
                                  SessionOptions options);

}  // namespace fedhash::client
