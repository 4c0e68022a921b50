// Protections that do not go with the other pieces are refused when a run is planned, with what is
// wrong and what to set instead.
#include <doctest/doctest.h>

#include <cmath>

#include "scenarios/launch/privacy.hpp"
#include "tests/scenarios/launch/refusal.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using namespace fedhash::tests;

namespace {

std::string protected_refusal(Change change) { return refusal({}, change, 50); }

void unary(Scenario& s) {
    s.privacy.items = "unary";
    s.method.refit_target = false;
    s.method.target_exponent = 0;
}

void subset(Scenario& s) {
    unary(s);
    s.privacy.items = "subset";
}

void ballots(Scenario& s) {
    s.method.uplink = "ballots";
    s.method.item_rule = "majority";
    s.method.reluctance = 1;
    s.privacy.ballots = 32;
}

void noisy(Scenario& s) {
    s.method.exchange = "secure";
    s.privacy.noise = 1;
    s.privacy.row_cap = 20;
}

}  // namespace

TEST_CASE("protections that fit are planned, alone and together") {
    CHECK(protected_refusal([](Scenario&) {}) == "");
    CHECK(protected_refusal([](Scenario& s) {
              s.privacy.decoys = "popular";
              s.privacy.code = "permanent";
              s.privacy.row_cap = 10;
              s.privacy.contributors = 3;
          }) == "");
    CHECK(protected_refusal([](Scenario& s) {
              unary(s);
              s.privacy.code = "fresh";
          }) == "");
    CHECK(protected_refusal([](Scenario& s) {
              s.method.uplink = "votes";
              s.method.item_rule = "votes-gram";
              s.method.reluctance = 1;
              s.privacy.prior = 4;
          }) == "");
}

TEST_CASE("decoys need rows that somebody sees") {
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.decoys = "memoised";
                   s.method.exchange = "secure";
               }),
               "privacy.decoys = \"memoised\" hides rows that method.exchange = \"secure\" does "
               "not show anybody"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.decoys = "memoised";
                   s.method.feedback = "explicit";
                   s.method.interaction = 0;
                   s.coding.rows = "own";
               }),
               "set coding.rows=all"));
}

TEST_CASE("decoys are taken off where there are some, at once, and of rows") {
    const auto denoised = [](Scenario& s) {
        s.privacy.decoys = "resampled";
        s.method.exchange = "denoised";
    };
    CHECK(protected_refusal(denoised) == "");
    CHECK(says(protected_refusal([](Scenario& s) { s.method.exchange = "denoised"; }),
               "set privacy.decoys=resampled, or method.exchange=one-shot"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.decoys = "resampled";
                   s.method.exchange = "denoised";
                   s.method.uplink = "statistics";
                   s.method.item_rule = "curvature";
               }),
               "not \"statistics\""));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.decoys = "resampled";
                   s.method.exchange = "denoised";
                   s.adversary.clients = "flip";
               }),
               "set adversary.clients=none"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.decoys = "resampled";
                   s.method.exchange = "denoised";
                   s.network.links = "mixed";
                   s.network.deadline_ms = 500;
               }),
               "cannot leave out who is late"));
}

namespace {

void gradients_in_pieces(Scenario& s) {
    s.method.exchange = "shuffled";
    s.method.uplink = "gradients";
    s.method.item_rule = "gradient";
    s.method.interaction = 0;
    s.method.feedback = "sampled";
    s.method.refit_target = false;
    s.privacy.pieces = 4;
}

}  // namespace

TEST_CASE("what a shuffler cannot carry is refused, with the way out") {
    CHECK(protected_refusal([](Scenario& s) { s.method.exchange = "shuffled"; }) == "");
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.privacy.pieces = 4;
               }),
               "says more; use gradients or ballots, or set privacy.pieces=1"));
    CHECK(says(protected_refusal(gradients_in_pieces), "set privacy.row_cap=100"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   gradients_in_pieces(s);
                   s.privacy.row_cap = 20;
                   s.privacy.contributors = 3;
               }),
               "counts pieces"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.run.participation = 0.02;
               }),
               "takes three users or more a round"));
    CHECK(protected_refusal([](Scenario& s) {
              gradients_in_pieces(s);
              s.privacy.row_cap = 20;
          }) == "");
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.method.uplink = "ballots";
                   s.method.item_rule = "majority";
                   s.privacy.ballots = 10;
                   s.privacy.pieces = 4;
               }),
               "do not share privacy.ballots = 10 equally"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.method.uplink = "ballots";
                   s.method.item_rule = "majority";
                   s.privacy.ballots = 8;
                   s.privacy.pieces = 4;
                   s.adversary.clients = "flip";
               }),
               "set adversary.clients=none"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.adversary.server = "chosen-codes";
               }),
               "set adversary.server=none"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.network.links = "mixed";
                   s.network.deadline_ms = 500;
               }),
               "cannot leave out who is late"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.method.exchange = "shuffled";
                   s.method.feedback = "explicit";
                   s.method.interaction = 0;
                   s.coding.rows = "own";
               }),
               "set coding.rows=all"));
}

