// Bytes, as they were handed to or taken from connections: by direction and message type, payload
// and framing apart.
#pragma once

#include <array>
#include <cstdint>
#include <map>
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

/// How many bytes one user sent or was sent in a round: how often each size occurred.
class Sizes {
  public:
    void add(std::size_t bytes) { ++counts_[bytes]; }
    Sizes& operator+=(const Sizes& other);
    bool empty() const { return counts_.empty(); }
    std::uint64_t count() const;
    double mean() const;
    /// The least size that at least `share` of all do not exceed; of none, 0.
    std::size_t quantile(double share) const;
    /// What a size tells, in bits: the entropy of its distribution.
    double entropy_bits() const;
    /// How often each size occurred.
    const std::map<std::size_t, std::uint64_t>& counts() const { return counts_; }

  private:
    std::map<std::size_t, std::uint64_t> counts_;
};

/// What users' devices were sent and sent in a round, or in all of them, as if every user had a
/// process and a connection of its own.
struct DeviceTraffic {
    Count tables, requests, uploads, needs;
    Sizes down, up;  // of a user in a round
    Sizes upload;    // of an upload by itself
};

/// As if every user had a device and a connection of its own, whatever shared a process.
struct UserTotals {
    std::uint64_t up = 0;    // bytes of its uploads, frames included
    std::uint64_t down = 0;  // bytes of the frames that it needed
    std::uint32_t sampled = 0;
    std::uint32_t accepted = 0;
};

class Ledger {
  public:
    explicit Ledger(std::uint32_t users) : users_(users), open_(users) {}

    void add(Account account, Direction direction, wire::Type type, std::size_t frame_bytes);

    /// The counts since the last call, and starts new ones.
    RoundBytes take_round();

    /// The devices' traffic since the last call, and starts new counts.
    DeviceTraffic end_device_round();
    const DeviceTraffic& devices() const { return devices_; }

    const RoundBytes& all() const { return all_; }
    /// A user's device is sent a frame of so many bytes with tables (0: it has them) and one with
    /// a request, or sends one.
    void needed(UserId id, std::size_t tables_bytes, std::size_t request_bytes);
    void said(UserId id, std::size_t bytes);
    /// A user's device sends a frame before the first round: it takes no part in a round by that.
    void announced(UserId id, std::size_t bytes);

    UserTotals& user(UserId id) { return users_[index(id)]; }
    const std::vector<UserTotals>& users() const { return users_; }

  private:
    RoundBytes round_;  // since take_round
    RoundBytes all_;
    std::vector<UserTotals> users_;
    std::vector<std::array<std::size_t, 2>> open_;  // by user, [direction]: of the round under way
    std::vector<UserId> active_;                    // those with any
    DeviceTraffic device_round_, devices_;
};

}  // namespace fedhash::server
