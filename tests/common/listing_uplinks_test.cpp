// The uplinks that say something of every listed item: `statistics`, `votes`, `parameters`, and the
// words of the interactive exchange. What the server adds is compared with plain loops over signs,
// and bodies that no device would send change nothing.
#include <doctest/doctest.h>

#include <map>

#include "common/interactive.hpp"
#include "common/uplinks/votes.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"
#include "tests/reference.hpp"

using namespace fedhash;

namespace {

using Wide = std::int64_t;

/// A user that has learnt something: random code, listed items, pulls and weights.
struct Speaker {
    Codes code;
    std::vector<ItemId> items;
    std::vector<std::int32_t> pulls, weights;

    Said said() const {
        Said said;
        said.code = code.row(0);
        said.items = items;
        said.pulls = pulls;
        said.weights = weights;
        return said;
    }
};

Speaker random_speaker(const Variant& variant, std::size_t items, bool alike, Stream& random) {
    Speaker speaker{reference::random_codes(variant.bits, 1, random), {}, {}, {}};
    for (std::uint32_t i = 0; i < items; ++i) {
        if (random() % 3 != 0) continue;
        speaker.items.push_back(ItemId{i});
        speaker.pulls.push_back(static_cast<std::int32_t>(random() % (128 * variant.bits)) -
                                static_cast<std::int32_t>(64 * variant.bits));
        speaker.weights.push_back(
            static_cast<std::int32_t>(alike ? 16 : random() % (16 * variant.weight + 1)));
    }
    return speaker;
}

Variant variant_of(std::uint32_t bits, const std::string& similarity, std::uint32_t interaction) {
    Variant variant;
    variant.bits = bits;
    variant.similarity = similarity;
    variant.interaction = interaction;
    variant.balance_q16 = 7;
    return variant;
}

/// psi(b) by the table in common/similarity.hpp.
std::vector<Wide> psi(const Variant& variant, const Speaker& user) {
    std::vector<Wide> result = reference::signs(user.code.row(0), variant.bits);
    for (Wide& entry : result) entry += variant.similarity == "projected" ? 1 : 0;
    return result;
}

Wide plain_score(const Variant& variant, const Speaker& user, CodeView item) {
    const auto b = reference::signs(user.code.row(0), variant.bits),
               d = reference::signs(item, variant.bits);
    Wide sum = variant.similarity == "projected" ? variant.bits : 0;
    for (std::uint32_t a = 0; a < variant.bits; ++a)
        sum += variant.similarity == "projected" ? (b[a] + 1) * (d[a] - 1) : b[a] * d[a];
    return sum;
}

wire::Buffer body_of(const UplinkEntry& entry, const Variant& variant, const Speaker& user,
                     const Tables& tables) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    entry.make(variant)->say(to, user.said(), tables);
    return body;
}

/// Why a body is refused; "" when it is accepted. A refusal leaves the sum as it was.
std::string refusal(const UplinkEntry& entry, const Variant& variant, const wire::Buffer& body,
                    const Tables& tables, Aggregate& sum) {
    const Aggregate before = sum;
    wire::ByteReader from(body);
    try {
        entry.make(variant)->hear(from, tables, sum);
        return "";
    } catch (const wire::DecodeError& error) {
        REQUIRE(sum == before);
        return error.what();
    }
}

void add_statistics(const Variant& variant, const Speaker& user, const Tables& tables,
                    Aggregate& sum) {
    const std::uint32_t k = variant.bits;
    const auto p = psi(variant, user);
    Wide shift = 0;
    for (Wide entry : reference::signs(user.code.row(0), k))
        shift -= variant.similarity == "projected" ? entry : 0;
    for (std::size_t j = 0; j < user.items.size(); ++j) {
        const std::size_t i = index(user.items[j]);
        const Wide goal =
            user.pulls[j] +
            user.weights[j] * (plain_score(variant, user, tables.codes.row(i)) - shift);
        std::size_t place = i * k * (k + 1) / 2;
        for (std::uint32_t a = 0; a < k; ++a) {
            sum.rows[i * k + a] += goal * p[a];
            for (std::uint32_t b = a; b < k; ++b)
                sum.second[place++] += user.weights[j] * p[a] * p[b];
        }
        sum.counts[i] += 1;
        sum.weights[i] += user.weights[j];
    }
    for (std::uint32_t a = 0; a < k; ++a) {
        for (std::uint32_t b = 0; b < k; ++b) sum.gram[a * k + b] += p[a] * p[b];
        if (sum.shape.cross > 0) sum.cross[a] += shift * p[a];
    }
    sum.users += 1;
}