TEST_CASE("unary items need a target that says nothing, and a rule that reads them") {
    CHECK(says(protected_refusal([](Scenario& s) { s.privacy.items = "unary"; }),
               "method.refit_target=false and method.target_exponent=0"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   unary(s);
                   s.privacy.decoys = "memoised";
               }),
               "set privacy.decoys=none"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   unary(s);
                   s.privacy.row_cap = 3;
               }),
               "set privacy.row_cap=0"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   unary(s);
                   s.method.feedback = "sampled";
               }),
               "residuals must follow from one target"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   unary(s);
                   s.method.exchange = "secure";
               }),
               "set method.exchange=one-shot"));
}

TEST_CASE("reports by subset selection have what unary items need") {
    CHECK(protected_refusal(subset) == "");
    CHECK(says(protected_refusal([](Scenario& s) {
                   subset(s);
                   s.method.feedback = "sampled";
               }),
               "residuals must follow from one target"));
    PrivacySettings settings;
    settings.items = "subset";
    settings.items_epsilon = 2;
    settings.items_per_user = 100;
    const PrivacyVariant chosen = privacy_variant(settings, 3606, 10);
    CHECK(chosen.items_said == 442);  // Ye and Barg's k at d = 3706
    CHECK(chosen.items_true_q32 / 4294967296.0 == doctest::Approx(0.500150).epsilon(1e-5));
    CHECK(chosen.items_lie_q32 / 4294967296.0 == doctest::Approx(0.119163).epsilon(1e-5));
}

TEST_CASE("ballots are the whole upload of an uplink of their own") {
    CHECK(protected_refusal(ballots) == "");
    CHECK(says(protected_refusal([](Scenario& s) { s.privacy.ballots = 32; }),
               "set method.uplink=ballots"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   ballots(s);
                   s.privacy.ballots = 0;
               }),
               "set privacy.ballots=64"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   ballots(s);
                   s.privacy.code = "fresh";
               }),
               "code=exact"));
}

TEST_CASE("noise needs masks, a bound on rows, and no exact counts beside it") {
    CHECK(protected_refusal(noisy) == "");
    CHECK(says(protected_refusal([](Scenario& s) { s.privacy.noise = 1; }),
               "set method.exchange=secure"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   noisy(s);
                   s.privacy.row_cap = 0;
               }),
               "set privacy.row_cap=100"));
    CHECK(says(protected_refusal([](Scenario& s) {
                   noisy(s);
                   s.privacy.contributors = 3;
               }),
               "set privacy.contributors=0"));
}

TEST_CASE("questions bit by bit are not protected, and sums that are no votes have no prior") {
    CHECK(says(protected_refusal([](Scenario& s) {
                   s.privacy.contributors = 3;
                   s.method.exchange = "interactive";
                   s.method.uplink = "statistics";
                   s.method.item_rule = "exact";
                   s.method.relaxation = 1;
                   s.method.memory = 0;
               }),
               "asks for one bit at a time"));
    CHECK(says(protected_refusal([](Scenario& s) { s.privacy.prior = 4; }),
               "method.reluctance is the like"));
}

TEST_CASE("the probability of a lie is that of its epsilon") {
    CHECK(lie_q32(1) / 4294967296.0 == doctest::Approx(1 - 0.7310585786).epsilon(1e-9));
    CHECK(lie_q32(0.5) / 4294967296.0 == doctest::Approx(1 - 0.6224593312).epsilon(1e-9));
    CHECK(lie_q32(20) > 0);
}

TEST_CASE("options of protections that are not asked for are named") {
    PrivacySettings settings;
    settings.code_epsilon = 2;
    settings.decoys_per_item = 3;
    const std::vector<std::string> notices = idle_privacy_notices(settings);
    REQUIRE(notices.size() == 2);
    CHECK(notices[0] == "privacy.decoys_per_item changes nothing without privacy.decoys");
    CHECK(notices[1] == "privacy.code_epsilon changes nothing without privacy.code");
    settings.code = "fresh";
    settings.decoys = "memoised";
    CHECK(idle_privacy_notices(settings).empty());
}
