// The public code of LightFR on its own data: that our rules are its rules shows in its figures
// (reference measurements of the authors' program, three seeds: HR@10 0.879-0.890 and NDCG@10
// 0.703-0.710 as it prints them, which is with optimistic ties; 0.866-0.879 / 0.672-0.682 with
// expected ones), and that popularity beats it there is part of the answer.
#include <doctest/doctest.h>


#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

json summary_of(Words words, const fs::path& out) {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--json", "--out", out});
    const Ended result = run_fedhash(words, {{"XDG_CACHE_HOME", out / "cache"}});
    INFO(result.err);
    REQUIRE(result.code == 0);
    return json::parse(result.out);
}

void check_within(const json& metric, const std::string& bracket, double low, double high) {
    CAPTURE(bracket);
    CHECK(metric.at(bracket).get<double>() >= low);
    CHECK(metric.at(bracket).get<double>() <= high);
}

}  // namespace

TEST_CASE("LightFR's code on its FilmTrust split: its figures, below popularity") {
    const fs::path data = real_data("filmtrust");
    if (data.empty()) return;
    for (const std::string seed : {"1", "2", "3"}) {
        CAPTURE(seed);
        TempFolder out;
        Words words{scenario("lightfr-filmtrust.toml"),
                    "--data",
                    data / "lightfr",
                    "--set",
                    "run.seed=" + seed,
                    "--set",
                    "eval.asymmetric=false"};
        if (seed == "1")  // what popularity reaches does not hang on the seed; iALS is not asked
            words.insert(words.end(),
                         {"--set", "baselines.ials_epochs=1", "--set", "baselines.ials_factors=8"});
        else
            words.push_back("--no-baselines");
        const json summary = summary_of(words, out.path());
        CHECK(summary.at("users") == 1002);
        const json& codes = summary.at("metrics").at("codes");
        check_within(codes.at("HR@10"), "expected", 0.84, 0.89);
        check_within(codes.at("NDCG@10"), "expected", 0.66, 0.70);
        check_within(codes.at("HR@10"), "optimistic", 0.85, 0.90);
        check_within(codes.at("NDCG@10"), "optimistic", 0.69, 0.72);
        if (seed != "1") continue;
        const json& popularity = summary.at("baselines").at("popularity");
        CHECK(popularity.at("HR@10").at("expected").get<double>() ==
              doctest::Approx(0.9236).epsilon(0.0002));
        CHECK(popularity.at("NDCG@10").at("expected").get<double>() ==
              doctest::Approx(0.7701).epsilon(0.0002));
    }
}

TEST_CASE("LightFR's code on MovieLens 1M stays below popularity") {
    const fs::path data = real_data("ml-1m");
    if (data.empty()) return;
    TempFolder out;
    const json summary = summary_of(
        {scenario("ml-1m.toml"), "--data", data, "--no-baselines", "--set",
         "method.name=lightfr-code", "--set", "eval.asymmetric=false", "--set", "eval.every=0"},
        out.path());
    const json& codes = summary.at("metrics").at("codes");
    // Seeded random hold-out, where popularity reaches 0.557 / 0.331; on the later, time-ordered
    // one of the literature these rules give 0.390 / 0.197, popularity 0.453 / 0.254.
    check_within(codes.at("HR@10"), "expected", 0.48, 0.54);
    check_within(codes.at("NDCG@10"), "expected", 0.25, 0.30);
}
