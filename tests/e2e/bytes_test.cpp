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
