// Settings that would silently do nothing are refused with what is in the way and what to set.
#include <doctest/doctest.h>

#include "tests/scenarios/launch/refusal.hpp"
#include "tests/scenarios/launch/small_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

/// Why it is refused; "" when it is not.
std::string refusal(const std::string& preset, std::vector<scenarios::Override> changes) {
    static const scenarios::Prepared data = generated(8, 30);
    try {
        scenarios::plan(with_preset(preset, std::move(changes)), data, {});
        return "";
    } catch (const UsageError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("an item bias is refused where no rule fits one") {
    CHECK(refusal("implicit-dcd", {{"method.bias_bits", "4"}}) == "");
    CHECK(refusal("dcd-plus", {{"method.bias_bits", "4"}}) == "");
    for (const char* preset : {"box", "box-sym", "dcf-exact", "fphlf", "tanh", "ials", "ch"}) {
        CAPTURE(std::string(preset));
        const std::string refused = refusal(preset, {{"method.bias_bits", "4"}});
        CHECK(says(refused, "method.bias_bits"));
        CHECK(says(refused, "set method.bias_bits=0"));
    }
}

TEST_CASE(
    "a share of the teacher's score is refused without a teacher, kicks without their solver") {
    for (const char* key : {"prior", "scoring_prior"}) {
        const std::string setting = std::string("method.") + key;
        CHECK(says(refusal("dcd-plus", {{setting, "1"}}), "set " + setting + "=0"));
        CHECK(refusal("guided", {{setting, "1"}}) == "");
    }
    CHECK(says(refusal("implicit-dcd", {{"method.kicks", "3"}}), "local-search"));
    CHECK(says(refusal("implicit-dcd", {{"method.solver", "local-search"}}), "method.kicks"));
    CHECK(refusal("implicit-dcd", {{"method.solver", "local-search"}, {"method.kicks", "3"}}) ==
          "");
}

TEST_CASE("bit planes are refused where scores are not linear in bits, or there are no codes") {
    CHECK(refusal("enc", {{"method.scoring_bits", "3"}, {"method.group_bits", "1"}}) == "");
    CHECK(refusal("dcd-plus", {{"method.scoring_bits", "3"}}) == "");
    CHECK(refusal("guided", {{"method.scoring_prior", "0.5"}}) == "");
    for (const char* preset : {"enc", "bigear"})
        CHECK(
            says(refusal(preset, {{"method.scoring_prior", "0.5"}}), "set method.scoring_prior=0"));
    for (const char* preset : {"enc", "guided"})
        CHECK(says(refusal(preset, {{"method.group_bits", "3"}}), "set 1, 2 or 4"));
    for (const char* bits : {"2", "4"})
        CHECK(says(refusal("enc", {{"method.scoring_bits", "3"}, {"method.group_bits", bits}}),
                   "set method.group_bits=1"));
    for (const char* preset : {"ials", "fedmf", "popularity"})
        CHECK(says(refusal(preset, {{"method.scoring_bits", "3"}}), "set method.scoring_bits=0"));
}

TEST_CASE("pieces that a learner has no use for are refused with the value to go back to") {
    CHECK(says(refusal("dcd-plus", {{"method.objective", "bpr"}}), "set method.objective=square"));
    CHECK(says(refusal("dcd-plus", {{"method.feedback", "explicit"}}),
               "set method.feedback=implicit"));
    CHECK(says(refusal("box", {{"method.regulariser", "balance"}, {"method.balance", "1"}}),
               "set method.regulariser=none"));
    CHECK(says(refusal("tanh", {{"method.solver", "prox"}}), "set method.solver=dcd"));
    CHECK(says(refusal("ials", {{"method.item_rule", "majority"}}),
               "set method.item_rule=curvature"));
    CHECK(says(refusal("tanh", {{"method.exchange", "interactive"}}),
               "set method.exchange=one-shot"));
    CHECK(says(refusal("implicit-dcd", {{"method.teacher.rounds", "2"}}),
               "set method.teacher.rounds=0"));
    CHECK(says(refusal("tanh", {{"method.teacher.rounds", "2"}}), "method.distil"));
}

TEST_CASE("one goal for all that is listed needs something beside it") {
    for (const char* objective : {"square", "logistic"})
        CHECK(says(
            refusal("implicit-dcd", {{"method.interaction", "0"}, {"method.objective", objective}}),
            "set method.interaction=1"));
    CHECK(refusal("implicit-dcd", {{"method.interaction", "0"}, {"method.feedback", "sampled"}}) ==
          "");
}

TEST_CASE("a device that learns nothing has nothing to say, and reals do not become codes alone") {
    CHECK(refusal("null", {}) == "");
    CHECK(says(refusal("implicit-dcd", {{"method.objective", "none"}}), "uplink \"nothing\""));
    CHECK(says(refusal("box", {{"method.uplink", "nothing"}, {"method.item_rule", "none"}}),
               "method.item_rule = \"none\" never makes item codes"));
}
