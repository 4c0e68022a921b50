// Bytes, as they were handed to or taken from connections: by direction and message type, payload
// and framing apart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/ids.hpp"
#include "common/wire/frame.hpp"

namespace fedhash::server {

enum class Direction : std::uint8_t { down, up };

/// Why a frame was sent: to train, to measure, or to begin and end the run.
enum class Account : std::uint8_t { training, evaluation, control };

struct Count {
    std::uint64_t frames = 0;
    std::uint64_t payload = 0;  // bytes of bodies
    std::uint64_t bytes() const { return payload + frames * wire::header_bytes; }
    Count& operator+=(const Count& other) {
        frames += other.frames;
        payload += other.payload;
        return *this;
    }
};

struct RoundBytes {
    std::array<std::array<Count, wire::type_count>, 2> training{};  // [direction][type]
    Count evaluation_down, evaluation_up, control_down, control_up;

    Count total(Direction direction) const;
    RoundBytes& operator+=(const RoundBytes& other);
};

struct UserTotals {
    std::uint64_t up = 0;    // bytes of its uploads, frames included
    std::uint64_t down = 0;  // bytes of the frames that it needed; a frame for several users of a
                             // process counts for each
    std::uint32_t sampled = 0;
    std::uint32_t accepted = 0;
};

class Ledger {
  public:
    explicit Ledger(std::uint32_t users) : users_(users) {}

    void add(Account account, Direction direction, wire::Type type, std::size_t frame_bytes);

    /// The counts since the last call, and starts new ones.
    RoundBytes take_round();

    const RoundBytes& all() const { return all_; }
    UserTotals& user(UserId id) { return users_[index(id)]; }
    const std::vector<UserTotals>& users() const { return users_; }

  private:
    RoundBytes round_;  // since take_round
    RoundBytes all_;
    std::vector<UserTotals> users_;
};

}  // namespace fedhash::server
