#include "common/secure/messages.hpp"

#include <doctest/doctest.h>

#include "common/secure/statement.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"

using namespace fedhash;
using namespace fedhash::secure;

namespace {

Key filled(std::uint8_t byte) {
    Key key;
    key.fill(byte);
    return key;
}

/// Every cut of a body, and one that says more than it has, is refused.
template <class Read>
void check_hostile(const wire::Buffer& body, Read read) {
    for (std::size_t size = 0; size < body.size(); ++size) {
        wire::ByteReader from(wire::View(body).first(size));
        CHECK_THROWS_AS(read(from), wire::DecodeError);
    }
    wire::Buffer many = body;
    many[0] = many[1] = 0xff;
    wire::ByteReader from(many);
    CHECK_THROWS_AS(read(from), wire::DecodeError);
}

}  // namespace

TEST_CASE("the words of secure aggregation come back from their bytes, and no part of them does") {
    wire::Buffer body;
    {
        wire::ByteWriter to(body);
        Signature signature{};
        signature[63] = 8;
        write_adverts(to, {{UserId{3}, filled(1), filled(2), {}},
                           {UserId{9}, filled(3), filled(4), signature}});
        CHECK(body.size() == 2 + 2 * 132);
        wire::ByteReader from(body);
        const auto adverts = read_adverts(from);
        from.finish();
        REQUIRE(adverts.size() == 2);
        CHECK(adverts[1].user == UserId{9});
        CHECK(adverts[1].sealing == filled(3));
        CHECK(adverts[1].masking == filled(4));
        CHECK(adverts[1].signature == signature);
        check_hostile(body, [](wire::ByteReader& cut) { read_adverts(cut); });
    }
    body.clear();
    {
        wire::ByteWriter to(body);
        write_shares(to, {{UserId{1}, UserId{7}, Bytes(sealed_bytes, 5)}}, true);
        CHECK(body.size() == 2 + 85);
        wire::ByteReader from(body);
        const auto shares = read_shares(from, UserId{1}, true);
        REQUIRE(shares.size() == 1);
        CHECK(shares[0].to == UserId{7});
        CHECK(shares[0].from == UserId{1});
        CHECK(shares[0].sealed == Bytes(sealed_bytes, 5));
        check_hostile(body, [](wire::ByteReader& cut) { read_shares(cut, UserId{1}, false); });
    }
    body.clear();
    {
        wire::ByteWriter to(body);
        write_question(to, {{UserId{1}, UserId{2}}, {UserId{3}}});
        wire::ByteReader from(body);
        const Question question = read_question(from);
        CHECK(question.alive == std::vector{UserId{1}, UserId{2}});
        CHECK(question.dropped == std::vector{UserId{3}});
        check_hostile(body, [](wire::ByteReader& cut) { read_question(cut); });
    }
    body.clear();
    {
        wire::ByteWriter to(body);
        write_revealed(to, {UserId{4}, {{UserId{1}, {2, Bytes(32, 9)}}}, {}});
        wire::ByteReader from(body);
        const Revealed revealed = read_revealed(from, UserId{4});
        REQUIRE(revealed.self.size() == 1);
        CHECK(revealed.self[0].second.x == 2);
        CHECK(revealed.self[0].second.bytes == Bytes(32, 9));
        CHECK(revealed.masking.empty());
        check_hostile(body, [](wire::ByteReader& cut) { read_revealed(cut, UserId{4}); });
    }
}

