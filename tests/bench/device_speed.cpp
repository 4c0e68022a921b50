// How fast devices learn, in one process and on one core: device updates a second beside the same
// problems solved in plain doubles, which must come to the same codes; then whole rounds with their
// measurement, in process, on one thread and on two.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "common/kernels/kernels.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "tests/bench/contest.hpp"
#include "tests/bench/made_world.hpp"

using namespace fedhash;

namespace {

constexpr int passes = 15;  // the fastest counts: others on the machine only make it slower

struct Entrant {
    const char* name;
    bench::Contestant who;
    double seconds = 1e9;
    std::uint32_t hash = 0;
};

/// CPU time of this thread, or of the whole process: others on the machine count for less in it.
double cpu_seconds(clockid_t of) {
    timespec now{};
    clock_gettime(of, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// False when codes differ.
bool contest(const scenarios::Prepared& data, const char* objective, const char* title,
             std::span<Entrant> entrants) {
    bench::Contest contest(data.users, data.ranking.items, 64, objective);
    for (int pass = 0; pass < passes; ++pass)
        for (Entrant& entrant : entrants) {  // in turn, so that a busy minute is everybody's
            const double begin = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
            contest.pass(entrant.who);
            entrant.seconds =
                std::min(entrant.seconds, cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begin);
            entrant.hash = contest.hash();
        }
    std::printf("\n%s\n", title);
    bool same = true;
    for (const Entrant& entrant : entrants) {
        same = same && entrant.hash == entrants.front().hash;
        std::printf("  %-42s %9.0f updates/s   ours x %5.2f   codes %08x\n", entrant.name,
                    static_cast<double>(contest.users()) / entrant.seconds,
                    entrant.seconds / entrants.front().seconds, entrant.hash);
    }
    if (!same) std::printf("  CODES DIFFER\n");
    return same;
}

class Folder {
  public:
    Folder() : path_((std::filesystem::temp_directory_path() / "fedhash-speed-XXXXXX").string()) {
        if (mkdtemp(path_.data()) == nullptr)
            throw std::runtime_error("cannot make a temporary folder");
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

struct RoundTime {
    double round = 1e9, measurement = 1e9, cpu = 0;  // seconds
    double both() const { return round + measurement; }
};

/// What a round and its measurement take, of the default method with codes alone
/// (docs/methods.md). Start-up is in the CPU time.
RoundTime time_rounds(const scenarios::Prepared& data, std::uint32_t threads) {
    scenarios::Scenario scenario;
    scenario.run.transport = "in-process";
    scenario.run.rounds = 10;
    scenario.eval.test = false;
    scenarios::MethodSettings& method = scenario.method;
    method.learner = "code";
    method.feedback = "implicit";
    method.objective = "square";
    method.uplink = "residual";
    method.item_rule = "curvature";
    method.interaction = 1;
    method.weight = 8;
    method.target = 0.75;
    method.refit_target = true;
    const Folder folder;
    const scenarios::Job job{
        &data,         scenarios::plan(scenario, data, scenarios::fresh_token()),
        folder.path(), false,
        threads,       [](const nlohmann::json&) {}};
    const double begin = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const nlohmann::json seconds = scenarios::run_in_one_process(job)["seconds"];
    const double rounds = scenario.run.rounds;
    return {seconds["rounds"].get<double>() / rounds, seconds["evaluation"].get<double>() / rounds,
            (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - begin) / rounds};
}

void rounds(const scenarios::Prepared& data) {
    std::printf(
        "\nA round in process, 64 bits, everybody in it; its measurement by both ways of "
        "scoring\n");
    for (std::uint32_t threads : {1u, 2u}) {
        RoundTime best;
        for (int repeat = 0; repeat < 3; ++repeat) {
            const RoundTime now = time_rounds(data, threads);
            if (now.both() < best.both()) best = now;
        }
        std::printf("  %u thread%s  %.3f s: round %.3f, measurement %.3f; CPU %.3f\n", threads,
                    threads == 1 ? ": " : "s:", best.both(), best.round, best.measurement,
                    best.cpu);
    }
}

}  // namespace

int main() {
    try {
        const scenarios::Prepared data = bench::world();
        std::printf(
            "%s; 64 bits; kernels and peers for %s; best of %d passes by CPU time of one thread\n",
            data.label.c_str(), kernels().name, passes);
        std::array entrants{
            Entrant{"ours", bench::Contestant::ours},
            Entrant{"doubles, a Gram matrix a user (DCF)", bench::Contestant::by_gram},
            Entrant{"the same in blocks, one triangle", bench::Contestant::by_blocked_gram},
            Entrant{"doubles, residual sweeps", bench::Contestant::by_residuals}};
        bool same = contest(data, "square", "Explicit ratings, three sweeps", entrants);
        std::array uniform{
            Entrant{"ours", bench::Contestant::ours},
            Entrant{"scalar doubles, the shared Gram matrix", bench::Contestant::uniform_scalar},
            Entrant{"the same, vectorised", bench::Contestant::uniform}};
        same = contest(data, "linear", "Implicit, uniform weights, three sweeps", uniform) && same;
        rounds(data);
        return same ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
