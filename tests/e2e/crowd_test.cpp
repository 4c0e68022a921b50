// One process per user.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

TEST_CASE("one process per user gives the bits and the bytes of one process for all") {
    for (const std::string participation : {"run.participation=1", "run.participation=0.4"}) {
        if (FEDHASH_SANITIZED && participation == "run.participation=1") continue;
        CAPTURE(participation);
        TempFolder out;
        const fs::path reference = complete_run(
            {"run.transport=in-process", "run.clients=1", "run.rounds=3", participation},
            out / "reference");
        const auto user_bytes = [](const fs::path& folder) {
            return sum(csv(folder / "users.csv"), "up_bytes");
        };
        for (const std::string transport : {"run.transport=tcp", "run.transport=unix"}) {
            CAPTURE(transport);
            const fs::path folder = complete_run(
                {transport, "run.clients=users", "run.rounds=3", participation}, out / transport);
            check_same_bits(reference, folder);
            CHECK(user_bytes(folder) == user_bytes(reference));
            const nlohmann::json summary = json_file(folder / "summary.json");
            CHECK(summary.at("clients") == 200);
            CHECK(summary.at("bytes").at("counts_compared") == 200);
            CHECK(summary.at("bytes").at("count_difference") == 0);
        }
    }
}

TEST_CASE("the coordinator's memory does not grow with the rounds") {
    TempFolder out;
    const fs::path folder =
        complete_run({"run.clients=4", "run.rounds=400", "eval.every=0", "eval.test=false",
                      "method.name=implicit-dcd", "output.user_codes=false"},
                     out.path());
    if (FEDHASH_SANITIZED) return;  // whose allocator keeps what is freed
    const std::vector<Row> costs = csv(folder / "costs.csv");
    REQUIRE(costs.size() >= 400);
    const double early = std::stod(costs[9].at("coordinator_memory_kib")),
                 late = std::stod(costs[399].at("coordinator_memory_kib"));
    CHECK(early > 1000);
    CHECK(late <= 1.01 * early);
}
