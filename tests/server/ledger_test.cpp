#include "server/ledger.hpp"

#include <doctest/doctest.h>

using namespace fedhash;
using namespace fedhash::server;

TEST_CASE("the ledger keeps payload and framing apart, by account, direction and type") {
    Ledger ledger(3);
    ledger.add(Account::training, Direction::down, wire::Type::publish, 116);
    ledger.add(Account::training, Direction::down, wire::Type::publish, 16);
    ledger.add(Account::training, Direction::up, wire::Type::reply, 20);
    ledger.add(Account::evaluation, Direction::down, wire::Type::publish, 50);
    ledger.add(Account::evaluation, Direction::up, wire::Type::scores, 60);
    ledger.add(Account::control, Direction::up, wire::Type::hello, 52);
    ledger.add(Account::control, Direction::down, wire::Type::welcome, 200);
    const RoundBytes& all = ledger.all();
    const Count published = all.training[0][static_cast<std::size_t>(wire::Type::publish)];
    CHECK(published.frames == 2);
    CHECK(published.payload == 100);
    CHECK(published.bytes() == 132);
    CHECK(all.total(Direction::down).bytes() == 132);
    CHECK(all.total(Direction::up).bytes() == 20);
    CHECK(all.evaluation_down.bytes() == 50);
    CHECK(all.evaluation_up.bytes() == 60);
    CHECK(all.control_up.payload == 36);
    CHECK(all.control_down.bytes() == 200);
}

TEST_CASE("the counts of the rounds add up to those of the run") {
    Ledger ledger(1);
    RoundBytes sum;
    for (std::size_t round = 1; round <= 5; ++round) {
        for (std::size_t f = 0; f < round; ++f) {
            ledger.add(Account::training, Direction::up, wire::Type::reply, 16 + 10 * round + f);
            ledger.add(Account::evaluation, Direction::down, wire::Type::evaluate, 20);
        }
        const RoundBytes taken = ledger.take_round();
        CHECK(taken.total(Direction::up).frames == round);
        CHECK(ledger.take_round().total(Direction::up).frames == 0);
        sum += taken;
    }
    CHECK(sum.total(Direction::up).bytes() == ledger.all().total(Direction::up).bytes());
    CHECK(sum.evaluation_down.bytes() == ledger.all().evaluation_down.bytes());
    CHECK(sum.evaluation_down.bytes() == 15 * 20);
}

TEST_CASE("users' totals are kept by user") {
    Ledger ledger(2);
    ledger.user(UserId{1}).up += 7;
    ++ledger.user(UserId{1}).accepted;
    CHECK(ledger.users()[0].up == 0);
    CHECK(ledger.users()[1].up == 7);
    CHECK(ledger.users()[1].accepted == 1);
}
