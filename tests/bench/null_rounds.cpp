// What the protocol alone costs: null rounds (30 kB down, 2 kB up, nothing learnt) with 10, 100 and
// 1,000 client processes, beside the same bytes by bare system calls; then a run with one process
// for each of 6,040 users that really learn.
//
// CPU per update is a difference between a long and a short run, so that starting and measuring do
// not count.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/bench/raw_limit.hpp"

namespace {

namespace fs = std::filesystem;

class Folder {
  public:
    Folder() : path_((fs::temp_directory_path() / "fedhash-bench-XXXXXX").string()) {
        if (mkdtemp(path_.data()) == nullptr)
            throw std::runtime_error("cannot make a temporary folder");
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path operator/(const char* name) const { return fs::path(path_) / name; }

  private:
    std::string path_;
};

nlohmann::json fedhash(const Folder& folder, const std::string& settings) {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "fedhash";
    const fs::path scenario = folder / "scenario.toml", output = folder / "summary.json";
    std::ofstream(scenario)
        << "[data]\nformat = \"synthetic\"\n[eval]\nevery = 0\n[run]\nclients = \"users\"\n";
    const std::string command = program.string() + " run " + scenario.string() +
                                " --no-baselines --json --out " + (folder / "runs").string() +
                                settings + " >" + output.string() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("this failed: " + command);
    std::ifstream in(output);
    return nlohmann::json::parse(in);
}

void null_rounds(int processes) {
    const int short_run = 20, long_run = processes >= 1000 ? 120 : 520;
    const Folder folder;
    const auto run = [&](int rounds) {
        return fedhash(
            folder,
            " --set method.name=null --set data.synthetic.items=3706 --set data.synthetic.users=" +
                std::to_string(processes) + " --set run.rounds=" + std::to_string(rounds));
    };
    const nlohmann::json brief = run(short_run), full = run(long_run);
    const auto cpu_us = [&](const char* who) {
        const double seconds =
            full["cpu_seconds"][who].get<double>() - brief["cpu_seconds"][who].get<double>();
        return 1e6 * seconds / (static_cast<double>(long_run - short_run) * processes);
    };
    const double down = full["bytes"]["down_per_user_round"],
                 up = full["bytes"]["up_per_user_round"];
    const auto raw = fedhash::bench::raw_rounds(processes, long_run, static_cast<std::size_t>(down),
                                                static_cast<std::size_t>(up));
    const double rate = full["rounds_per_second"].get<double>() * processes;
    const double cpu = cpu_us("coordinator") + cpu_us("clients");
    std::printf(
        "%9d  %9.0f  %11.0f  %5.2f  %11.1f  %7.1f  %5.1f  %9.1f  %5.2f  %6.0f  %6.0f  %7.0f\n",
        processes, rate, raw.updates_per_second, rate / raw.updates_per_second,
        cpu_us("coordinator"), cpu_us("clients"), cpu, raw.cpu_us_per_update,
        cpu / raw.cpu_us_per_update, down, up,
        full["memory"]["pss_per_client_bytes"].get<double>() / 1024);
    std::fflush(stdout);
}

void everybody_learns() {
    const Folder folder;
    const nlohmann::json run = fedhash(
        folder,
        " --set data.synthetic.users=6040 --set data.synthetic.items=3706 --set run.rounds=10");
    std::printf(
        "\n6,040 users who learn, one process each, 64 bits, 3,706 items, 10 rounds (built-in "
        "data)\n"
        "  %.2f rounds/s; start %.1f s; teardown %.2f s; lost %d\n"
        "  CPU a user and round %.0f us; memory of the whole system %.2f GB; PSS of a client %.0f "
        "KiB\n",
        run["rounds_per_second"].get<double>(), run["seconds"]["start"].get<double>(),
        run["seconds"]["teardown"].get<double>(), run["users_lost"].get<int>(),
        1e6 *
            (run["cpu_seconds"]["coordinator"].get<double>() +
             run["cpu_seconds"]["clients"].get<double>()) /
            60400,
        run["memory"]["system_bytes"].get<double>() / 1e9,
        run["memory"]["pss_per_client_bytes"].get<double>() / 1024);
}

}  // namespace

int main() {
    try {
        std::printf(
            "Null rounds: nothing is learnt. raw = the same bytes by bare system calls, in the "
            "same run.\n\n"
            "processes  updates/s  raw updates/s  ratio  coordinator  clients  CPU us  raw CPU us  "
            "ratio  B down    B up  PSS KiB\n");
        for (int processes : {10, 100, 1000}) null_rounds(processes);
        everybody_learns();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
