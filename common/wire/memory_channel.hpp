// Two Channels joined in memory: the in-process transport, and the wire of tests. Frames are
// encoded, counted and checked as on a socket; only the kernel is missing.
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>
#include <utility>

#include "common/wire/channel.hpp"

namespace fedhash::wire {

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> make_memory_channels(
    asio::any_io_executor executor);

}  // namespace fedhash::wire
