// Pieces of uplinks, exchanges and item rules that do not fit each other are refused when a run is
// planned, with what is wrong and what to set instead.
#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "scenarios/launch/plan.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

using Change = void (*)(Scenario&);

/// A plan that is fine: exact steps on sufficient statistics, everybody in every round.
Scenario fine() {
    Scenario scenario;
    MethodSettings& method = scenario.method;
    method.feedback = "explicit";
    method.uplink = "statistics";
    method.item_rule = "exact";
    method.interaction = 0;
    method.weight = 1;
    method.relaxation = 1;
    method.memory = 0;
    return scenario;
}

/// Why it is refused; "" when it is not.
std::string refusal(Change change, std::uint32_t items = 100) {
    Scenario scenario = fine();
    change(scenario);
    Prepared data;
    data.ranking.items = items;
    for (std::uint32_t u = 0; u < 5; ++u) {
        client::UserData user;
        user.user = UserId{u};
        user.train.push_back({ItemId{u}, 1});
        data.users.push_back(user);
    }
    try {
        plan(scenario, data, {});
        return "";
    } catch (const UsageError& error) {
        return error.what();
    }
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void interactive(Scenario& scenario) { scenario.method.exchange = "interactive"; }

}  // namespace

TEST_CASE("what fits is planned") {
    CHECK(refusal([](Scenario&) {}) == "");
    CHECK(refusal(interactive) == "");
    CHECK(refusal([](Scenario& s) {
              interactive(s);
              s.method.uplink = "votes";
              s.method.item_rule = "majority";
              s.method.similarity = "projected";
          }) == "");
    CHECK(refusal([](Scenario& s) {
              s.method.memory = 0.5;
              s.run.participation = 0.1;
          }) == "");
}

TEST_CASE("an exchange bit by bit is refused where something needs all bits at once") {
    const std::string uplink = refusal([](Scenario& s) {
        interactive(s);
        s.method.uplink = "residual";
        s.method.item_rule = "curvature";
    });
    CHECK(says(uplink, "method.exchange = \"interactive\""));
    CHECK(says(uplink, "use \"statistics\" or \"votes\""));
    CHECK(says(refusal([](Scenario& s) {
                   interactive(s);
                   s.method.solver = "block";
               }),
               "set method.solver=dcd"));
    CHECK(says(refusal([](Scenario& s) {
                   interactive(s);
                   s.method.memory = 0.5;
                   s.run.participation = 0.1;
               }),
               "set method.memory=0"));
    CHECK(says(refusal([](Scenario& s) {
                   interactive(s);
                   s.method.similarity = "projected";
                   s.method.relaxation = 0.5;
               }),
               "method.relaxation=1"));
}

TEST_CASE("item rules are refused what they cannot use") {
    CHECK(says(refusal([](Scenario& s) { s.method.uplink = "votes"; }), "it takes uplinks: statistics"));
    CHECK(says(refusal([](Scenario& s) {
                   s.method.uplink = "votes";
                   s.method.item_rule = "votes-gram";
               }),
               "set method.interaction=1"));
    CHECK(says(refusal([](Scenario& s) {
                   s.method.item_rule = "exact-inertia";
                   s.method.similarity = "projected";
               }),
               "similarity \"hamming\""));
    CHECK(says(refusal([](Scenario& s) {
                   s.method.uplink = "gradients";
                   s.method.item_rule = "gradient";
                   s.method.memory = 0.5;
                   s.run.participation = 0.1;
               }),
               "set method.memory=0"));
    CHECK(says(refusal([](Scenario& s) {
                   s.method.inertia = 100;
                   s.method.solver = "prox";
               }),
               "method.inertia=0"));
    CHECK(says(refusal([](Scenario& s) { s.method.solver = "exhaustive"; }), "method.bits=20"));
}

TEST_CASE("statistics that would not fit the server's memory are refused with their size") {
    // 64 bits: 2,080 sums of 8 bytes an item; 258,111 items are just within 4 GiB.
    CHECK(refusal([](Scenario&) {}, 258'000) == "");
    const std::string refused = refusal([](Scenario&) {}, 1'000'000);
    CHECK(says(refused, "15 GiB"));
    CHECK(says(refused, "method.exchange=interactive"));
    CHECK(refusal(interactive, 1'000'000) == "");
    CHECK(says(refusal(
                   [](Scenario& s) {
                       s.method.memory = 0.5;
                       s.run.participation = 0.1;
                   },
                   258'000),
               "4 GiB is the limit"));
}
