// That the codes are worth their bits, on the built-in data and on real data where there is some.
#include <doctest/doctest.h>

#include <cstdlib>

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

double expected(const json& metrics, const std::string& name) {
    return metrics.at(name).at("expected");
}

// The folder of public data sets, or nothing.
fs::path real_data(const std::string& name) {
    const char* folder = std::getenv("FEDHASH_DATA");
    if (folder == nullptr || !fs::exists(fs::path(folder) / name)) {
        MESSAGE("skipped: set FEDHASH_DATA to a folder with ", name);
        return {};
    }
    return fs::path(folder) / name;
}

}  // namespace

TEST_CASE("on the built-in data the codes beat popularity and random") {
    TempFolder out;
    const json summary = summary_of({scenario("quickstart.toml")}, out.path());
    for (const std::string name : {"HR@10", "NDCG@10"}) {
        CAPTURE(name);
        const double codes = expected(summary.at("metrics").at("codes"), name);
        const double popularity = expected(summary.at("baselines").at("popularity"), name);
        CHECK(codes > popularity);
        CHECK(popularity > expected(summary.at("baselines").at("random"), name));
        MESSAGE(name, ": codes ", codes, ", popularity ", popularity, ", iALS ",
                expected(summary.at("baselines").at("ials"), name));
    }
}

TEST_CASE("MovieLens 1M with 64 bits reaches its figures within its bytes") {
    const fs::path data = real_data("ml-1m");
    if (data.empty()) return;
    TempFolder out;
    const json summary =
        summary_of({scenario("ml-1m.toml"), "--data", data, "--no-baselines"}, out.path());
    CHECK(summary.at("users") == 6040);
    CHECK(summary.at("items") == 3706);
    CHECK(expected(summary.at("metrics").at("codes"), "HR@10") >= 0.75);
    CHECK(expected(summary.at("metrics").at("codes"), "NDCG@10") >= 0.48);
    CHECK(expected(summary.at("metrics").at("vector"), "HR@10") >= 0.78);
    CHECK(expected(summary.at("metrics").at("vector"), "NDCG@10") >= 0.51);
    CHECK(summary.at("bytes").at("up_per_user_round").get<double>() <= 200);
    CHECK(summary.at("bytes").at("kernel_difference") == 0);
    MESSAGE("HR@10 ", expected(summary.at("metrics").at("codes"), "HR@10"), ", NDCG@10 ",
            expected(summary.at("metrics").at("codes"), "NDCG@10"), ", asymmetric ",
            expected(summary.at("metrics").at("vector"), "HR@10"), " and ",
            expected(summary.at("metrics").at("vector"), "NDCG@10"), ", ",
            summary.at("bytes").at("up_per_user_round").get<double>(), " bytes up");
}

TEST_CASE("the published split of LightFR runs with its given candidates") {
    const fs::path data = real_data("filmtrust");
    if (data.empty()) return;
    TempFolder out;
    const json summary =
        summary_of({scenario("quickstart.toml"), "--data", data / "lightfr", "--set",
                    "data.format=lightfr", "--no-baselines", "--set", "run.rounds=3"},
                   out.path());
    CHECK(summary.at("users") == 1002);
    CHECK(summary.at("items") == 2042);
    CHECK(summary.at("data").at("candidates").get<std::string>().find("given") !=
          std::string::npos);
    CHECK(expected(summary.at("metrics").at("codes"), "HR@10") > 10.0 / 50);  // chance
}

TEST_CASE("the method of LightFR runs on MovieLens 100K in one process") {
    const fs::path data = real_data("ml-100k");
    if (data.empty()) return;
    TempFolder out;
    const json summary =
        summary_of({scenario("ml-1m.toml"), "--data", data, "--set", "method.name=lightfr-paper",
                    "--set", "run.rounds=5", "--set", "run.transport=in-process", "--no-baselines"},
                   out.path());
    CHECK(summary.at("method") == "lightfr-paper");
    CHECK(summary.at("users") == 943);
    CHECK(summary.at("rounds") == 5);
    CHECK(expected(summary.at("metrics").at("codes"), "HR@10") > 0.1);  // chance
}