/// What a user's loss wants of bit a of item j when the residual is e, own bit included.
Wide wants(const Variant& variant, const Speaker& user, std::size_t j, Wide e, std::uint32_t a,
           Wide d) {
    const Wide p = psi(variant, user)[a];
    return e * p + user.weights[j] * p * p * d;
}

Wide plain_vote(const Variant& variant, const Speaker& user, std::size_t j, std::uint32_t a,
                CodeView item) {
    const auto d = reference::signs(item, variant.bits);
    Wide others = 0;
    for (std::uint32_t b = 0; b < variant.bits; ++b) others += b == a ? 0 : d[b];
    // 1/16 units beside beta in 2^-16.
    const Wide argument =
        4096 * wants(variant, user, j, user.pulls[j], a, d[a]) - Wide{variant.balance_q16} * others;
    return argument > 0 ? 1 : argument < 0 ? -1 : 0;
}

void add_votes(const Variant& variant, const Speaker& user, const Tables& tables, Aggregate& sum) {
    const std::uint32_t k = variant.bits;
    const auto p = psi(variant, user);
    for (std::size_t j = 0; j < user.items.size(); ++j) {
        const std::size_t i = index(user.items[j]);
        for (std::uint32_t a = 0; a < k; ++a)
            sum.rows[i * k + a] += plain_vote(variant, user, j, a, tables.codes.row(i));
        sum.counts[i] += 1;
    }
    if (variant.interaction > 0)
        for (std::uint32_t a = 0; a < k; ++a)
            for (std::uint32_t b = 0; b < k; ++b) sum.gram[a * k + b] += p[a] * p[b];
    sum.users += 1;
}

void add_parameters(const Variant& variant, const Speaker& user, const Tables& tables,
                    Aggregate& sum) {
    const std::uint32_t k = variant.bits;
    const auto p = psi(variant, user);
    for (std::size_t j = 0; j < user.items.size(); ++j) {
        const std::size_t i = index(user.items[j]);
        auto d = reference::signs(tables.codes.row(i), k);
        Wide e = user.pulls[j];
        for (std::uint32_t sweep = 0; sweep < variant.sweeps; ++sweep)
            for (std::uint32_t a = 0; a < k; ++a) {
                const Wide argument = wants(variant, user, j, e, a, d[a]);
                if (argument == 0 || (argument > 0) == (d[a] > 0)) continue;
                e -= user.weights[j] * p[a] * -2 * d[a];
                d[a] = -d[a];
            }
        for (std::uint32_t a = 0; a < k; ++a) sum.rows[i * k + a] += d[a];
        sum.counts[i] += 1;
    }
    sum.users += 1;
}

using Plain = void (*)(const Variant&, const Speaker&, const Tables&, Aggregate&);
const std::map<std::string, Plain> plain{
    {"statistics", add_statistics}, {"votes", add_votes}, {"parameters", add_parameters}};

}  // namespace

TEST_CASE("what the server hears is what plain loops over signs add up") {
    for (const auto& [name, add] : plain) {
        for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
            for (const std::string similarity : {"hamming", "projected"}) {
                for (std::uint64_t seed = 0; seed < 4; ++seed) {
                    CAPTURE(name);
                    CAPTURE(bits);
                    CAPTURE(similarity);
                    CAPTURE(seed);
                    Stream random(seed);
                    const Variant variant = variant_of(bits, similarity, seed % 2);
                    const UplinkEntry& entry = find_uplink(name);
                    Tables tables;
                    tables.codes = reference::random_codes(bits, 30, random);
                    Aggregate heard(entry.make(variant)->shape(30));
                    Aggregate expected = heard;
                    for (int user = 0; user < 5; ++user) {
                        const Speaker speaker =
                            random_speaker(variant, user == 4 ? 0 : 30, user % 2 == 0, random);
                        const wire::Buffer body = body_of(entry, variant, speaker, tables);
                        CHECK(body.size() <= entry.max_bytes(variant, 30));
                        CHECK(refusal(entry, variant, body, tables, heard).empty());
                        add(variant, speaker, tables, expected);
                    }
                    CHECK(heard == expected);
                }
            }
        }
    }
}

