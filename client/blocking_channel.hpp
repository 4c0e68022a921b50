// The client's end of a connection by plain blocking system calls. A client has one connection and
// nothing else to wait for; without an event loop underneath, a round is one read and one write.
#pragma once

#include <memory>

#include "common/wire/channel.hpp"
#include "common/wire/endpoint.hpp"

namespace fedhash::client {

/// Connects. Throws NetworkError.
std::unique_ptr<wire::Channel> connect_blocking(const wire::Endpoint& endpoint,
                                                std::uint32_t patience_ms = 0);

}  // namespace fedhash::client
