// Same seed, same bits: however many processes, over whatever they talk, on whichever instruction
// set.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

// Runs it and compares with the reference, of the same settings but one process.
void check_like(const fs::path& reference, const Words& settings) {
    TempFolder out;
    std::string shown;
    for (const std::string& setting : settings) shown += setting + " ";
    CAPTURE(shown);
    check_same_bits(reference, complete_run(settings, out / "run"));
}

void check_every_deployment(const Words& settings) {
    TempFolder out;
    const fs::path reference = complete_run(
        with(settings, {"run.transport=in-process", "run.clients=1"}), out / "reference");
    check_like(reference, with(settings, {"run.transport=in-process", "run.clients=7"}));
    for (const std::string transport : {"tcp", "unix"})
        for (const std::string clients : {"1", "2", "64"}) {
            if (FEDHASH_SANITIZED && clients != "2") continue;
            check_like(reference,
                       with(settings, {"run.transport=" + transport, "run.clients=" + clients}));
        }
}

std::vector<std::string> kernel_sets() {
    TempFolder out;
    const fs::path any = complete_run({"run.transport=in-process", "run.rounds=1"}, out / "run");
    return json_file(any / "manifest.json").at("machine").at("kernel_sets");
}

}  // namespace

TEST_CASE("the number of processes and the transport change no bit") {
    check_every_deployment({"run.rounds=3"});
}

TEST_CASE(
    "the number of processes and the transport change no bit when a share of the users is "
    "sampled") {
    check_every_deployment({"run.rounds=4", "run.participation=0.4"});
}

TEST_CASE("the number of processes and the transport change no bit when devices send gradients") {
    check_every_deployment({"run.rounds=4", "method.name=lightfr-paper"});
}

TEST_CASE("the number of processes and the transport change no bit of real-valued methods") {
    for (const auto& [method, files] :
         {std::pair<std::string, Words>{"box", {"item_codes.npy", "user_metrics/vector.npy"}},
          {"enc", {"item_codes.npy", "user_metrics/vector.npy"}},
          {"fed-ials", {"item_factors.npy", "user_metrics/factors.npy"}}}) {
        CAPTURE(method);
        const Words settings{"method.name=" + method, "run.rounds=5"};
        TempFolder out;
        const fs::path reference = complete_run(
            with(settings, {"run.transport=in-process", "run.clients=1"}), out / "reference");
        for (const std::string clients : {"3", "8"}) {
            if (FEDHASH_SANITIZED && clients != "3") continue;
            CAPTURE(clients);
            const fs::path folder =
                complete_run(with(settings, {"run.clients=" + clients}), out / clients);
            CHECK(contents(folder / "metrics.csv") == contents(reference / "metrics.csv"));
            for (const std::string& file : files) {
                CAPTURE(file);
                CHECK(fs::file_size(folder / file) > 100);
                CHECK(contents(folder / file) == contents(reference / file));
            }
        }
    }
}

TEST_CASE("every instruction set of this machine gives the same bits") {
    const std::vector<std::string> sets = kernel_sets();
    REQUIRE(sets.size() >= 1);
    CHECK(sets[0] == "baseline");
    for (const std::string bits : {"method.bits=64", "method.bits=24", "method.bits=200"}) {
        if (FEDHASH_SANITIZED && bits != "method.bits=24") continue;
        const Words settings{"run.rounds=3", "run.participation=0.4", bits};
        TempFolder out;
        const fs::path reference =
            complete_run(with(settings, {"run.transport=in-process", "run.kernels=baseline"}),
                         out / "reference");
        for (const std::string& set : sets)
            check_like(reference, with(settings, {"run.clients=3", "run.kernels=" + set}));
    }
}

TEST_CASE("a second run repeats the first and another seed does not") {
    TempFolder out;
    const Words settings{"run.rounds=2", "run.clients=4"};
    const fs::path first = complete_run(settings, out / "first");
    check_same_bits(first, complete_run(settings, out / "second"));
    const fs::path other = complete_run(with(settings, {"run.seed=2"}), out / "other");
    CHECK(contents(first / "item_codes.npy") != contents(other / "item_codes.npy"));
    const fs::path other_data = complete_run(with(settings, {"data.seed=2"}), out / "other_data");
    CHECK(contents(first / "item_codes.npy") != contents(other_data / "item_codes.npy"));
    CHECK(json_file(first / "manifest.json").at("data_hash") !=
          json_file(other_data / "manifest.json").at("data_hash"));
    CHECK(json_file(first / "manifest.json").at("data_hash") ==
          json_file(other / "manifest.json").at("data_hash"));
}