TEST_CASE("bodies that are cut, longer, or changed in any bit never leave a sum half done") {
    for (const auto& [name, add] : plain) {
        CAPTURE(name);
        Stream random(7);
        const Variant variant = variant_of(20, "hamming", 1);
        const UplinkEntry& entry = find_uplink(name);
        Tables tables;
        tables.codes = reference::random_codes(20, 30, random);
        const Speaker speaker = random_speaker(variant, 30, false, random);
        const wire::Buffer body = body_of(entry, variant, speaker, tables);
        Aggregate sum(entry.make(variant)->shape(30));
        for (std::size_t size = 0; size < body.size(); ++size)
            CHECK_FALSE(refusal(entry, variant,
                                wire::Buffer(body.begin(), body.begin() + std::ptrdiff_t(size)),
                                tables, sum)
                            .empty());
        wire::Buffer longer = body;
        longer.push_back(0);
        CHECK_FALSE(refusal(entry, variant, longer, tables, sum).empty());
        for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
            wire::Buffer changed = body;
            changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
            refusal(entry, variant, changed, tables, sum);  // accepted, or refused untouched
        }
    }
}

TEST_CASE("statistics outside what a device can say are refused by name") {
    const Variant variant = variant_of(16, "hamming", 1);
    const UplinkEntry& entry = find_uplink("statistics");
    Tables tables;
    tables.codes = Codes(16, 10);
    const auto body = [&](std::uint8_t flags, std::int64_t goal, std::uint64_t weight) {
        wire::Buffer bytes;
        wire::ByteWriter to(bytes);
        const std::array<ItemId, 1> items{ItemId{3}};
        const std::uint64_t goal_bits = wire::zigzag(goal);
        to(flags, std::uint16_t{0x1234});
        wire::write_item_set(to, items);
        to(wire::varint(goal_bits), wire::varint(weight));
        return bytes;
    };
    Aggregate sum(entry.make(variant)->shape(10));
    const std::int64_t most = 4 * 8 * max_target(variant);
    CHECK(refusal(entry, variant, body(3, most, 128), tables, sum).empty());
    CHECK(refusal(entry, variant, body(3, -most, 128), tables, sum).empty());
    CHECK(refusal(entry, variant, body(3, most + 1, 128), tables, sum) == "a number is out of range");
    CHECK(refusal(entry, variant, body(3, -most - 1, 128), tables, sum) == "a number is out of range");
    CHECK(refusal(entry, variant, body(3, 0, 4 * 128 + 1), tables, sum) == "weight out of range");
    CHECK(refusal(entry, variant, body(4, 0, 1), tables, sum) == "an upload of an unknown form");
}

TEST_CASE("k votes without a tie take k + 1 bits, and one with ties a bit more for each vote") {
    for (std::size_t count : {1u, 7u, 63u, 64u, 65u}) {
        Stream random(count);
        for (bool zeros : {false, true}) {
            std::vector<std::int8_t> votes(count);
            std::size_t cast = 0;
            for (std::int8_t& vote : votes) {
                vote = static_cast<std::int8_t>(random() % 2 == 0 ? -1 : 1);
                if (zeros && (&vote == &votes[0] || random() % 2 == 0)) vote = 0;
                cast += vote != 0 ? 1 : 0;
            }
            wire::Buffer bytes;
            wire::ByteWriter to(bytes);
            wire::BitWriter bits(to);
            write_votes(bits, votes);
            bits.finish();
            CHECK(bytes.size() == (1 + (zeros ? count : 0) + cast + 7) / 8);
            std::vector<std::int8_t> read(count);
            wire::BitReader reader(bytes);
            read_votes(reader, read);
            CHECK(reader.finish() == bytes.size());
            CHECK(read == votes);
        }
    }
    const wire::Buffer boast{0b11111};  // announces zeros among three votes, and brings none
    std::vector<std::int8_t> votes(3);
    wire::BitReader reader(boast);
    CHECK_THROWS_AS(read_votes(reader, votes), wire::DecodeError);
}

