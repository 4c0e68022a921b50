// Devices that are sent the rows of their own items alone learn what they would have learnt from
// whole tables.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

/// Of every user, in order.
Words column(const fs::path& folder, const std::string& name) {
    Words values;
    for (const Row& user : csv(folder / "users.csv")) values.push_back(user.at(name));
    return values;
}

}  // namespace

TEST_CASE("with their own rows alone devices learn the same codes in a fraction of the bytes") {
    TempFolder out;
    // Of dcf the users' whitening goes along whole: 8 kB of the 11 here.
    for (const auto& [method, share] :
         {std::pair<std::string, std::uint64_t>{"dcf", 1}, {"lightfr-paper", 3}}) {
        CAPTURE(method);
        const Words settings{"method.name=" + method, "run.rounds=5", "run.participation=0.6"};
        const fs::path whole = complete_run(with(settings, {"run.clients=2"}), out / method);
        const Words own = with(settings, {"coding.rows=own"});
        const fs::path one = complete_run(with(own, {"run.clients=1", "run.transport=in-process"}),
                                          out / (method + "-one"));
        check_same_bits(whole, one);
        CHECK(share * sum(csv(one / "users.csv"), "down_bytes") <
              sum(csv(whole / "users.csv"), "down_bytes"));
        const std::string clients = FEDHASH_SANITIZED ? "8" : "64";
        const fs::path many =
            complete_run(with(own, {"run.clients=" + clients}), out / (method + "-many"));
        check_same_bits(whole, many);
        CHECK(contents(one / "traffic.csv") == contents(many / "traffic.csv"));
        for (const char* way : {"up_bytes", "down_bytes"})
            CHECK(column(one, way) == column(many, way));
        CHECK(json_file(many / "summary.json").at("bytes").at("kernel_difference") == 0);
    }
}

TEST_CASE("with a process a user a device's bytes are those of its socket, its items included") {
    TempFolder out;
    const fs::path folder =
        complete_run({"method.name=dcf", "run.rounds=4", "coding.rows=own", "eval.every=0",
                      "eval.test=false", "run.clients=users", "data.synthetic.users=30"},
                     out / "run");
    const json bytes = json_file(folder / "summary.json").at("bytes");
    const std::vector<Row> users = csv(folder / "users.csv");
    CHECK(sum(users, "up_bytes") == bytes.at("up"));
    CHECK(sum(users, "down_bytes") == bytes.at("down"));
    CHECK(bytes.at("kernel_difference") == 0);
    // Naming items is no round: uploads and the users who take part are those of rounds.
    const std::vector<Row> traffic = csv(folder / "traffic.csv");
    CHECK(sum(traffic, "needs") == 30);
    CHECK(traffic.front().at("needs") == "30");
    CHECK(sum(traffic, "users") == 4 * 30);
    CHECK(sum(traffic, "uploads") == 4 * 30);
    const Ended budget = run_fedhash({"budget", folder.string()});
    CHECK(budget.code == 0);
    CHECK(budget.out.find("needs") != std::string::npos);
}

TEST_CASE("a record of own rows is told in words and plays back to the same codes") {
    TempFolder out;
    const fs::path folder = complete_run({"method.name=dcf", "run.rounds=3", "coding.rows=own",
                                          "run.clients=2", "eval.every=0", "output.record=true"},
                                         out / "run");
    const Ended frames = run_fedhash({"frames", folder.string()});
    REQUIRE(frames.code == 0);
    for (const char* text :
         {"the rows of", "for 100 users", "version 2, ", " rows, ", "round 2, user"})
        CHECK_MESSAGE(frames.out.find(text) != std::string::npos, text);
    const Ended replay = run_fedhash({"replay", (folder / "record.bin").string()});
    CAPTURE(replay.out);
    CHECK(replay.code == 0);
    CHECK(replay.out.find("item_codes.npy: the same, bit for bit") != std::string::npos);
}

TEST_CASE("own rows are refused to methods that need the others, with the reason") {
    TempFolder out;
    for (const auto& [method, reason] :
         {std::pair<std::string, std::string>{"implicit-dcd", "weighs all items"},
          {"implicit-uniform", "weighs all items"},
          {"enc", "tables of all items"},
          {"fedmf", "tables of all items"}}) {
        CAPTURE(method);
        const Ended result =
            run_fedhash({"run", (fs::path(FEDHASH_SCENARIOS) / "quickstart.toml").string(),
                         "--no-baselines", "--out", out.path().string(), "--set",
                         "method.name=" + method, "--set", "coding.rows=own"});
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(result.err.find(reason) != std::string::npos);
        CHECK(result.err.find("coding.rows=all") != std::string::npos);
    }
}
