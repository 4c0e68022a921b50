// Where a coordinator listens: "tcp:127.0.0.1:4711" or "unix:/path/to.sock".
#pragma once

#include <asio/io_context.hpp>
#include <string>
#include <string_view>

#include "common/wire/socket_channel.hpp"

namespace fedhash::wire {

struct Endpoint {
    bool tcp = true;
    std::string host;  // an address, not a name
    std::uint16_t port = 0;
    std::string path;
};

/// Throws UsageError.
Endpoint parse_endpoint(std::string_view text);
std::string to_string(const Endpoint& endpoint);

/// Connects, and tries again for a while where the listener's queue is full. Throws NetworkError.
Socket connect(asio::io_context& io, const Endpoint& endpoint);

}  // namespace fedhash::wire
