#include "common/interactive.hpp"

#include <algorithm>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/votes.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"

namespace fedhash {

namespace {

constexpr std::string_view by_vote = "votes", by_number = "statistics";

int code_sum(CodeView code, std::uint32_t bits) {
    int ones = 0;
    for (std::uint64_t word : code) ones += std::popcount(word);
    return 2 * ones - static_cast<int>(bits);
}

void read_ballot(wire::ByteReader& from, std::span<std::int64_t> numbers) {
    std::vector<std::int8_t> votes(numbers.size());
    wire::BitReader bits(from.peek());
    read_votes(bits, votes);
    from.take(bits.finish());
    std::copy(votes.begin(), votes.end(), numbers.begin());
}

}  // namespace

bool speaks_by_bit(std::string_view uplink) { return uplink == by_vote || uplink == by_number; }

std::size_t max_bit_reply_bytes(const Variant& variant, std::uint32_t items) {
    return bytes_for(variant.bits) + wire::max_item_set_bytes(items) +
           wire::max_numbers_bytes(items);
}

BitSpeaker::BitSpeaker(const Variant& variant, const Said& said,
                       std::span<const std::int16_t> bit_weights)
    : sends_code_(variant.interaction > 0),
      votes_(variant.uplink == by_vote),
      beta_q16_(variant.balance_q16),
      psi_(psi_of(find_similarity(variant.similarity), said.code, variant.bits, bit_weights)),
      items_(said.items.begin(), said.items.end()),
      pulls_(said.pulls.begin(), said.pulls.end()),
      weights_(said.weights.begin(), said.weights.end()) {
    std::copy(said.code.begin(), said.code.end(), code_.begin());
}

void BitSpeaker::say(wire::ByteWriter& to, const BitStep& at, const Codes& codes) const {
    if (at.first) {
        if (sends_code_) write_code(to, code_, codes.bits);
        wire::write_item_set(to, items_);
    }
    std::vector<std::int8_t> votes;
    std::vector<std::int64_t> numbers;
    for (std::size_t j = 0; j < items_.size(); ++j) {
        const CodeView d = codes.row(index(items_[j]));
        const int own = sign(d, at.bit);
        const std::int64_t pull = bit_pull(pulls_[j], weights_[j], psi_[at.bit], own);
        if (votes_) {
            votes.push_back(
                static_cast<std::int8_t>(vote_of(pull, beta_q16_, code_sum(d, codes.bits) - own)));
        } else {
            numbers.push_back(pull);
        }
    }
    if (!votes_) return wire::write_numbers(to, numbers);
    wire::BitWriter bits(to);
    write_votes(bits, votes);
    bits.finish();
}

void BitSpeaker::follow(std::uint32_t bit, std::span<const std::uint8_t> flipped,
                        const Codes& codes) {
    for (std::size_t j = 0; j < items_.size(); ++j)
        if (flipped[index(items_[j])] != 0)
            pulls_[j] -= 2 * weights_[j] * psi_[bit] * sign(codes.row(index(items_[j])), bit);
}

BitListener::BitListener(const Variant& variant, std::size_t items, std::size_t users)
    : variant_(variant),
      similarity_(find_similarity(variant.similarity)),
      takes_code_(variant.interaction > 0),
      votes_(variant.uplink == by_vote),
      round_(AggregateShape{variant.bits, items, similarity_.lift_user != 0 ? 1u : 0u, false}),
      listed_(users) {}

void BitListener::hear(wire::ByteReader& from, UserId user, const BitStep& at, const Tables& tables,
                       std::span<std::int64_t> column) {
    const std::uint32_t k = variant_.bits;
    const std::span<const std::int16_t> v = tables.plane(PlaneId::bit_weights).values;
    PackedCode packed{};
    std::vector<ItemId>& items = listed_[index(user)];
    std::vector<ItemId> opened;
    if (at.first) {
        if (takes_code_) packed = read_code(from, k);
        wire::read_item_set(from, static_cast<std::uint32_t>(column.size()), opened);
    }
    const std::span<const ItemId> listed = at.first ? opened : items;
    numbers_.resize(listed.size());
    const std::int64_t psi_most = largest_psi(similarity_, v);
    // |e| grows with the sweeps no further than the scores can.
    const std::int64_t most = 8 * std::int64_t{std::max(1u, variant_.weight)} *
                              max_target(variant_) * psi_most * psi_most;
    if (votes_)
        read_ballot(from, numbers_);
    else
        wire::read_numbers(from, most, numbers_);
    from.finish();

    for (std::size_t j = 0; j < listed.size(); ++j) column[index(listed[j])] += numbers_[j];
    if (!at.first) return;
    for (ItemId item : opened) ++round_.counts[index(item)];
    ++round_.users;
    items = std::move(opened);
    if (!takes_code_) return;
    const CodeView code = CodeView(packed).first(words_for(k));
    const std::array<std::int32_t, max_bits> psi = psi_of(similarity_, code, k, v);
    for (std::uint32_t a = 0; a < k; ++a)
        kernels().add_scaled(&round_.gram[std::size_t{a} * k], psi.data(), psi[a], k);
    for (std::uint32_t a = 0; a < k && round_.shape.cross > 0; ++a)
        round_.cross[a] += std::int64_t{shift_of(similarity_, code, k)} * psi[a];
}

}  // namespace fedhash