TEST_CASE("asked bit by bit, users say the same sums as all at once, on codes as they are then") {
    for (const std::string similarity : {"hamming", "projected"}) {
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            CAPTURE(similarity);
            CAPTURE(seed);
            Stream random(seed);
            Variant variant = variant_of(20, similarity, seed % 2);
            variant.uplink = "statistics";
            Tables tables;
            tables.codes = reference::random_codes(20, 30, random);
            const std::vector<Speaker> users{random_speaker(variant, 30, true, random),
                                             random_speaker(variant, 30, false, random)};
            Aggregate statistics(find_uplink("statistics").make(variant)->shape(30));
            for (const Speaker& user : users) add_statistics(variant, user, tables, statistics);

            std::vector<BitSpeaker> speakers;
            for (const Speaker& user : users)
                speakers.emplace_back(variant, user.said(), std::span<const std::int16_t>{});
            BitListener listener(variant, 30, users.size());
            Codes now = tables.codes;
            for (std::uint32_t step = 0; step < steps_of(variant); ++step) {
                const BitStep at = bit_step(step, variant);
                std::vector<std::int64_t> column(30);
                for (std::uint32_t u = 0; u < users.size(); ++u) {
                    wire::Buffer body;
                    wire::ByteWriter to(body);
                    speakers[u].say(to, at, now);
                    CHECK(body.size() <= max_bit_reply_bytes(variant, 30));
                    wire::ByteReader from(body);
                    listener.hear(from, UserId{u}, at, tables, column);
                }
                // P_ia = c_ia - sum_{b != a} S_i,ab d_b
                for (std::size_t i = 0; i < 30; ++i) {
                    const auto d = reference::signs(now.row(i), 20);
                    std::int64_t expected = statistics.rows[i * 20 + at.bit];
                    std::size_t place = i * 20 * 21 / 2;
                    for (std::uint32_t a = 0; a < 20; ++a)
                        for (std::uint32_t b = a; b < 20; ++b, ++place) {
                            if (a == b) continue;
                            if (a == at.bit) expected -= statistics.second[place] * d[b];
                            if (b == at.bit) expected -= statistics.second[place] * d[a];
                        }
                    REQUIRE(column[i] == expected);
                }
                std::vector<std::uint8_t> flipped(30);
                for (std::size_t i = 0; i < 30; ++i)
                    if (random() % 3 == 0) {
                        flip(now.row(i), at.bit);
                        flipped[i] = 1;
                    }
                for (BitSpeaker& speaker : speakers) speaker.follow(at.bit, flipped, now);
            }
            CHECK(listener.round().counts == statistics.counts);
            if (variant.interaction > 0) {
                CHECK(listener.round().gram == statistics.gram);
                CHECK(listener.round().cross == statistics.cross);
            }
        }
    }
}

TEST_CASE("a bit's numbers out of range, too few or too many are refused and add nothing") {
    Variant variant = variant_of(16, "hamming", 0);
    variant.uplink = "statistics";
    variant.weight = 1;
    Tables tables;
    tables.codes = Codes(16, 10);
    BitListener listener(variant, 10, 2);
    std::vector<std::int64_t> column(10);
    const auto hear = [&](std::uint32_t step, bool opens, std::vector<std::int64_t> numbers) {
        wire::Buffer bytes;
        wire::ByteWriter to(bytes);
        const std::array<ItemId, 2> items{ItemId{3}, ItemId{7}};
        if (opens) wire::write_item_set(to, items);
        for (std::int64_t number : numbers) {
            const std::uint64_t bits = wire::zigzag(number);
            to(wire::varint(bits));
        }
        wire::ByteReader from(bytes);
        const std::vector<std::int64_t> before = column;
        try {
            listener.hear(from, UserId{1}, bit_step(step, variant), tables, column);
            return std::string();
        } catch (const wire::DecodeError& error) {
            CHECK(column == before);
            return std::string(error.what());
        }
    };
    const std::int64_t most = 8 * max_target(variant);
    CHECK(hear(0, true, {1, most + 1}) == "a number is out of range");
    CHECK(listener.round().users == 0);
    CHECK(hear(0, true, {most, -most}).empty());
    CHECK(column[3] == most);
    CHECK(column[7] == -most);
    CHECK(hear(1, false, {5}) == "truncated body");
    CHECK(hear(1, false, {5, 6, 7}) == "trailing bytes");
    CHECK(hear(1, false, {5, -6}).empty());
    CHECK(listener.round().users == 1);
    CHECK(listener.round().counts[7] == 1);
}