TEST_CASE("a sum is a row of integers and back, sums that nobody can have are refused") {
    Variant variant;
    variant.bits = 16;
    const AggregateShape shape = find_uplink("residual").make(variant)->shape(5);
    Aggregate sum(shape);
    Stream random(2);
    sum.users = 3;
    for (auto* part : {&sum.rows, &sum.weights, &sum.vectors, &sum.gram})
        for (auto& value : *part) value = static_cast<std::int64_t>(random() % 2001) - 1000;
    for (auto& count : sum.counts) count = static_cast<std::int64_t>(random() % 4);
    const auto cells = flatten(sum);
    CHECK(cells.size() == statement_cells(variant, 5));
    CHECK(unflatten(shape, cells) == sum);
    check_sum(variant, sum, 3);
    CHECK_THROWS_AS(check_sum(variant, sum, 4), wire::DecodeError);
    sum.counts[2] = -1;
    CHECK_THROWS_AS(check_sum(variant, sum, 3), wire::DecodeError);
    sum.counts[2] = 4;
    CHECK_THROWS_AS(check_sum(variant, sum, 3), wire::DecodeError);
}

TEST_CASE("parts of a statement: counts alone, or rows of some items, and nothing of the others") {
    Variant variant;
    variant.bits = 16;
    const AggregateShape shape = find_uplink("residual").make(variant)->shape(5);
    Aggregate sum(shape);
    sum.users = 3;
    for (auto* part : {&sum.rows, &sum.counts, &sum.weights, &sum.vectors, &sum.gram})
        for (std::size_t i = 0; i < part->size(); ++i)
            (*part)[i] = static_cast<std::int64_t>(i + 1);
    const Scope counts{Scope::counts, {}}, some{Scope::some, {ItemId{1}, ItemId{4}}};
    for (const Scope& scope : {counts, some}) {
        const auto cells = flatten(sum, scope);
        CHECK(cells.size() == statement_cells(variant, 5, scope));
        const Aggregate back = unflatten(shape, cells, scope);
        CHECK(back.users == 3);
        CHECK(flatten(back, scope) == cells);
    }
    CHECK(unflatten(shape, flatten(sum, counts), counts).counts == sum.counts);
    CHECK(unflatten(shape, flatten(sum, counts), counts).gram[0] == 0);
    const Aggregate two = unflatten(shape, flatten(sum, some), some);
    CHECK(two.counts == std::vector<std::int64_t>{0, 2, 0, 0, 5});
    CHECK(two.rows[16] == 17);
    CHECK(two.rows[0] == 0);
    CHECK(two.gram == sum.gram);

    wire::Buffer body;
    {
        wire::ByteWriter to(body);
        write_scope(to, some);
    }
    wire::ByteReader from(body);
    const Scope read = read_scope(from, 5);
    CHECK(read.kind == Scope::some);
    CHECK(read.items == some.items);
    wire::ByteReader beyond(body);
    CHECK_THROWS_AS(read_scope(beyond, 3), wire::DecodeError);
    const wire::Buffer unknown{7};
    wire::ByteReader strange(unknown);
    CHECK_THROWS_AS(read_scope(strange, 5), wire::DecodeError);
    wire::ByteReader nothing{wire::View{}};
    CHECK(read_scope(nothing, 5).kind == Scope::everything);
    // Who is asked for something else has another context: nothing fits.
    const Tables tables = initial_tables(1, variant, 5, false);
    CHECK(statement_terms(variant, 9, 5, 1, tables, counts).context !=
          statement_terms(variant, 9, 5, 1, tables, some).context);
    CHECK(statement_terms(variant, 9, 5, 1, tables, counts).ring.bits == 5);  // 19 values
}

TEST_CASE("other tables, another round, another run: another context") {
    Variant variant;
    Tables tables = initial_tables(1, variant, 20, false);
    tables.version = 4;
    const Terms round = statement_terms(variant, 300, 20, 1, tables);
    CHECK(round.ring.bits == 26);  // 300 users of at most 65,536
    CHECK(statement_terms(variant, 300, 20, 1, tables).context == round.context);
    CHECK(statement_terms(variant, 300, 20, 2, tables).context != round.context);
    Tables other = tables;
    flip(other.codes.row(7), 3);
    CHECK(statement_terms(variant, 300, 20, 1, other).context != round.context);
    other = tables;
    other.version = 5;
    CHECK(statement_terms(variant, 300, 20, 1, other).context != round.context);
    variant.similarity = "projected";
    CHECK(clip_of(variant) == 0);
}
