// Two Channels joined in memory: the in-process transport, and the wire of tests. Frames are
// encoded, counted and checked as on a socket; only the kernel is missing.
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>
#include <utility>

#include "common/wire/channel.hpp"

namespace fedhash::wire {

/// Each end belongs to the coroutines of its executor, which must run one handler at a time (a
/// strand, or a context with one thread); the two may run at once. A context must outlive the
/// channels that belong to it.
std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> make_memory_channels(
    const asio::any_io_executor& first, const asio::any_io_executor& second);
inline std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> make_memory_channels(
    const asio::any_io_executor& both) {
    return make_memory_channels(both, both);
}

}  // namespace fedhash::wire
