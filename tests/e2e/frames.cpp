#include "tests/e2e/frames.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace fedhash::e2e {

std::uint32_t crc32c(const Bytes& bytes) {
    std::uint32_t crc = 0xffffffff;
    for (char c : bytes) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    }
    return ~crc;
}

Bytes frame(const FrameParts& parts) {
    const auto length = parts.announced_length < 0
                            ? static_cast<std::uint32_t>(parts.body.size())
                            : static_cast<std::uint32_t>(parts.announced_length);
    Bytes header = "FH";
    header += static_cast<char>(parts.version);
    header += static_cast<char>(parts.type);
    header += little_endian(length) + little_endian(crc32c(parts.body));
    return header + little_endian(crc32c(header)) + parts.body;
}

Bytes hello_body(const Bytes& token, std::uint32_t client) { return token + little_endian(client); }

Connection::Connection(const std::string& endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    const std::string host = endpoint.substr(4, colon - 4);  // after "tcp:"
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 || inet_pton(AF_INET, host.c_str(), &where.sin_addr) != 1 ||
        connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
        throw std::runtime_error("cannot connect to " + endpoint + ": " + std::strerror(errno));
}

Connection::~Connection() {
    if (socket_ >= 0) close(socket_);
}

void Connection::send(const Bytes& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return;  // thrown out already; until_closed sees it
        sent += static_cast<std::size_t>(n);
    }
}

void Connection::stop_sending() { shutdown(socket_, SHUT_WR); }

Bytes Connection::receive(std::size_t count) {
    Bytes all;
    std::array<char, 4096> chunk{};
    while (all.size() < count) {
        const ssize_t n =
            recv(socket_, chunk.data(), std::min(chunk.size(), count - all.size()), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;  // closed, or reset
        all.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return all;
}

Bytes Connection::until_closed() { return receive(Bytes::npos); }

}  // namespace fedhash::e2e
