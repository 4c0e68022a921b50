// The shuffler's side of the protocol, from hello to goodbye, over any channel.
#pragma once

#include <memory>

#include "common/wire/channel.hpp"
#include "shuffler/key_file.hpp"

namespace fedhash::shuffler {

/// Runs until goodbye. Throws Closed or DecodeError.
asio::awaitable<void> run_session(std::unique_ptr<wire::Channel> channel, KeyFile keys);

}  // namespace fedhash::shuffler
