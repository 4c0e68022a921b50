// The words of the interactive exchange: a round that asks bit by bit, as the public codes of
// LightFR and FPHLF do in one process. The server asks for bit 0 of every listed item, sets it,
// says which items flipped, asks for bit 1, ...: `sweeps` times k steps at most, and the sums of a
// step are of the codes as they are then.
//
//   step      = attempt * (k * sweeps) + sweep * k + bit     (an attempt: the round from its start)
//   request   empty at the first step of an attempt; else the items that flipped in the step before
//             (item set)
//   reply     first step: [code, where the item rule wants H] | item set | numbers
//             else: numbers, one for each item of that set, in its order
//
// What a number is follows the uplink: `statistics` sends  p = e psi_a + W psi_a^2 d_ia  (zigzag
// varint), which add up to what exact descent needs; `votes` sends its sign, less beta
// (uplinks/votes.hpp). The device keeps e current as bits flip.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/aggregate.hpp"
#include "common/uplink.hpp"
#include "common/uplinks/user_code.hpp"

namespace fedhash {

/// Whether an uplink can be said a bit at a time.
bool speaks_by_bit(std::string_view uplink);

struct BitStep {
    std::uint32_t attempt = 0;
    std::uint32_t bit = 0;
    bool first = false;       // of its attempt
    bool ends_sweep = false;  // its last bit
};
constexpr std::uint32_t steps_of(const Variant& variant) { return variant.bits * variant.sweeps; }
constexpr BitStep bit_step(std::uint32_t step, const Variant& variant) {
    const std::uint32_t within = step % steps_of(variant), bit = within % variant.bits;
    return {step / steps_of(variant), bit, within == 0, bit + 1 == variant.bits};
}

/// The most bytes of a reply, without its head.
std::size_t max_bit_reply_bytes(const Variant& variant, std::uint32_t items);

/// A device's half, of one user and one attempt.
class BitSpeaker {
  public:
    /// `said` is what the user learnt; copied.
    BitSpeaker(const Variant& variant, const Said& said, std::span<const std::int16_t> bit_weights);

    /// The body of a reply about one bit. `codes` are the items' as they are now.
    void say(wire::ByteWriter& to, const BitStep& at, const Codes& codes) const;

    /// Items whose flag is set have just flipped `bit`; `codes` already show it.
    void follow(std::uint32_t bit, std::span<const std::uint8_t> flipped, const Codes& codes);

  private:
    bool sends_code_, votes_;
    std::int64_t beta_q16_;
    PackedCode code_{};
    std::array<std::int32_t, max_bits> psi_;
    std::vector<ItemId> items_;
    std::vector<std::int64_t> pulls_, weights_;
};

/// The server's half: whose numbers belong to which items, for the length of an attempt.
class BitListener {
  public:
    BitListener(const Variant& variant, std::size_t items, std::size_t users);

    /// Reads one user's body and adds it to `column`, one sum an item; from a first step it also
    /// adds counts, H and K to round(). Throws DecodeError and adds nothing when it is malformed or
    /// out of range.
    void hear(wire::ByteReader& from, UserId user, const BitStep& at, const Tables& tables,
              std::span<std::int64_t> column);

    const Aggregate& round() const { return round_; }

  private:
    const Variant& variant_;
    const Similarity& similarity_;
    bool takes_code_, votes_;
    Aggregate round_;
    std::vector<std::vector<ItemId>> listed_;  // by user
    std::vector<std::int64_t> numbers_;
};

}  // namespace fedhash
