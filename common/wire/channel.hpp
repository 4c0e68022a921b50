// A connection as the protocol sees it: frames in, frames out. Sockets and the in-process pair look
// the same from here, which is what makes the in-process run an oracle for the real one.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <optional>

#include "common/wire/frame.hpp"

namespace fedhash::wire {

struct Frame {
    Type type{};
    View body;  // valid until the next receive
};

/// The largest body of each type that is legal now; absent = the type itself is not.
class Caps {
  public:
    Caps() = default;
    Caps& allow(Type type, std::size_t bytes) {
        const std::size_t capped = bytes < absolute_cap_bytes ? bytes : absolute_cap_bytes;
        caps_[static_cast<std::size_t>(type)] = static_cast<std::int64_t>(capped);
        return *this;
    }
    /// Throws DecodeError when the header announces what is not allowed.
    void check(const Header& header) const {
        const std::int64_t cap = caps_[static_cast<std::size_t>(header.type)];
        if (cap < 0) throw DecodeError("message type not expected now");
        if (std::int64_t{header.length} > cap)
            throw DecodeError("message longer than its type can be");
    }

  private:
    std::array<std::int64_t, type_count> caps_ = [] {
        std::array<std::int64_t, type_count> none{};
        none.fill(-1);
        return none;
    }();
};

/// Bytes that crossed, frames included.
struct Traffic {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// The peer is gone, or the connection broke; `what()` says how.
class Closed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Channel {
  public:
    virtual ~Channel() = default;

    /// The next frame, checked against checksums and caps. Throws DecodeError, Closed. One at a
    /// time.
    virtual asio::awaitable<Frame> receive() = 0;

    /// Queues a frame for sending; frames leave in order. A broken connection shows at the next
    /// receive.
    virtual void post(Encoded frame) = 0;

    /// Waits until everything queued has left.
    virtual asio::awaitable<void> drained() = 0;

    virtual void allow(const Caps& caps) = 0;
    virtual void close() = 0;
    virtual std::size_t queued_bytes() const = 0;

    /// Our own count, taken where bytes cross.
    virtual Traffic traffic() const = 0;
    /// The kernel's count of the same, where there is one (an accepted TCP connection).
    virtual std::optional<Traffic> kernel_traffic() const = 0;
};

}  // namespace fedhash::wire
