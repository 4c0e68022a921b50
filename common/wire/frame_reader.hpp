// Puts frames together from bytes as they come, in whatever pieces.
#pragma once

#include <optional>

#include "common/wire/channel.hpp"

namespace fedhash::wire {

class FrameReader {
  public:
    void allow(const Caps& caps) { caps_ = caps; }

    /// The next whole frame, checked against checksums and caps; its body is valid until `room` is
    /// called. Nothing when more bytes are needed. Throws DecodeError.
    std::optional<Frame> next();

    /// Where to put the bytes that come next. Grows only to what a checked header has announced.
    std::span<std::uint8_t> room();
    void filled(std::size_t bytes) { end_ += bytes; }

  private:
    static constexpr std::size_t first_bytes = 4096;

    Caps caps_;
    std::optional<Header> header_;  // of the frame under way, once it was checked
    Buffer buffer_ = Buffer(first_bytes);
    std::size_t begin_ = 0, end_ = 0;  // unread bytes
};

}  // namespace fedhash::wire
