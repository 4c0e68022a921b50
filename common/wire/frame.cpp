#include "common/wire/frame.hpp"

#include <array>
#include <cassert>
#include <cstring>

#include "common/kernels/kernels.hpp"

namespace fedhash::wire {

namespace {

constexpr std::array<std::uint8_t, 2> magic{'F', 'H'};

template <class T>
void put(std::uint8_t* to, T value) {
    std::memcpy(to, &value, sizeof value);
}
template <class T>
T get(const std::uint8_t* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

}  // namespace

const char* name(Type type) {
    constexpr std::array names{"none",  "hello",    "welcome", "publish", "request",
                               "reply", "evaluate", "scores",  "goodbye", "needs",
                               "rows",  "mix",      "mixed"};
    static_assert(names.size() == type_count);
    const auto i = static_cast<std::size_t>(type);
    return names[i < names.size() ? i : 0];
}

Encoded frame(Type type, View body) {
    assert(body.size() <= absolute_cap_bytes);
    auto bytes = std::make_shared<Buffer>(header_bytes + body.size());
    std::uint8_t* header = bytes->data();
    header[0] = magic[0];
    header[1] = magic[1];
    header[2] = protocol_version;
    header[3] = static_cast<std::uint8_t>(type);
    put(header + 4, static_cast<std::uint32_t>(body.size()));
    put(header + 8, kernels().crc32c(0, body.data(), body.size()));
    put(header + 12, kernels().crc32c(0, header, 12));
    if (!body.empty()) std::memcpy(header + header_bytes, body.data(), body.size());
    return bytes;
}

Header read_header(std::span<const std::uint8_t, header_bytes> bytes) {
    if (bytes[0] != magic[0] || bytes[1] != magic[1]) throw DecodeError("bad magic");
    if (get<std::uint32_t>(&bytes[12]) != kernels().crc32c(0, bytes.data(), 12))
        throw DecodeError("bad header checksum");
    if (bytes[2] != protocol_version) throw DecodeError("unknown protocol version");
    if (bytes[3] == 0 || bytes[3] >= type_count) throw DecodeError("unknown message type");
    return {static_cast<Type>(bytes[3]), get<std::uint32_t>(&bytes[4]),
            get<std::uint32_t>(&bytes[8])};
}

void check_body(const Header& header, View body) {
    assert(body.size() == header.length);
    if (kernels().crc32c(0, body.data(), body.size()) != header.body_crc)
        throw DecodeError("bad body checksum");
}

}  // namespace fedhash::wire
