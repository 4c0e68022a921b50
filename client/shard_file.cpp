#include "client/shard_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "common/errors.hpp"
#include "common/kernels/kernels.hpp"
#include "common/private_file.hpp"

namespace fedhash::client {

namespace {

constexpr std::array<std::uint8_t, 5> magic{'F', 'D', 'H', 'S', 3};
constexpr std::size_t header_size = magic.size() + 4;

void put(wire::ByteWriter& ar, const std::vector<ItemId>& items) {
    std::vector<std::uint32_t> ids(items.size());
    std::transform(items.begin(), items.end(), ids.begin(),
                   [](ItemId i) { return static_cast<std::uint32_t>(i); });
    ar(ids);
}
void get(wire::ByteReader& ar, std::vector<ItemId>& items, std::uint32_t limit) {
    std::vector<std::uint32_t> ids;
    ar(ids);
    items.resize(ids.size());
    for (std::size_t j = 0; j < ids.size(); ++j) {
        if (ids[j] >= limit) throw wire::DecodeError("an item id is out of range");
        items[j] = static_cast<ItemId>(ids[j]);
    }
}

void put(wire::ByteWriter& ar, const HeldOut& part) {
    put(ar, part.items);
    ar(part.deciles);
    put(ar, part.candidates);
}
void get(wire::ByteReader& ar, HeldOut& part, std::uint32_t limit) {
    get(ar, part.items, limit);
    ar(part.deciles);
    get(ar, part.candidates, limit);
    if (part.deciles.size() != part.items.size())
        throw wire::DecodeError("deciles do not match items");
}

void put(wire::ByteWriter& ar, const std::vector<secure::Key>& keys) {
    ar(static_cast<std::uint64_t>(keys.size()));
    for (const secure::Key& key : keys) ar.append(key.data(), key.size());
}
void get(wire::ByteReader& ar, std::vector<secure::Key>& keys) {
    std::uint64_t count = 0;
    ar(count);
    if (count > ar.left() / sizeof(secure::Key)) throw wire::DecodeError("more keys than bytes");
    keys.resize(count);
    for (secure::Key& key : keys) std::ranges::copy(ar.take(key.size()), key.begin());
}

void put(wire::ByteWriter& ar, const UserData& user) {
    std::vector<ItemId> items(user.train.size());
    std::vector<float> values(user.train.size());
    for (std::size_t j = 0; j < items.size(); ++j) {
        items[j] = user.train[j].item;
        values[j] = user.train[j].value;
    }
    ar(static_cast<std::uint32_t>(user.user));
    put(ar, items);
    ar(values);
    put(ar, user.valid);
    put(ar, user.test);
}
void get(wire::ByteReader& ar, UserData& user, std::uint32_t limit) {
    std::uint32_t id = 0;
    std::vector<ItemId> items;
    std::vector<float> values;
    ar(id);
    get(ar, items, limit);
    ar(values);
    if (values.size() != items.size()) throw wire::DecodeError("ratings do not match items");
    user.user = static_cast<UserId>(id);
    user.train.resize(items.size());
    for (std::size_t j = 0; j < items.size(); ++j) user.train[j] = {items[j], values[j]};
    get(ar, user.valid, limit);
    get(ar, user.test, limit);
}

}  // namespace

void write_shard(const std::filesystem::path& file, const Shard& shard) {
    wire::Buffer body;
    wire::ByteWriter ar(body);
    for (std::uint8_t byte : shard.token) ar(byte);
    ar(shard.client, shard.clients, shard.ranking.items, shard.ranking.full,
       shard.ranking.popularity);
    const std::uint64_t count = shard.users.size();
    ar(count);
    for (const UserData& user : shard.users) put(ar, user);
    put(ar, shard.secrets);
    put(ar, shard.known);

    wire::Buffer bytes(magic.begin(), magic.end());
    wire::ByteWriter head(bytes);
    head(kernels().crc32c(0, body.data(), body.size()));
    bytes.insert(bytes.end(), body.begin(), body.end());
    write_private_file(file, bytes);
}

Shard read_shard(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw DataError(file.string() + ": cannot open the shard: " + std::strerror(errno));
    const wire::Buffer bytes((std::istreambuf_iterator<char>(in)),
                             std::istreambuf_iterator<char>());
    try {
        if (bytes.size() < header_size || !std::equal(magic.begin(), magic.end(), bytes.begin()))
            throw wire::DecodeError("not a shard file of this version");
        const wire::View body = wire::View(bytes).subspan(header_size);
        std::uint32_t crc = 0;
        std::memcpy(&crc, &bytes[magic.size()], sizeof crc);
        if (crc != kernels().crc32c(0, body.data(), body.size()))
            throw wire::DecodeError("checksum does not match");

        wire::ByteReader ar(body);
        Shard shard;
        std::uint64_t count = 0;
        for (std::uint8_t& byte : shard.token) ar(byte);
        ar(shard.client, shard.clients, shard.ranking.items, shard.ranking.full,
           shard.ranking.popularity);
        if (!shard.ranking.popularity.empty() &&
            shard.ranking.popularity.size() != shard.ranking.items)
            throw wire::DecodeError("a popularity for each item, please");
        ar(count);
        if (count > ar.left()) throw wire::DecodeError("more users than bytes");
        shard.users.resize(count);
        for (UserData& user : shard.users) get(ar, user, shard.ranking.items);
        get(ar, shard.secrets);
        get(ar, shard.known);
        if (!shard.secrets.empty() && shard.secrets.size() != count)
            throw wire::DecodeError("keys do not match users");
        ar.finish();
        return shard;
    } catch (const wire::DecodeError& error) {
        throw DataError(file.string() + ": " + error.what() +
                        "; start the run again to deal it anew");
    }
}

}  // namespace fedhash::client
