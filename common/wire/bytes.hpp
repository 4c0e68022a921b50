// The bytes of messages, for those who hand them on: what reads and writes them is in archive.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace fedhash::wire {

using Buffer = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

/// Why bytes from a peer were refused. Counted; ends the session where it must.
class DecodeError : public std::runtime_error {
  public:
    explicit DecodeError(const char* reason) : std::runtime_error(reason) {}
};

class ByteWriter;
class ByteReader;

}  // namespace fedhash::wire
