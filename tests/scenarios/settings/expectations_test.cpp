#include "scenarios/settings/expectations.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/errors.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

const nlohmann::json summary = nlohmann::json::parse(R"({
    "outcome": "complete", "users_lost": 0,
    "scorings": ["planes", "codes", "vector"],
    "metrics": {"codes": {"HR@10": {"expected": 0.3125, "optimistic": 0.33, "pessimistic": 0.3}},
                "vector": {"HR@10": {"expected": 0.35}}},
    "baselines": {"popularity": {"HR@10": {"expected": 0.4}}},
    "bytes": {"up_per_user_round": 812.5, "kernel_difference": null}})");

std::vector<std::string> failures(const std::string& name, const std::string& condition) {
    return failed_expectations(summary, {parse_expectation(name, condition, "x.toml:9:1")});
}

}  // namespace

TEST_CASE("an expectation that holds says nothing") {
    for (const auto& [name, condition] : {std::pair{"HR@10", ">= 0.3125"},
                                          {"HR@10", "<=0.3125"},
                                          {"HR@10", "== 0.3125"},
                                          {"HR@10", "> 0.3"},
                                          {"HR@10", "< 0.4"},
                                          {"metrics.codes.HR@10.expected", ">= 0.3"},
                                          {"metrics.codes.HR@10", ">= 0.3"},
                                          {"metrics.codes.HR@10.pessimistic", "== 0.3"},
                                          {"codes.HR@10.pessimistic", "== 0.3"},
                                          {"vector.HR@10", "== 0.35"},
                                          {"HR@10", "< vector.HR@10"},
                                          {"users_lost", "== 0"},
                                          {"bytes.up_per_user_round", "<= 1000"},
                                          {"HR@10", "< baselines.popularity.HR@10"}}) {
        CAPTURE(name);
        CAPTURE(condition);
        CHECK(failures(name, condition).empty());
    }
}

TEST_CASE("an expectation that fails says where it stands, what it wants and what there is") {
    CHECK(failures("HR@10", ">= 0.35") ==
          std::vector<std::string>{"x.toml:9:1: expected HR@10 >= 0.35, got 0.3125"});
    CHECK(failures("HR@10", "> baselines.popularity.HR@10") ==
          std::vector<std::string>{
              "x.toml:9:1: expected HR@10 > baselines.popularity.HR@10 = 0.4, got 0.3125"});
    CHECK(failures("bytes.kernel_difference", "== 0") ==
          std::vector<std::string>{"x.toml:9:1: expected bytes.kernel_difference == 0, got null"});
    CHECK(failures("HR@10", "> 0.3125").size() == 1);
    CHECK(failures("HR@10", "< 0.3125").size() == 1);
}

TEST_CASE("a path that the summary does not have is an error") {
    CHECK_THROWS_WITH_AS(failures("metrics.codes.HR@7", ">= 0.2"),
                         "x.toml:9:1: [expect] names 'metrics.codes.HR@7', which the summary does "
                         "not have; there is HR@10",
                         UsageError);
    CHECK_THROWS_WITH_AS(failures("planes.HR@10", ">= 0.2"),
                         doctest::Contains("[expect] names 'planes.HR@10'"), UsageError);
    CHECK_THROWS_WITH_AS(failures("user_lost", "== 0"),
                         "x.toml:9:1: [expect] names 'user_lost', which the summary does not have; "
                         "did you mean 'users_lost'?",
                         UsageError);
    CHECK_THROWS_WITH_AS(
        failures("outcome", "== 0"),
        "x.toml:9:1: [expect] names 'outcome', which is \"complete\", not a number", UsageError);
    CHECK_THROWS_WITH_AS(failures("bytes", "== 0"),
                         "x.toml:9:1: [expect] names 'bytes', which is a section, not a number",
                         UsageError);
}
