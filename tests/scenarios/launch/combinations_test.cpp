// Every pair of pieces of two axes, on top of a method of every kind: it either runs, with figures,
// or is refused with the setting that is in the way. Tiny data; what it learns is tested elsewhere.
#include <doctest/doctest.h>

#include <cmath>

#include "client/feedback.hpp"
#include "client/learner.hpp"
#include "client/objective.hpp"
#include "client/regulariser.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/similarity.hpp"
#include "common/solver.hpp"
#include "common/uplink.hpp"
#include "server/item_step.hpp"
#include "server/quantiser.hpp"
#include "tests/scenarios/launch/small_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using scenarios::Override;

namespace {

struct Axis {
    std::string key;
    std::vector<std::string> values;
};

template <class Table>
Axis axis(const char* key, const Table& table) {
    Axis result{std::string("method.") + key, {}};
    for (const auto& entry : table) result.values.emplace_back(entry.name);
    return result;
}

std::vector<Axis> axes() {
    std::vector<Axis> all{axis("learner", client::learners()),
                          axis("similarity", similarities()),
                          axis("feedback", client::feedbacks()),
                          axis("objective", client::objectives()),
                          axis("regulariser", client::regularisers()),
                          axis("solver", solvers()),
                          axis("uplink", uplinks()),
                          axis("exchange", exchanges()),
                          axis("item_rule", server::item_rules()),
                          axis("quantiser", server::quantisers())};
    all[3].values.emplace_back("softmax");  // of gradient learning alone
    all.back().values.emplace_back("none");
    return all;
}

// A piece with what it cannot be without.
void choose(const std::string& key, const std::string& value, std::vector<Override>& changes) {
    changes.push_back({key, value});
    if (value == "mix") changes.push_back({"method.mix", "square:0.5, auc:2"});
    if (value == "balance") changes.push_back({"method.balance", "0.5"});
    if (value == "decorrelate" || value == "anchor") changes.push_back({"method.strength", "3"});
    if (value == "weighted") {
        changes.push_back({"method.bit_weight_bits", "4"});
        changes.push_back({"method.component_bits", "4"});
    }
}

// Reasons against the run's figures; "" when there are none.
std::string complaint(const nlohmann::json& summary) {
    if (summary.at("outcome") != "complete") return summary.dump();
    if (!summary.contains("metrics") || summary.at("metrics").empty()) return "no figures";
    for (const auto& [way, metrics] : summary.at("metrics").items())
        for (const auto& [name, value] : metrics.items()) {
            if (!value.is_object() || !value.contains("expected")) continue;
            const nlohmann::json& mean = value.at("expected");
            if (!mean.is_number() || !std::isfinite(mean.get<double>()) || mean < 0 || mean > 1)
                return way + " " + name + " = " + mean.dump();
        }
    return "";
}

struct Tally {
    int ran = 0, refused = 0;
};

void try_out(const std::string& preset, const std::vector<Override>& changes,
             const std::vector<std::string>& keys, const scenarios::Prepared& data, Tally& tally) {
    std::string shown = preset;
    for (const Override& change : changes) shown += " " + change.key + "=" + change.value;
    CAPTURE(shown);
    scenarios::Scenario scenario;
    try {
        scenario = with_preset(preset, changes);
        scenarios::plan(scenario, data, {});
    } catch (const UsageError& error) {
        const std::string reason = error.what();
        CAPTURE(reason);
        bool named = false;
        for (const std::string& key : keys) named = named || reason.find(key) != std::string::npos;
        CHECK(named);
        ++tally.refused;
        return;
    }
    ++tally.ran;
    try {
        CHECK(complaint(run_here(scenario, data)) == "");
    } catch (const std::exception& error) {
        FAIL_CHECK(error.what());
    }
}

void try_every_pair(const std::string& preset, std::vector<Override> always) {
    const scenarios::Prepared data = generated(8, 30);
    std::vector<std::string> chosen;  // a refusal may name these as well
    for (const Override& change : always) chosen.push_back(change.key);
    for (const char* setting :
         {"method.bits=16", "method.teacher.factors=16", "method.negatives=1", "eval.every=0",
          "eval.k=10", "run.clients=2", "run.transport=in-process"})
        always.push_back(scenarios::parse_override(setting));
    always.push_back({"run.rounds", preset == "box-sym" ? "3" : "2"});
    const std::vector<Axis> all = axes();
    Tally tally;
    [[maybe_unused]] std::size_t pair = 0;
    for (std::size_t a = 0; a < all.size(); ++a)
        for (std::size_t b = a + 1; b < all.size(); ++b)
            for (const std::string& first : all[a].values)
                for (const std::string& second : all[b].values) {
                    // Sanitized runs are five times as slow, and few pairs run code of their own.
                    if (FEDHASH_SANITIZED != 0 && pair++ % 3 != 0) continue;
                    std::vector<Override> changes = always;
                    choose(all[a].key, first, changes);
                    choose(all[b].key, second, changes);
                    std::vector<std::string> keys = chosen;
                    keys.push_back(all[a].key);
                    keys.push_back(all[b].key);
                    try_out(preset, changes, keys, data, tally);
                }
    MESSAGE(preset, ": ", tally.ran, " ran, ", tally.refused, " were refused");
    CHECK(tally.ran > 0);
    CHECK(tally.refused > 0);
}

}  // namespace

TEST_CASE("every pair of pieces runs or is refused by name: codes and residuals") {
    try_every_pair("implicit-dcd", {});
}
TEST_CASE("every pair of pieces runs or is refused by name: running sums of half the users") {
    try_every_pair("implicit-dcd", {{"run.participation", "0.5"}, {"method.memory", "2"}});
}
TEST_CASE("every pair of pieces runs or is refused by name: integer gradients") {
    try_every_pair("lightfr-paper", {});
}
TEST_CASE("every pair of pieces runs or is refused by name: images, counts, straight-through") {
    try_every_pair("ch", {});
    try_every_pair("popularity", {{"method.objective", "none"}});
    try_every_pair("ste", {});
}
TEST_CASE("every pair of pieces runs or is refused by name: sufficient statistics") {
    try_every_pair("dcf-exact", {});
}
TEST_CASE("every pair of pieces runs or is refused by name: votes, bit by bit") {
    try_every_pair("fphlf", {{"method.sweeps", "1"}});
}
TEST_CASE("every pair of pieces runs or is refused by name: scaled codes") {
    try_every_pair("dcd-plus", {{"method.search_steps", "5"}});
}
TEST_CASE("every pair of pieces runs or is refused by name: boxed codes after a teacher") {
    try_every_pair("box-sym", {{"method.teacher.rounds", "1"}, {"method.search_steps", "5"}});
}
TEST_CASE("every pair of pieces runs or is refused by name: gradients") {
    try_every_pair("tanh", {});
}
TEST_CASE("every pair of pieces runs or is refused by name: a teacher and a quantiser") {
    try_every_pair("ials-itq", {});
}

TEST_CASE("every preset can be planned, and its lengths of code between 8 and 256 with it") {
    const scenarios::Prepared data = generated(8, 30);
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(FEDHASH_SCENARIOS) / "methods")) {
        const std::string name = entry.path().stem();
        for (const char* bits : {"8", "64", "256"}) {
            CAPTURE(name);
            CAPTURE(bits);
            // An orthogonal quantiser makes one bit of every factor.
            CHECK_NOTHROW(scenarios::plan(
                with_preset(name, {{"method.bits", bits}, {"method.teacher.factors", bits}}), data,
                {}));
        }
    }
}
