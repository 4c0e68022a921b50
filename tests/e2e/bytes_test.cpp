// Reported bytes are counted bytes.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

// What each record says, against what the others say.
void check_records_agree(const fs::path& folder) {
    const json bytes = json_file(folder / "summary.json").at("bytes");
    const std::vector<Row> users = csv(folder / "users.csv");
    const auto sampled = static_cast<double>(sum(users, "rounds_sampled"));
    CHECK(static_cast<double>(sum(users, "up_bytes")) / sampled ==
          doctest::Approx(bytes.at("up_per_user_round")).epsilon(1e-12));
    CHECK(static_cast<double>(sum(users, "down_bytes")) / sampled ==
          doctest::Approx(bytes.at("down_per_user_round")).epsilon(1e-12));
    CHECK(sum(users, "up_bytes") == bytes.at("up"));  // every byte up in training is some user's

    const std::vector<Row> costs = csv(folder / "costs.csv");
    CHECK(sum(costs, "up_reply_payload_bytes") + sum(costs, "up_framing_bytes") == bytes.at("up"));
    CHECK(sum(costs, "down_publish_payload_bytes") + sum(costs, "down_request_payload_bytes") +
              sum(costs, "down_framing_bytes") ==
          bytes.at("down"));
    CHECK(sum(costs, "evaluation_down_bytes") + sum(costs, "evaluation_up_bytes") ==
          bytes.at("evaluation"));
    CHECK(sum(costs, "control_down_bytes") + sum(costs, "control_up_bytes") == bytes.at("control"));
    CHECK(sum(costs, "users_accepted") == sum(users, "rounds_accepted"));
}

}  // namespace

TEST_CASE("over tcp the kernel counted exactly the bytes that are reported") {
    TempFolder out;
    int n = 0;
    for (const Words& settings :
         {Words{"run.clients=5"}, Words{"run.clients=64", "run.participation=0.4"},
          Words{"run.clients=3", "method.name=lightfr-paper", "run.rounds=4"},
          Words{"run.clients=2", "eval.every=0", "eval.asymmetric=false"}}) {
        const fs::path folder = complete_run(settings, out / std::to_string(n++));
        const json summary = json_file(folder / "summary.json");
        CAPTURE(summary.at("bytes").dump());
        CHECK(summary.at("bytes").at("kernel_difference") == 0);
        CHECK(summary.at("bytes").at("count_difference") == 0);
        CHECK(summary.at("bytes").at("counts_compared") == summary.at("clients"));
        check_records_agree(folder);
    }
}

TEST_CASE("over unix sockets the ledgers of both ends agree") {
    TempFolder out;
    const fs::path folder =
        complete_run({"run.clients=7", "run.transport=unix", "run.participation=0.4"}, out / "run");
    const json bytes = json_file(folder / "summary.json").at("bytes");
    CHECK(bytes.at("count_difference") == 0);
    CHECK(bytes.at("counts_compared") == 7);
    CHECK(bytes.at("kernel_difference").is_null());  // such sockets have no count in the kernel
    check_records_agree(folder);
}

TEST_CASE("in one process the same bytes are counted as between processes") {
    TempFolder out;
    const json inside =
        json_file(complete_run({"run.clients=6", "run.transport=in-process"}, out / "inside") /
                  "summary.json");
    const json outside =
        json_file(complete_run({"run.clients=6"}, out / "outside") / "summary.json");
    for (const char* name :
         {"up", "down", "evaluation", "control", "up_per_user_round", "down_per_user_round"})
        CHECK_MESSAGE(inside.at("bytes").at(name) == outside.at("bytes").at(name), name);
}

