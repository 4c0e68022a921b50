#include "tests/fuzz/harness.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "client/shard_file.hpp"
#include "client/shared.hpp"
#include "common/codes.hpp"
#include "common/denoise.hpp"
#include "common/errors.hpp"
#include "common/kernels/kernels.hpp"
#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"
#include "common/shuffle.hpp"
#include "common/uplink.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/frame.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/messages.hpp"
#include "common/wire/number_list.hpp"
#include "common/wire/own_rows.hpp"
#include "common/wire/padding.hpp"
#include "common/wire/plane.hpp"
#include "tests/common/words.hpp"

namespace fedhash::tests {

namespace {

using wire::Buffer;
using wire::View;

void promise(bool kept) {
    if (!kept) std::abort();
}

// Frames one after the other, as a channel takes them off a stream.
void read_frames(View bytes, std::uint8_t size) {
    const std::size_t cap = std::size_t{16} << (size % 9);
    while (!bytes.empty()) {
        if (bytes.size() < wire::header_bytes) throw wire::DecodeError("truncated header");
        const wire::Header header = wire::read_header(bytes.first<wire::header_bytes>());
        if (header.length > cap) throw wire::DecodeError("message longer than its type can be");
        bytes = bytes.subspan(wire::header_bytes);
        if (bytes.size() < header.length) throw wire::DecodeError("truncated body");
        const View body = bytes.first(header.length);
        wire::check_body(header, body);
        const wire::Encoded again = wire::frame(header.type, body);
        promise(std::equal(again->begin() + wire::header_bytes, again->end(), body.begin(),
                           body.end()));
        bytes = bytes.subspan(header.length);
    }
}

// Encoding is canonical: what is accepted encodes to the same bytes.
template <class Message>
void read_message(View bytes, std::uint8_t) {
    const auto message = wire::decode<Message>(bytes);
    const Buffer again = wire::encode(message);
    promise(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

void read_set(View bytes, std::uint8_t size) {
    const std::uint32_t limit = 1u << (size % 32);
    wire::ByteReader from(bytes);
    std::vector<ItemId> items, back;
    wire::read_item_set(from, limit, items);
    from.finish();
    for (std::size_t i = 0; i < items.size(); ++i) {
        promise(index(items[i]) < limit);
        promise(i == 0 || index(items[i - 1]) < index(items[i]));
    }
    Buffer again;
    wire::ByteWriter to(again);
    wire::write_item_set(to, items);
    promise(again.size() <= wire::max_item_set_bytes(limit));
    wire::ByteReader once_more(again);
    wire::read_item_set(once_more, limit, back);
    promise(back == items && once_more.left() == 0);
}

/// As many numbers as the size says, by the coder that it says.
void read_number_list(View bytes, std::uint8_t size) {
    const wire::NumberCoder& coder = wire::number_coders()[size % wire::number_coders().size()];
    constexpr std::int64_t most = std::int64_t{1} << 40;
    std::vector<std::int64_t> numbers(size / 4), back(size / 4);
    wire::ByteReader from(bytes, {nullptr, &coder});
    wire::read_numbers(from, most, numbers);
    from.finish();
    for (const std::int64_t number : numbers) promise(number <= most && number >= -most);
    Buffer again;
    wire::ByteWriter to(again, {nullptr, &coder});
    wire::write_numbers(to, numbers);
    promise(again.size() <= wire::max_numbers_bytes(numbers.size()));
    wire::ByteReader once_more(again, {nullptr, &coder});
    wire::read_numbers(once_more, most, back);
    promise(back == numbers && once_more.left() == 0);
}

Coding padded_coding(std::uint8_t size) {
    Coding coding;
    coding.padding = wire::paddings()[size % wire::paddings().size()].name;
    coding.padding_bytes = 1u + size;
    return coding;
}

// What is accepted is what the policy makes of its true body.
void read_padded(View bytes, std::uint8_t size) {
    const Coding coding = padded_coding(size);
    constexpr std::size_t most = 300;
    const View body = wire::unpad(bytes, coding, most);
    const Buffer again = wire::pad(Buffer(body.begin(), body.end()), coding, most);
    promise(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

constexpr std::array<std::uint32_t, 5> widths{8, 9, 63, 64, 65};
constexpr std::size_t catalogue = 60;

Variant variant_of(std::uint8_t size) {
    Variant variant;
    variant.bits = widths[size % widths.size()];
    variant.teacher = {};
    variant.teacher.rounds = 2;
    variant.teacher.factors = 16;
    variant.group_bits = 1u << (size / widths.size() % 4);
    variant.privacy.ballots = 12;
    if (size / widths.size() % 2 == 1) {
        variant.gradient_bits = 5;
        variant.residual_bits = 4;
        variant.objective = "logistic";  // residuals of their own
    }
    return variant;
}

/// What users of such a variant learnt on.
const Tables& learnt_on(std::uint8_t size, bool teaching) {
    static std::map<std::pair<std::size_t, bool>, Tables> made;
    const auto [place, anew] = made.try_emplace({size % widths.size(), teaching});
    if (anew) {
        Stream random(1);
        place->second = random_tables(variant_of(size), catalogue, random, teaching);
    }
    return place->second;
}

bool teaches(const UplinkEntry& entry) { return &entry == &teacher_uplink; }

void hear(const UplinkEntry& entry, View bytes, std::uint8_t size) {
    const Variant variant = variant_of(size);
    const auto uplink = entry.make(variant);
    Aggregate sum(uplink->shape(catalogue));
    const Aggregate before = sum;
    wire::ByteReader from(bytes);
    try {
        uplink->hear(from, learnt_on(size, teaches(entry)), sum);
    } catch (const wire::DecodeError&) {
        promise(sum == before);
        throw;
    }
    promise(bytes.size() <= entry.max_bytes(variant, catalogue));
    promise(sum.users == 1);
    for (std::int64_t count : sum.counts) promise(count == 0 || count == 1);
}

/// What a client does with a publish body: on tables that it holds, or on none.
void read_publish(View bytes, std::uint8_t size) {
    const Variant variant = variant_of(size);
    client::Shared shared;
    if (size >= 128) shared.tables = learnt_on(size, size >= 192);
    shared.take(bytes, variant, catalogue);
    const Tables& tables = shared.tables;
    promise(tables.codes.rows == 0 ||
            (tables.codes.rows == catalogue && tables.codes.bits == variant.bits));
    for (std::size_t i = 0; i < tables.codes.rows; ++i)
        promise((tables.codes.row(i).back() &
                 ~word_mask(variant.bits, tables.codes.stride() - 1)) == 0);
    for (const Plane& plane : tables.planes) {
        promise(plane.values.size() == std::size_t{plane.rows} * plane.cols);
        promise(plane.empty() || plane.steps.size() == 1 || plane.steps.size() == plane.rows);
    }
    shared.derive();
    // All of it sent anew gives the same tables.
    const Buffer again = wire::encode_tables(nullptr, tables);
    promise(again.size() <= wire::max_publish_bytes(variant, catalogue));
    Tables back;
    wire::apply_tables(again, variant, catalogue, back);
    promise(back.codes == tables.codes && back.planes == tables.planes &&
            back.version == tables.version);
}

// The body of a shard file, under a checksum that fits; the file exists in memory alone.
void read_shard_body(View body, std::uint8_t) {
    static const int fd = memfd_create("shard", MFD_CLOEXEC);
    Buffer bytes{'F', 'D', 'H', 'S', 3};
    wire::ByteWriter to(bytes);
    to(kernels().crc32c(0, body.data(), body.size()));
    to.append(body.data(), body.size());
    promise(fd >= 0 && ftruncate(fd, 0) == 0);
    promise(pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    const client::Shard shard = client::read_shard("/proc/self/fd/" + std::to_string(fd));
    for (const client::UserData& user : shard.users)
        for (const client::Rating& rating : user.train)
            promise(index(rating.item) < shard.ranking.items);
}

void read_needs(View bytes, std::uint8_t size) {
    const std::size_t users = 1 + size % 5;
    const Coding coding;
    const wire::ItemSets needs = wire::decode_needs(bytes, users, 60, coding);
    promise(needs.size() == users);
    const Buffer again = wire::encode_needs(needs, coding);
    promise(again.size() <= wire::max_needs_bytes(users, 60));
    promise(wire::decode_needs(again, users, 60, coding) == needs);
}

// Rows that were not named stay what they were, whatever comes.
void read_rows(View bytes, std::uint8_t) {
    Variant variant;
    variant.bits = 16;
    const std::vector<ItemId> rows{ItemId{2}, ItemId{3}, ItemId{40}};
    const Tables before = initial_tables(5, variant, 60, false);
    Tables tables = before;
    wire::apply_rows(bytes, variant, 60, rows, tables);
    promise(tables.codes.rows == 60);
    for (std::uint32_t i = 0; i < 60; ++i)
        promise(std::ranges::binary_search(rows, ItemId{i}) ||
                std::ranges::equal(tables.codes.row(i), before.codes.row(i)));
}

/// The words of secure aggregation; what is read is written as it was.
void read_secure(View bytes, std::uint8_t size) {
    wire::ByteReader from(bytes);
    Buffer again;
    wire::ByteWriter to(again);
    const UserId user{7};
    switch (size % 6) {
        case 0:
            secure::write_advert(to, secure::read_advert(from, user, size / 6u));
            break;
        case 1:
            secure::write_adverts(to, secure::read_adverts(from, size / 6u));
            break;
        case 2:
            secure::write_shares(to, secure::read_shares(from, user, size % 4 == 0), size % 4 == 0);
            break;
        case 3:
            secure::write_question(to, secure::read_question(from));
            break;
        case 4:
            secure::write_revealed(to, secure::read_revealed(from, user));
            break;
        default:
            secure::write_scope(to, secure::read_scope(from, catalogue));
    }
    from.finish();
    promise(std::ranges::equal(again, bytes));
}

/// The words of users who take decoys off.
void read_denoise(View bytes, std::uint8_t size) {
    wire::ByteReader from(bytes);
    Buffer again;
    wire::ByteWriter to(again);
    if (size % 2 == 0) {
        denoise::write_notes(to, denoise::read_notes(from));
        from.finish();
        promise(std::ranges::equal(again, bytes));
        return;
    }
    const denoise::Decoys decoys = denoise::read_decoys(from, size, catalogue, 8);
    promise(decoys.rows.size() == 8 * decoys.items.size());
    promise(std::ranges::is_sorted(decoys.items));
}

void read_shuffle(View bytes, std::uint8_t size) {
    if (size % 2 == 0) {
        wire::ByteReader from(bytes);
        shuffle::Mixed mixed;
        from(mixed);
        const Buffer again = wire::encode(mixed);
        promise(again.size() + from.left() == bytes.size() &&
                std::equal(again.begin(), again.end(), bytes.begin()));
        return;
    }
    Variant variant;
    variant.bits = 16;
    variant.uplink = "gradients";
    variant.privacy.row_cap = 1u + size / 2u;
    const View upload = shuffle::unpad_piece(bytes, variant, catalogue);
    const Buffer again =
        shuffle::pad_piece(Buffer(upload.begin(), upload.end()), variant, catalogue);
    promise(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

/// Every uplink of the table, and the teacher's.
std::vector<const UplinkEntry*> all_uplinks() {
    std::vector<const UplinkEntry*> all;
    for (const UplinkEntry& entry : uplinks()) all.push_back(&entry);
    all.push_back(&teacher_uplink);
    return all;
}

using Decoder = std::function<void(View bytes, std::uint8_t size)>;
const std::vector<Decoder>& decoders() {
    static const std::vector<Decoder> list = [] {
        std::vector<Decoder> made{
            read_frames,
            read_set,
            read_publish,
            read_shard_body,
            read_message<wire::Hello>,
            read_message<wire::Welcome>,
            read_message<wire::Request>,
            read_message<wire::ReplyHead>,
            read_message<wire::Evaluate>,
            read_message<wire::Scores>,
            read_message<wire::Goodbye>,
            read_message<std::string>,
        };
        for (const UplinkEntry* entry : all_uplinks())
            made.push_back([entry](View bytes, std::uint8_t size) { hear(*entry, bytes, size); });
        made.push_back(read_number_list);
        made.push_back(read_padded);
        made.push_back(read_needs);
        made.push_back(read_rows);
        made.push_back(read_secure);
        made.push_back(read_denoise);
        made.push_back(read_shuffle);
        return made;
    }();
    return list;
}
constexpr std::size_t first_uplink = 12;

Buffer seed_of(std::size_t decoder, std::uint8_t size, const Buffer& bytes) {
    Buffer seed{static_cast<std::uint8_t>(decoder), size};
    seed.insert(seed.end(), bytes.begin(), bytes.end());
    return seed;
}

}  // namespace

bool decode_anything(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 2) return false;
    try {
        decoders()[bytes[0] % decoders().size()](bytes.subspan(2), bytes[1]);
        return true;
    } catch (const wire::DecodeError&) {
        return false;
    } catch (const DataError&) {  // how a shard file is refused
        return false;
    }
}

std::vector<std::vector<std::uint8_t>> seed_inputs() {
    std::vector<Buffer> seeds;
    Stream random(1);
    std::vector<ItemId> items;
    for (std::uint32_t i = 0; i < 300; i += 1 + static_cast<std::uint32_t>(random() % 20))
        items.push_back(ItemId{i});

    Buffer frames;
    for (std::size_t size : {0u, 1u, 40u}) {
        const wire::Encoded frame = wire::frame(wire::Type::reply, Buffer(size, 0x55));
        frames.insert(frames.end(), frame->begin(), frame->end());
        seeds.push_back(seed_of(0, 8, frames));
    }
    for (std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, items.size()}) {
        Buffer body;
        wire::ByteWriter to(body);
        wire::write_item_set(to, std::span(items).first(count));
        seeds.push_back(seed_of(1, 9, body));
    }
    const std::vector<const UplinkEntry*> all = all_uplinks();
    for (std::size_t which = 0; which < all.size(); ++which) {
        for (std::uint8_t w = 0; w < 2 * widths.size(); ++w) {
            const bool teaching = teaches(*all[which]);
            const Tables& tables = learnt_on(w, teaching);
            Variant variant = variant_of(w);
            if (!teaching) variant.uplink = all[which]->name;
            Words words = random_words(variant, tables, random, teaching);
            words.items.resize(3);  // inputs are short
            words.pulls.resize(3);
            words.weights.resize(3);
            words.gradients.resize(std::size_t{3} * widths[w % widths.size()]);
            const auto uplink = all[which]->make(variant_of(w));
            seeds.push_back(
                seed_of(first_uplink + which, w, body_of(*uplink, words.said(), tables)));
        }
    }
    for (std::uint8_t what = 0; what < 6; ++what) {
        Buffer body;
        wire::ByteWriter to(body);
        if (what == 0) secure::write_advert(to, {UserId{7}, {1}, {2}, {3}});
        if (what == 1) secure::write_adverts(to, {{UserId{3}, {1}, {2}, {3}}});
        if (what == 2)
            secure::write_shares(
                to, {{UserId{7}, UserId{9}, secure::Bytes(secure::sealed_bytes, 5)}}, true);
        if (what == 3) secure::write_question(to, {{UserId{1}}, {UserId{2}}});
        if (what == 4)
            secure::write_revealed(to, {UserId{7}, {{UserId{1}, {2, secure::Bytes(32, 9)}}}, {}});
        if (what == 5) secure::write_scope(to, {secure::Scope::some, {ItemId{3}, ItemId{30}}});
        seeds.push_back(seed_of(first_uplink + all.size() + 4, what, body));
    }
    seeds.push_back(
        seed_of(first_uplink + all.size() + 6, 0, wire::encode(shuffle::Mixed{3, true, {1, 4}})));
    for (int chosen : {0, 3, 4, 128, 131, 195}) {
        const auto size = static_cast<std::uint8_t>(chosen);
        Tables tables = learnt_on(size, size >= 192);
        const Tables held = tables;
        tables.version = 2;
        if (size % 2 == 0) tables.plane(PlaneId::factors) = {};
        for (std::uint32_t bit = 0; bit < 5; ++bit) flip(tables.codes.row(bit * 7), bit);
        if (size >= 128) {
            for (const auto& [codes, planes] :
                 {std::pair{"delta", "full"}, {"zstd", "delta"}, {"full", "delta"}}) {
                Coding coding;
                coding.codes = codes;
                coding.planes = planes;
                seeds.push_back(seed_of(2, size, wire::encode_tables(&held, tables, coding)));
            }
            continue;
        }
        if (size == 3) {  // what a stage starts from, and small planes beside it
            Plane& weights = tables.plane(PlaneId::item_weights);
            weights = {catalogue, 1, 6, 9, {1}, std::vector<std::int16_t>(catalogue, 64)};
            seeds.push_back(seed_of(2, size, wire::encode_start(7, true, tables)));
            seeds.push_back(seed_of(2, size, wire::encode_start(7, false, tables)));
            tables.plane(PlaneId::factors) = {};
        }
        seeds.push_back(seed_of(2, size, wire::encode_tables(nullptr, tables)));
    }
    Buffer shard;
    wire::ByteWriter to(shard);
    for (int byte = 0; byte < 32; ++byte) to(std::uint8_t{7});
    to(std::uint32_t{0}, std::uint32_t{1}, std::uint32_t{50}, true,
       std::vector<std::uint8_t>(50, 2), std::uint64_t{1}, std::uint32_t{0});
    to(std::vector<std::uint32_t>{3, 4}, std::vector<float>{1, 0.5f});
    for (int part = 0; part < 2; ++part)
        to(std::vector<std::uint32_t>{9}, std::vector<std::uint8_t>{5},
           std::vector<std::uint32_t>{1, 2});
    const std::vector<std::uint8_t> key(32, 9);
    for (const std::uint64_t keys : {1, 2}) {  // of this user; of everybody
        to(keys);
        for (std::uint64_t n = 0; n < keys; ++n) to.append(key.data(), key.size());
    }
    seeds.push_back(seed_of(3, 0, shard));

    MetricSums sums(7, 1);
    sums.users = 3;
    seeds.push_back(seed_of(4, 0, wire::encode(wire::Hello{{}, 3})));
    seeds.push_back(
        seed_of(5, 0, wire::encode(wire::Welcome{9, 60, 2, 1, {}, {5, 10}, true, "auto"})));
    seeds.push_back(seed_of(6, 0, wire::encode(wire::Request{1, 0, {0xff, 3}, {}, {7}})));
    seeds.push_back(seed_of(7, 0, wire::encode(wire::ReplyHead{2, 1, 300})));
    seeds.push_back(seed_of(8, 0, wire::encode(wire::Evaluate{2, true, {1}})));
    seeds.push_back(seed_of(9, 0, wire::encode(wire::Scores{2, true, {sums, sums}})));
    seeds.push_back(seed_of(10, 0, wire::encode(wire::Goodbye{5, 6})));
    seeds.push_back(seed_of(11, 0, wire::encode(std::string("text"))));
    seeds.push_back(seed_of(first_uplink + all.size() + 2, 1,
                            wire::encode_needs({{ItemId{1}, ItemId{30}}, {}}, {})));
    {
        Variant variant;
        variant.bits = 16;
        const Tables held = initial_tables(5, variant, 60, false);
        Tables now = held;
        now.version = 2;
        flip(now.codes.row(3), 7);
        const std::vector<ItemId> rows{ItemId{2}, ItemId{3}, ItemId{40}};
        for (const Tables* before : {static_cast<const Tables*>(nullptr), &held})
            seeds.push_back(seed_of(first_uplink + all.size() + 3, 0,
                                    wire::encode_rows(before, now, rows, {})));
    }
    for (std::uint8_t size = 40; size < 44; ++size) {
        const std::vector<std::int64_t> numbers{0, -1, 2, 300, -70'000, 5, 5, 5, 1'000'000, -3};
        const wire::NumberCoder& coder = wire::number_coders()[size % wire::number_coders().size()];
        Buffer list;
        wire::ByteWriter write(list, {nullptr, &coder});
        wire::write_numbers(write, numbers);
        seeds.push_back(seed_of(first_uplink + all.size(), size, list));
        seeds.push_back(seed_of(first_uplink + all.size() + 1, size,
                                wire::pad(Buffer(17, 5), padded_coding(size), 300)));
    }
    return seeds;
}

}  // namespace fedhash::tests
