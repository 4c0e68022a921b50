#include "common/wire/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "common/errors.hpp"

namespace fedhash::wire {

namespace {

constexpr int connect_attempts = 200;
constexpr int connect_pause_ms = 25;

// A full listen queue answers EAGAIN on unix sockets and may time out on TCP; both pass.
bool worth_another_try(int error) {
    return error == EAGAIN || error == ETIMEDOUT || error == EINTR;
}

// Where processes are started by hand, the coordinator may be the last.
bool nobody_there_yet(int error) {
    return error == ECONNREFUSED || error == ENOENT || error == EHOSTUNREACH ||
           error == ENETUNREACH;
}

template <class Address>
int try_connect(int family, const Address& address) {
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int try_connect(const Endpoint& endpoint) {
    if (!endpoint.tcp) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (endpoint.path.size() >= sizeof address.sun_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        std::memcpy(address.sun_path, endpoint.path.data(), endpoint.path.size());
        return try_connect(AF_UNIX, address);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr);
    const int fd = try_connect(AF_INET, address);
    const int one = 1;
    if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

}  // namespace

Endpoint parse_endpoint(std::string_view text) {
    Endpoint endpoint;
    if (text.starts_with("unix:") && text.size() > 5) {
        endpoint.tcp = false;
        endpoint.path = text.substr(5);
        return endpoint;
    }
    const std::size_t colon = text.rfind(':');
    if (text.starts_with("tcp:") && colon != std::string_view::npos && colon > 4) {
        endpoint.host = text.substr(4, colon - 4);
        const std::string_view port = text.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
        in_addr address{};
        if (error == std::errc() && end == port.data() + port.size() &&
            inet_pton(AF_INET, endpoint.host.c_str(), &address) == 1)
            return endpoint;
    }
    throw UsageError("'" + std::string(text) +
                     "' is not an endpoint; write tcp:IPV4-ADDRESS:PORT or unix:PATH");
}

std::string to_string(const Endpoint& endpoint) {
    return endpoint.tcp ? "tcp:" + endpoint.host + ":" + std::to_string(endpoint.port)
                        : "unix:" + endpoint.path;
}

int connect(const Endpoint& endpoint, std::uint32_t patience_ms) {
    const int patient_attempts = static_cast<int>(patience_ms / connect_pause_ms);
    for (int attempt = 1;; ++attempt) {
        const int fd = try_connect(endpoint);
        if (fd >= 0) return fd;
        const bool again = worth_another_try(errno)  ? attempt < connect_attempts
                           : nobody_there_yet(errno) ? attempt <= patient_attempts
                                                     : false;
        if (!again)
            throw NetworkError("cannot connect to " + to_string(endpoint) + ": " +
                               std::strerror(errno));
        poll(nullptr, 0, connect_pause_ms);
    }
}

}  // namespace fedhash::wire