TEST_CASE("coders change bytes and nothing else, and the kernel counts them all") {
    TempFolder out;
    // Methods that send codes with a real-valued table, numbers, and nothing but tables of reals.
    for (const std::string method : {"dcd-plus", "dpr", "fed-ials"}) {
        if (FEDHASH_SANITIZED && method != "dcd-plus") continue;
        CAPTURE(method);
        const auto run = [&](Words settings, const std::string& name) {
            settings.insert(settings.end(),
                            {"method.name=" + method, "run.rounds=4", "run.clients=3"});
            return complete_run(settings, out / (method + name));
        };
        const fs::path plain = run({}, "plain");
        for (const std::string coding :
             {"coding.codes=full", "coding.codes=zstd", "coding.planes=delta",
              "coding.sets=elias-fano", "coding.sets=bitmap", "coding.numbers=rice",
              "coding.numbers=packed", "coding.padding=pow2", "coding.padding=bucket",
              "coding.padding=fixed"}) {
            if (FEDHASH_SANITIZED && coding.find("padding") == std::string::npos) continue;
            CAPTURE(coding);
            const fs::path folder = run({coding}, coding);
            CHECK(contents(folder / "metrics.csv") == contents(plain / "metrics.csv"));
            if (method != "fed-ials")
                CHECK(contents(folder / "item_codes.npy") == contents(plain / "item_codes.npy"));
            const json bytes = json_file(folder / "summary.json").at("bytes");
            CHECK(bytes.at("kernel_difference") == 0);
            check_records_agree(folder);
            const json before = json_file(plain / "summary.json").at("bytes");
            if (coding == "coding.codes=full" && method != "fed-ials")
                CHECK(bytes.at("down") > before.at("down"));
            if (coding == "coding.planes=delta") CHECK(bytes.at("down") <= before.at("down"));
            if (coding == "coding.padding=fixed") {
                CHECK(bytes.at("upload_length_entropy_bits") == 0);
                CHECK(before.at("upload_length_entropy_bits") > 2);
                CHECK(bytes.at("up") > before.at("up"));
            }
        }
    }
}

TEST_CASE("a user's bytes are those of a device of its own, whatever shares a process") {
    TempFolder out;
    // Away for rounds at a time: what a device must be sent depends on when it was asked last.
    const Words settings{"run.rounds=8", "run.participation=0.3", "eval.every=0"};
    const auto run = [&](const std::string& clients) {
        Words all = settings;
        all.push_back("run.clients=" + clients);
        return complete_run(all, out / clients);
    };
    const fs::path alone = run("users");
    const auto bytes_by_user = [](const fs::path& folder) {
        std::map<std::string, std::pair<std::string, std::string>> users;
        for (const Row& row : csv(folder / "users.csv"))
            users[row.at("user")] = {row.at("up_bytes"), row.at("down_bytes")};
        return users;
    };
    for (const std::string clients : {"1", "8"}) {
        CAPTURE(clients);
        const fs::path folder = run(clients);
        CHECK(bytes_by_user(folder) == bytes_by_user(alone));
        CHECK(contents(folder / "traffic.csv") == contents(alone / "traffic.csv"));
    }
    // With a process each they are what crossed, but for the trained model at the end.
    const json bytes = json_file(alone / "summary.json").at("bytes");
    const auto needed = sum(csv(alone / "users.csv"), "down_bytes");
    const double last = bytes.at("model_down_per_user").get<double>() * 200;
    CHECK(static_cast<double>(needed) + last == doctest::Approx(bytes.at("down").get<double>()));
    CHECK(last > 0);
    CHECK(sum(csv(alone / "users.csv"), "up_bytes") == bytes.at("up"));
    // Its parts add up.
    const std::vector<Row> traffic = csv(alone / "traffic.csv");
    REQUIRE(traffic.size() == 8);
    CHECK(sum(traffic, "tables_payload_bytes") + sum(traffic, "requests_payload_bytes") +
              sum(traffic, "uploads_payload_bytes") + sum(traffic, "framing_bytes") ==
          needed + sum(csv(alone / "users.csv"), "up_bytes"));
}

TEST_CASE("framing is at most one part in a hundred of a message of 30 kB") {
    TempFolder out;
    const fs::path folder =
        complete_run({"method.name=implicit-dcd", "coding.codes=full", "run.rounds=2",
                      "run.clients=2", "data.synthetic.items=3706"},
                     out / "run");
    for (const Row& row : csv(folder / "traffic.csv"))
        if (const double payload = std::stod(row.at("tables_payload_bytes"));
            row.at("round") != "1") {
            const double frames = std::stod(row.at("tables"));
            REQUIRE(payload / frames > 29'000);
            CHECK(16 * frames <= 0.01 * payload);
        }
}
