// What a run's bytes bought, read back.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a budget's rounds add up to what the run's users sent and were sent") {
    TempFolder out;
    const fs::path folder =
        complete_run({"run.rounds=5", "run.participation=0.5", "network.links=3g"}, out / "runs");
    const Ended csv_text = run_fedhash({"budget", folder.string(), "--format", "csv"});
    CAPTURE(csv_text.err);
    REQUIRE(csv_text.code == 0);
    write(out / "budget.csv", csv_text.out);
    const std::vector<Row> rounds = csv(out / "budget.csv");
    REQUIRE(rounds.size() == 5);
    const json bytes = json_file(folder / "summary.json").at("bytes");
    CHECK(std::stod(rounds.back().at("paid_bytes")) ==
          doctest::Approx(bytes.at("up_per_user").get<double>() +
                          bytes.at("down_per_user").get<double>())
              .epsilon(1e-5));
    CHECK(std::stod(rounds[0].at("modelled_s")) > 0.3);  // two latencies of 150 ms
    const std::vector<Row> metrics = csv(folder / "metrics.csv");
    CHECK(rounds[2].at("codes.NDCG@10") == metrics[2].at("codes.NDCG@10.expected"));

    const Ended text = run_fedhash({"budget", folder.string(), "--at", "1,1000"});
    for (const char* part : {"tables", "uploads", "as float32 factors, computed", "at 1.0 MB",
                             "95 % of the final quality", "modelled", "The length of an upload"})
        CHECK_MESSAGE(holds(text.out, part), part);
    CHECK(holds(run_fedhash({"budget", folder.string(), "--format", "markdown"}).out, "| round |"));
    CHECK(holds(run_fedhash({"budget", folder.string(), "--metric", "vector.HR@5"}).out,
                "vector.HR@5 on validation"));

    CHECK(holds(text.out, "from round 3 on"));
    const json traffic = json_file(folder / "summary.json").at("bytes");
    char medians[64];
    std::snprintf(medians, sizeof medians, "from round 1 on: %.1f kB down, %.0f B up.",
                  traffic.at("down_median").get<double>() / 1000,
                  traffic.at("up_median").get<double>());
    CAPTURE(medians);
    CHECK(holds(run_fedhash({"budget", folder.string(), "--from", "1"}).out, medians));

    const auto refused = [&](const Words& words, int code, const std::string& part) {
        const Ended result = run_fedhash(words);
        CAPTURE(result.err);
        CHECK(result.code == code);
        CHECK(holds(result.err, part));
    };
    refused({"budget"}, 2, "fedhash runs");
    refused({"budget", out.path().string()}, 2, "summary.json");
    refused({"budget", (out / "nowhere").string()}, 2, "nowhere: not there");
    refused({"budget", (folder / "users.csv").string()}, 2, "users.csv: a file");
    refused({"budget", folder.string(), "--at", "lots"}, 2, "kilobytes");
    refused({"budget", folder.string(), "--metric", "codes.MAP"}, 2, "codes.NDCG@10");
    refused({"budget", folder.string(), "--format", "pdf"}, 2, "markdown");
    refused({"budget", folder.string(), "--from", "6"}, 2, "5 rounds");
    refused({"budget", folder.string(), "--from", "-1"}, 2, "--from");
    fs::remove(folder / "traffic.csv");
    refused({"budget", folder.string()}, 3, "traffic.csv");
}

TEST_CASE("the front names what nothing is both as cheap and better than") {
    TempFolder out;
    for (const std::string coding : {"delta", "full"})
        run_fedhash({"run", scenario("quickstart.toml"), "--out", out / "runs", "--set",
                     "data.synthetic.users=200", "--set", "data.synthetic.items=300", "--set",
                     "run.rounds=3", "--set", "run.transport=in-process", "--set",
                     "baselines.ials_epochs=1", "--set",
                     "baselines.cache=" + (out / "cache").string(), "--set",
                     "coding.codes=" + coding});
    const Ended front =
        run_fedhash({"compare", (out / "runs" / "*").string(), "--tables", "front"});
    CAPTURE(front.out);
    CAPTURE(front.err);
    REQUIRE(front.code == 0);
    CHECK(holds(front.out, "NDCG@10 against bytes"));
    CHECK(holds(front.out, "popularity"));
    // The same codes for more bytes are not on the front.
    std::istringstream lines(front.out);
    for (std::string line; std::getline(lines, line);)
        if (holds(line, "codes=full")) CHECK_FALSE(holds(line, "*"));
}
