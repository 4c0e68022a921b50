// Pieces of uplinks, exchanges and item rules that do not fit each other are refused when a run is
// planned, with what is wrong and what to set instead.
#include <doctest/doctest.h>

#include "tests/scenarios/launch/refusal.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using namespace fedhash::tests;

namespace {

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

std::string plan_refusal(Change change, std::uint32_t items = 100) {
    return refusal(fine(), change, items);
}

void interactive(Scenario& scenario) { scenario.method.exchange = "interactive"; }

}  // namespace

TEST_CASE("what fits is planned") {
    CHECK(plan_refusal([](Scenario&) {}) == "");
    CHECK(plan_refusal(interactive) == "");
    CHECK(plan_refusal([](Scenario& s) {
              interactive(s);
              s.method.uplink = "votes";
              s.method.item_rule = "majority";
              s.method.similarity = "projected";
          }) == "");
    CHECK(plan_refusal([](Scenario& s) {
              s.method.memory = 0.5;
              s.run.participation = 0.1;
          }) == "");
}

TEST_CASE("an exchange bit by bit is refused where something needs all bits at once") {
    const std::string uplink = plan_refusal([](Scenario& s) {
        interactive(s);
        s.method.uplink = "residual";
        s.method.item_rule = "curvature";
    });
    CHECK(says(uplink, "method.exchange = \"interactive\""));
    CHECK(says(uplink, "use \"statistics\" or \"votes\""));
    CHECK(says(plan_refusal([](Scenario& s) {
                   interactive(s);
                   s.method.solver = "block";
               }),
               "set method.solver=dcd"));
    CHECK(says(plan_refusal([](Scenario& s) {
                   interactive(s);
                   s.method.memory = 0.5;
                   s.run.participation = 0.1;
               }),
               "set method.memory=0"));
    CHECK(says(plan_refusal([](Scenario& s) {
                   interactive(s);
                   s.method.similarity = "projected";
                   s.method.relaxation = 0.5;
               }),
               "method.relaxation=1"));
}

TEST_CASE("item rules are refused what they cannot use") {
    CHECK(says(plan_refusal([](Scenario& s) { s.method.uplink = "votes"; }),
               "it takes uplinks: statistics"));
    CHECK(says(plan_refusal([](Scenario& s) {
                   s.method.uplink = "votes";
                   s.method.item_rule = "votes-gram";
               }),
               "set method.interaction=1"));
    CHECK(says(plan_refusal([](Scenario& s) {
                   s.method.item_rule = "exact-inertia";
                   s.method.similarity = "projected";
               }),
               "similarity \"hamming\""));
    CHECK(says(plan_refusal([](Scenario& s) {
                   s.method.uplink = "gradients";
                   s.method.item_rule = "gradient";
                   s.method.memory = 0.5;
                   s.run.participation = 0.1;
               }),
               "set method.memory=0"));
    CHECK(says(plan_refusal([](Scenario& s) {
                   s.method.inertia = 100;
                   s.method.solver = "prox";
               }),
               "method.inertia=0"));
    CHECK(
        says(plan_refusal([](Scenario& s) { s.method.solver = "exhaustive"; }), "method.bits=20"));
}

TEST_CASE("statistics that would not fit the server's memory are refused with their size") {
    // 64 bits: 2,080 sums of 8 bytes an item; 258,111 items are just within 4 GiB.
    CHECK(plan_refusal([](Scenario&) {}, 258'000) == "");
    const std::string refused = plan_refusal([](Scenario&) {}, 1'000'000);
    CHECK(says(refused, "15 GiB"));
    CHECK(says(refused, "method.exchange=interactive"));
    CHECK(plan_refusal(interactive, 1'000'000) == "");
    CHECK(says(plan_refusal(
                   [](Scenario& s) {
                       s.method.memory = 0.5;
                       s.run.participation = 0.1;
                   },
                   258'000),
               "4 GiB is the limit"));
}
