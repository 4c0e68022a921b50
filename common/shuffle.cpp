#include "common/shuffle.hpp"

#include <algorithm>
#include <numeric>

#include "common/exchange.hpp"
#include "common/random.hpp"
#include "common/wire/frame.hpp"
#include "common/wire/messages.hpp"
#include "common/wire/padding.hpp"

namespace fedhash::shuffle {

namespace {

constexpr std::size_t usual_batch_bytes = 1u << 20;
constexpr std::size_t head_bytes = 5 + 1 + 5;  // round, last, length of a list

const Coding& equally_long() {
    static const Coding coding = [] {
        Coding fixed;
        fixed.padding = "fixed";
        return fixed;
    }();
    return coding;
}

std::size_t most_upload_bytes(const Variant& variant, std::uint32_t items) {
    const Variant piece = piece_variant(variant);
    return find_uplink(piece.uplink).max_bytes(piece, items);
}

}  // namespace

void check(const Variant& variant, std::uint32_t users, std::uint32_t items) {
    const std::uint32_t pieces = variant.privacy.pieces;
    if (!find_exchange(variant.exchange).shuffled)
        throw wire::DecodeError("a run whose uploads need no shuffler");
    if (pieces == 0 || pieces > most_pieces || (pieces > 1 && !can_cut(variant)))
        throw wire::DecodeError("pieces of an upload out of range");
    if (variant.bits < min_bits || variant.bits > max_bits ||
        note_bytes(variant, items) + wire::max_reply_head_bytes > wire::absolute_cap_bytes ||
        note_bytes(variant, items) > most_round_bytes / std::max(1u, users))
        throw wire::DecodeError("notes to a shuffler out of range");
}

bool can_cut(const Variant& variant) {
    return variant.uplink == "gradients" || variant.uplink == "ballots";
}

Variant piece_variant(const Variant& variant) {
    Variant piece = variant;
    PrivacyVariant& privacy = piece.privacy;
    if (privacy.pieces <= 1) return piece;
    privacy.ballots /= privacy.pieces;
    if (privacy.row_cap > 0) {
        privacy.row_cap = (most_rows(variant) + privacy.pieces - 1) / privacy.pieces;
        privacy.decoys = "none";
    }
    return piece;
}

std::vector<Piece> cut_rows(const Variant& variant, std::uint64_t seed, UserId user,
                            std::uint32_t round, const Said& said) {
    Stream random = stream(seed, Purpose::pieces, index(user), round);
    std::vector<std::size_t> order(said.items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t j = order.size(); j > 1; --j) std::swap(order[j - 1], order[random() % j]);
    const std::size_t pieces = variant.privacy.pieces;
    std::vector<Piece> cut(pieces);
    for (std::size_t p = 0; p < pieces; ++p) {
        std::vector<std::size_t> rows;
        for (std::size_t j = p; j < order.size(); j += pieces) rows.push_back(order[j]);
        std::ranges::sort(rows);
        for (const std::size_t j : rows) {
            cut[p].items.push_back(said.items[j]);
            cut[p].pulls.push_back(said.pulls[j]);
            cut[p].weights.push_back(said.weights[j]);
        }
    }
    return cut;
}

std::size_t piece_bytes(const Variant& variant, std::uint32_t items) {
    return wire::max_padded_bytes(equally_long(), most_upload_bytes(variant, items));
}

std::size_t note_bytes(const Variant& variant, std::uint32_t items) {
    return secure::note_bytes + variant.privacy.pieces * piece_bytes(variant, items);
}

wire::Buffer pad_piece(wire::Buffer upload, const Variant& variant, std::uint32_t items) {
    return wire::pad(std::move(upload), equally_long(), most_upload_bytes(variant, items));
}

wire::View unpad_piece(wire::View piece, const Variant& variant, std::uint32_t items) {
    return wire::unpad(piece, equally_long(), most_upload_bytes(variant, items));
}

secure::Bytes context_of(std::uint64_t seed, std::uint32_t users, std::uint32_t items,
                         std::uint32_t round) {
    secure::Bytes bytes;
    wire::ByteWriter to(bytes);
    to(seed, users, items, round);
    return bytes;
}

std::size_t most_batch_bytes(const Variant& variant, std::uint32_t items) {
    return std::max(usual_batch_bytes, note_bytes(variant, items));
}

std::size_t max_mix_bytes(const Variant& variant, std::uint32_t items) {
    return head_bytes + most_batch_bytes(variant, items);
}

std::size_t max_mixed_bytes(const Variant& variant, std::uint32_t items, std::uint32_t users) {
    return head_bytes + sizeof(std::uint32_t) * std::size_t{users} +
           most_batch_bytes(variant, items);
}

}  // namespace fedhash::shuffle
