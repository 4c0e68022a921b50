// Where a coordinator listens: "tcp:127.0.0.1:4711" or "unix:/path/to.sock".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

/// A connected, blocking socket, which the caller owns. Tries again for a while where the
/// listener's queue is full, and for `patience_ms` where nobody listens yet or no way leads there.
/// Throws NetworkError.
int connect(const Endpoint& endpoint, std::uint32_t patience_ms = 0);

}  // namespace fedhash::wire
