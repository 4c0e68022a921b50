// That the codes are worth their bits, on the built-in data and on real data where there is some.
#include <doctest/doctest.h>

#include <cmath>

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

// Of one user, both ways.
double bytes_of_training(const json& summary) {
    const json& bytes = summary.at("bytes");
    return bytes.at("down_per_user").get<double>() + bytes.at("up_per_user").get<double>();
}

}  // namespace

TEST_CASE("on the built-in data the codes beat popularity and random") {
    if (FEDHASH_SANITIZED) return;  // the release build has the same figures
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
    CHECK(expected(summary.at("metrics").at("codes"), "HR@10") >= 0.775);
    CHECK(expected(summary.at("metrics").at("codes"), "NDCG@10") >= 0.52);
    CHECK(expected(summary.at("metrics").at("vector"), "HR@10") >= 0.79);
    CHECK(expected(summary.at("metrics").at("vector"), "NDCG@10") >= 0.54);
    CHECK(summary.at("bytes").at("up_per_user_round").get<double>() <= 200);
    CHECK(bytes_of_training(summary) <= 150'000);
    CHECK(summary.at("bytes").at("kernel_difference") == 0);
    MESSAGE("HR@10 ", expected(summary.at("metrics").at("codes"), "HR@10"), ", NDCG@10 ",
            expected(summary.at("metrics").at("codes"), "NDCG@10"), ", asymmetric ",
            expected(summary.at("metrics").at("vector"), "HR@10"), " and ",
            expected(summary.at("metrics").at("vector"), "NDCG@10"), ", ",
            summary.at("bytes").at("up_per_user_round").get<double>(), " bytes up");
}

TEST_CASE("MovieLens 1M with all items ranked reaches its figures, by codes and by vectors") {
    const fs::path data = real_data("ml-1m");
    if (data.empty()) return;
    TempFolder out;
    const json summary = summary_of(
        {scenario("ml-1m.toml"), "--data", data, "--no-baselines", "--set",
         "run.transport=in-process", "--set", "eval.negatives=0", "--set", "eval.every=0"},
        out.path());
    const json& metrics = summary.at("metrics");
    CHECK(expected(metrics.at("codes"), "NDCG@10") >= 0.088);
    CHECK(expected(metrics.at("codes"), "Recall@20") >= 0.25);
    CHECK(expected(metrics.at("vector"), "NDCG@10") >= 0.098);
}

TEST_CASE("an encoder and guided codes reach their figures on MovieLens 1M below 300 kB a user") {
    const fs::path data = real_data("ml-1m");
    if (data.empty()) return;
    const auto run = [&](Words settings) {
        Words words{scenario("ml-1m.toml"),     "--data", data,          "--no-baselines", "--set",
                    "run.transport=in-process", "--set",  "eval.every=0"};
        for (const std::string& setting : settings) {
            words.push_back("--set");
            words.push_back(setting);
        }
        TempFolder out;
        const json summary = summary_of(words, out.path());
        CHECK(bytes_of_training(summary) <= 300'000);
        return summary.at("metrics");
    };
    const json encoded =
        run({"method.name=enc", "method.teacher.coded=true", "run.rounds=3"}).at("vector");
    CHECK(expected(encoded, "HR@10") >= 0.81);
    CHECK(expected(encoded, "NDCG@10") >= 0.56);
    const json guided = run({"method.name=guided-two"}).at("codes");
    CHECK(expected(guided, "HR@10") >= 0.80);
    CHECK(expected(guided, "NDCG@10") >= 0.55);
}

TEST_CASE("six exchanges of federated iALS reach what it reaches in one place") {
    const fs::path data = real_data("ml-100k");
    if (data.empty()) return;
    TempFolder out;
    // The settings that the centralised baseline finds on the validation part of this data set.
    const json summary =
        summary_of({scenario("ml-100k.toml"), "--data", data, "--set", "run.transport=in-process",
                    "--set", "method.name=fed-ials", "--set", "method.teacher.factors=128", "--set",
                    "method.teacher.interaction=0.562", "--set", "method.teacher.ridge=0.01"},
                   out.path());
    CHECK(summary.at("rounds") == 6);
    for (const std::string name : {"HR@10", "NDCG@10"}) {
        CAPTURE(name);
        const double federated = expected(summary.at("metrics").at("factors"), name);
        const double central = expected(summary.at("baselines").at("ials"), name);
        MESSAGE(name, ": federated ", federated, ", in one place ", central);
        CHECK(std::abs(federated - central) < 0.008);  // seeds differ by .003
    }
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
