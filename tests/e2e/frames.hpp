// The wire format once more, written from its description alone: an attacker's tools.
#pragma once

#include <cstdint>
#include <string>

namespace fedhash::e2e {

using Bytes = std::string;

enum FrameType : std::uint8_t {
    hello = 1,
    welcome,
    publish,
    request,
    reply,
    evaluate,
    scores,
    goodbye
};

constexpr std::uint8_t protocol_version = 7;

/// magic "FH" | version | type | length u32 | body CRC32C u32 | CRC32C of these 12 bytes u32 |
/// body, little-endian.
struct FrameParts {
    std::uint8_t type = hello;
    Bytes body;
    std::uint8_t version = protocol_version;
    std::int64_t announced_length = -1;  // the body's own when negative
};
Bytes frame(const FrameParts& parts);

/// The body of a hello: the run token (32 bytes), then the client's number.
Bytes hello_body(const Bytes& token, std::uint32_t client);

template <class T>
Bytes little_endian(T value) {
    Bytes bytes;
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xff);
    return bytes;
}

/// Castagnoli's CRC (polynomial 0x1EDC6F41, reflected), bit by bit.
std::uint32_t crc32c(const Bytes& bytes);

/// A plain connection to tcp:HOST:PORT.
class Connection {
  public:
    explicit Connection(const std::string& endpoint);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(const Bytes& bytes);
    void stop_sending();

    /// Reads that many bytes, or fewer when the other end closes.
    Bytes receive(std::size_t count);

    /// Reads on until the other end has closed. Returns what came.
    Bytes until_closed();

  private:
    int socket_ = -1;
};

}  // namespace fedhash::e2e
