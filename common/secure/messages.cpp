#include "common/secure/messages.hpp"

#include <algorithm>

#include "common/secure/statement.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/frame.hpp"

namespace fedhash::secure {

using wire::ByteReader;
using wire::ByteWriter;

namespace {

// No count is believed before the bytes are there: take() looks.
std::size_t read_count(ByteReader& from, std::size_t bytes_each) {
    std::uint16_t count = 0;
    from(count);
    if (count > max_neighbours || count * bytes_each > from.left())
        throw wire::DecodeError("more neighbours than bytes");
    return count;
}

constexpr std::size_t advert_bytes = 2 * sizeof(Key) + sizeof(Signature);

void write_count(ByteWriter& to, std::size_t count) { to(static_cast<std::uint16_t>(count)); }

void write_user(ByteWriter& to, UserId user) { to(static_cast<std::uint32_t>(user)); }

UserId read_user(ByteReader& from) {
    std::uint32_t user = 0;
    from(user);
    return UserId{user};
}

Key read_key(ByteReader& from) {
    Key key{};
    std::ranges::copy(from.take(key.size()), key.begin());
    return key;
}

void write_users(ByteWriter& to, const std::vector<UserId>& users) {
    write_count(to, users.size());
    for (const UserId user : users) write_user(to, user);
}

std::vector<UserId> read_users(ByteReader& from) {
    std::vector<UserId> users(read_count(from, sizeof(std::uint32_t)));
    for (UserId& user : users) user = read_user(from);
    return users;
}

using Shares = std::vector<std::pair<UserId, Share>>;

void write_plain(ByteWriter& to, const Shares& shares) {
    write_count(to, shares.size());
    for (const auto& [user, share] : shares) {
        write_user(to, user);
        to(share.x);
        to.append(share.bytes.data(), share.bytes.size());
    }
}

Shares read_plain(ByteReader& from) {
    Shares shares(read_count(from, 5 + sizeof(Key)));
    for (auto& [user, share] : shares) {
        user = read_user(from);
        from(share.x);
        const wire::View bytes = from.take(sizeof(Key));
        share.bytes.assign(bytes.begin(), bytes.end());
    }
    return shares;
}

}  // namespace

std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items) {
    return std::max(block_set_bytes(variant.privacy.blocks) + 8 * statement_cells(variant, items),
                    max_question_bytes);
}

std::size_t expected_upload_bytes(std::size_t cells, const Ring& ring, std::size_t neighbours) {
    constexpr std::size_t user = 4, count = 2;
    constexpr std::size_t head = 4;  // a varint each for round and step, two bytes for most users
    return steps * (wire::header_bytes + head) + advert_bytes + count +
           neighbours * (user + sealed_bytes) + packed_bytes(ring, cells) + count +
           neighbours * (user + 1 + sizeof(Key));
}

void write_advert(ByteWriter& to, const Advert& advert) {
    to.append(advert.sealing.data(), advert.sealing.size());
    to.append(advert.masking.data(), advert.masking.size());
    to.append(advert.signature.data(), advert.signature.size());
    to.append(advert.blocks.data(), advert.blocks.size());
}

namespace {

BlockSet read_block_set(ByteReader& from, std::uint32_t blocks) {
    const wire::View set = from.take(block_set_bytes(blocks));
    if (!is_block_set(set, blocks)) throw wire::DecodeError("a block that there is not");
    return {set.begin(), set.end()};
}

}  // namespace

Advert read_advert(ByteReader& from, UserId user, std::uint32_t blocks) {
    Advert advert{user, {}, {}, {}, {}};
    advert.sealing = read_key(from);
    advert.masking = read_key(from);
    std::ranges::copy(from.take(advert.signature.size()), advert.signature.begin());
    advert.blocks = read_block_set(from, blocks);
    return advert;
}

void write_adverts(ByteWriter& to, const std::vector<Advert>& adverts) {
    write_count(to, adverts.size());
    for (const Advert& advert : adverts) {
        write_user(to, advert.user);
        write_advert(to, advert);
    }
}

std::vector<Advert> read_adverts(ByteReader& from, std::uint32_t blocks) {
    std::vector<Advert> adverts(read_count(from, 4 + advert_bytes + block_set_bytes(blocks)));
    for (Advert& advert : adverts) {
        const UserId user = read_user(from);
        advert = read_advert(from, user, blocks);
    }
    return adverts;
}

void write_masked(ByteWriter& to, const Terms& round, View blocks,
                  std::span<const std::uint64_t> cells) {
    const std::vector<std::uint8_t> on = shared_cells(round.block_of_cell, blocks, blocks);
    std::vector<std::uint64_t> own;
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (on.empty() || on[i] != 0) own.push_back(cells[i]);
    const Bytes packed = pack_cells(round.ring, own);
    to.append(blocks.data(), blocks.size());
    to.append(packed.data(), packed.size());
}

Masked read_masked(ByteReader& from, const Terms& round, std::uint32_t blocks) {
    Masked masked{read_block_set(from, blocks), std::vector<std::uint64_t>(round.cells)};
    const std::vector<std::uint8_t> on =
        shared_cells(round.block_of_cell, masked.blocks, masked.blocks);
    const auto count = on.empty() ? static_cast<std::ptrdiff_t>(round.cells)
                                  : std::ranges::count(on, std::uint8_t{1});
    const std::vector<std::uint64_t> own =
        unpack_cells(round.ring, from.take(from.left()), static_cast<std::size_t>(count));
    std::size_t next = 0;
    for (std::size_t i = 0; i < round.cells; ++i)
        if (on.empty() || on[i] != 0) masked.cells[i] = own[next++];
    return masked;
}

void write_shares(ByteWriter& to, const std::vector<SealedShares>& shares, bool out) {
    write_count(to, shares.size());
    for (const SealedShares& one : shares) {
        write_user(to, out ? one.to : one.from);
        to.append(one.sealed.data(), one.sealed.size());
    }
}

std::vector<SealedShares> read_shares(ByteReader& from, UserId user, bool out) {
    std::vector<SealedShares> shares(read_count(from, 4 + sealed_bytes));
    for (SealedShares& one : shares) {
        const UserId other = read_user(from);
        const wire::View sealed = from.take(sealed_bytes);
        one = {out ? user : other, out ? other : user, {sealed.begin(), sealed.end()}};
    }
    return shares;
}

void write_question(ByteWriter& to, const Question& question) {
    write_users(to, question.alive);
    write_users(to, question.dropped);
}

Question read_question(ByteReader& from) {
    Question question;
    question.alive = read_users(from);
    question.dropped = read_users(from);
    return question;
}

void write_revealed(ByteWriter& to, const Revealed& revealed) {
    write_plain(to, revealed.self);
    write_plain(to, revealed.masking);
}

Revealed read_revealed(ByteReader& from, UserId by) {
    Revealed revealed{by, {}, {}};
    revealed.self = read_plain(from);
    revealed.masking = read_plain(from);
    return revealed;
}

}  // namespace fedhash::secure
