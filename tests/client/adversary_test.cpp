#include "client/adversary.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "client/device.hpp"
#include "common/errors.hpp"
#include "common/uplink.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

/// An honest upload of three items, and what it is forged to.
struct Forgery {
    Variant variant;
    Ranking ranking;
    Tables tables;
    std::vector<std::uint64_t> code{0xf0f0};
    std::vector<ItemId> listed{ItemId{2}, ItemId{5}, ItemId{9}};
    std::vector<std::int32_t> pulls{100, -20, 30}, weights{16, 16, 16};
    Workspace work;

    explicit Forgery(const char* uplink) {
        variant.bits = 16;
        variant.uplink = uplink;
        variant.adversary.target = 7;
        ranking.items = 200;
        ranking.popularity.assign(200, 1);
        Stream random(3);
        tables = tests::random_tables(variant, 200, random);
        // Ten popular items that agree on 0x00ff, one by one but for a bit.
        for (std::uint32_t i = 20; i < 30; ++i) {
            ranking.popularity[i] = 9;
            tables.codes.row(i)[0] = 0x00ffu ^ (1u << (i % 16));
        }
    }

    Said forged(const char* kind, std::uint32_t round = 1) {
        Said said;
        said.code = code;
        said.items = listed;
        if (variant.uplink != "residual") {
            said.pulls = pulls;
            said.weights = weights;
        }
        said.target = 50;
        find_adversaries(kind).forge({variant, 1, round, UserId{4}, ranking, tables}, said, work);
        return said;
    }

    /// What the server makes of it; it throws where no honest device could have said this.
    Aggregate heard(const Said& said) const {
        const auto uplink = find_uplink(variant.uplink).make(variant);
        Aggregate sum(uplink->shape(200));
        const wire::Buffer body = tests::body_of(*uplink, said, tables);
        wire::ByteReader from(body);
        uplink->hear(from, tables, sum);
        return sum;
    }
};

}  // namespace

TEST_CASE("who lies is drawn by seed: as many as are asked for, and the same whoever hosts them") {
    AdversaryVariant adversary{"flip", 10, 0};
    const std::vector<UserId> ten = liars(adversary, 1, 1000);
    CHECK(ten.size() == 10);
    CHECK(std::ranges::is_sorted(ten));
    CHECK(liars(adversary, 1, 1000) == ten);
    CHECK(liars(adversary, 2, 1000) != ten);
    adversary.users = 20;
    const std::vector<UserId> twenty = liars(adversary, 1, 1000);
    CHECK(std::ranges::includes(twenty, ten));
    adversary.users = 2000;
    CHECK(liars(adversary, 1, 1000).size() == 1000);
    adversary.users = 0;
    CHECK(liars(adversary, 1, 1000).empty());
    CHECK(liars({"none", 5, 0}, 1, 1000).empty());
    CHECK_THROWS_WITH_AS(find_adversaries("promot"),
                         "adversary.clients: unknown kind 'promot'; known: none, promote, flip, "
                         "free-rider",
                         UsageError);
}

TEST_CASE("a coordinator that asks for lies about codes of a method without codes is refused") {
    Shard shard;
    shard.clients = 1;
    shard.ranking.items = 20;
    shard.users.resize(1);
    wire::Welcome welcome;
    welcome.users = welcome.clients = 1;
    welcome.items = 20;
    welcome.kernels = "auto";
    welcome.variant.adversary = {"flip", 1, 0};
    CHECK_NOTHROW(Device(shard, welcome));
    welcome.variant.adversary.target = 20;
    CHECK_THROWS_AS(Device(shard, welcome), wire::DecodeError);
    welcome.variant.adversary.target = 0;
    welcome.variant.learner = "ridge";
    welcome.variant.uplink = "vector";
    CHECK_THROWS_WITH_AS(Device(shard, welcome), "lies about a code that users do not have",
                         wire::DecodeError);
}

TEST_CASE("who promotes says one row, which pulls the target to what popular items agree on") {
    for (const char* uplink : {"residual", "votes", "gradients"}) {
        CAPTURE(std::string(uplink));
        Forgery forgery(uplink);
        const Said said = forgery.forged("promote");
        REQUIRE(said.items.size() == 1);
        CHECK(said.items[0] == ItemId{7});
        CHECK(said.code[0] == 0x00ff);
        const Aggregate sum = forgery.heard(said);
        CHECK(sum.counts[7] == 1);
        for (std::uint32_t a = 0; a < 16; ++a) CHECK((sum.rows[7 * 16 + a] > 0) == (a < 8));
        // No honest upload pulls a row harder.
        const Aggregate honest = Forgery(uplink).heard([&] {
            Said plain;
            plain.code = forgery.code;
            plain.items = forgery.listed;
            plain.target = 50;
            plain.pulls = forgery.pulls;
            plain.weights = forgery.weights;
            return plain;
        }());
        for (const std::int64_t row : honest.rows)
            CHECK(std::abs(row) <= std::abs(sum.rows[7 * 16]));
    }
}

TEST_CASE("the opposite code turns every row around, a free rider's is another each round") {
    Forgery forgery("residual");
    CHECK(forgery.forged("flip").code[0] == (0xf0f0u ^ 0xffffu));
    CHECK(forgery.forged("flip").items.size() == 3);
    forgery.heard(forgery.forged("flip"));
    const std::uint64_t first = forgery.forged("free-rider", 1).code[0];
    CHECK(forgery.forged("free-rider", 1).code[0] == first);
    CHECK(forgery.forged("free-rider", 2).code[0] != first);
    forgery.heard(forgery.forged("free-rider", 1));
}
