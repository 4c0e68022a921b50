// An end of a connection by plain blocking system calls. A client, or a shuffler, has one
// connection and nothing else to wait for; without an event loop underneath, a round is one read
// and one write.
#pragma once

#include <memory>

#include "common/wire/channel.hpp"
#include "common/wire/endpoint.hpp"

namespace fedhash::wire {

/// Of --wait. Throws UsageError for more than a day, or less than nothing.
std::uint32_t patience_ms(std::int64_t wait_s);

/// Connects. Throws NetworkError.
std::unique_ptr<Channel> connect_blocking(const Endpoint& endpoint, std::uint32_t patience_ms = 0);

}  // namespace fedhash::wire
