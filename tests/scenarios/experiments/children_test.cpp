#include "scenarios/experiments/children.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

/// Runs shell scripts; their wait statuses by number.
struct Outcome {
    bool all = false;
    std::map<std::size_t, int> statuses;
    std::size_t begun = 0;
};

Outcome run_scripts(const std::vector<std::string>& scripts, std::size_t at_once,
                    const std::filesystem::path& folder) {
    Interrupts interrupts;
    Outcome outcome;
    outcome.all = run_children(
        "/bin/sh", scripts.size(), at_once, interrupts,
        [&](std::size_t i) {
            ++outcome.begun;
            return Child{{"-c", scripts[i]}, folder / (std::to_string(i) + ".log")};
        },
        [&](std::size_t i, int status) { outcome.statuses[i] = status; });
    return outcome;
}

/// Waits for ever, and ends as an interrupted run does.
std::string hold(const std::filesystem::path& fifo, const std::string& first) {
    return "trap 'exit 130' INT; " + first + "; while :; do read x < '" + fifo.string() + "'; done";
}

}  // namespace

TEST_CASE("children run to their ends, and their output is kept apart") {
    const tests::TempFolder folder;
    const Outcome outcome =
        run_scripts({"echo one; echo uno >&2", "exit 3", "kill -9 $$"}, 2, folder.path());
    CHECK(outcome.all);
    REQUIRE(outcome.statuses.size() == 3);
    CHECK(outcome.statuses.at(0) == 0);
    CHECK(WEXITSTATUS(outcome.statuses.at(1)) == 3);
    CHECK(WTERMSIG(outcome.statuses.at(2)) == SIGKILL);
    CHECK(tests::contents(folder / "0.log") == "one\nuno\n");
}

TEST_CASE("no more than so many run at a time") {
    for (const std::size_t at_once : {1, 2, 3}) {
        CAPTURE(at_once);
        const tests::TempFolder folder;
        std::size_t running = 0, most = 0;
        Interrupts interrupts;
        run_children(
            "/bin/sh", 9, at_once, interrupts,
            [&](std::size_t i) {
                most = std::max(most, ++running);
                return Child{{"-c", "exit 0"}, folder / std::to_string(i)};
            },
            [&](std::size_t, int) { --running; });
        CHECK(most == at_once);
        CHECK(running == 0);
    }
}

TEST_CASE("with none to run there is nothing to wait for") {
    const tests::TempFolder folder;
    CHECK(run_scripts({}, 2, folder.path()).all);
}

TEST_CASE("an interrupt ends those that run and starts no more") {
    const tests::TempFolder folder;
    const auto fifo = folder / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    for (const char* signal : {"INT", "TERM"}) {
        CAPTURE(signal);
        // The second child interrupts us, as somebody's Ctrl-C would; the first was let in before.
        const Outcome outcome = run_scripts(
            {hold(fifo, ":"), hold(fifo, std::string("kill -") + signal + " $PPID"), "exit 0"}, 2,
            folder.path());
        CHECK_FALSE(outcome.all);
        CHECK(outcome.begun == 2);
        REQUIRE(outcome.statuses.size() == 2);
        // The first may be told before it has said how it wants to end.
        const int first = outcome.statuses.at(0);
        CHECK((WIFSIGNALED(first) || WEXITSTATUS(first) == 130));
        CHECK(WEXITSTATUS(outcome.statuses.at(1)) == 130);
    }
}

TEST_CASE("a second interrupt kills those that do not listen") {
    const tests::TempFolder folder;
    const auto fifo = folder / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    const Outcome outcome =
        run_scripts({"trap 'kill -TERM $PPID' INT; kill -INT $PPID; while :; do read x < '" +
                     fifo.string() + "'; done"},
                    1, folder.path());
    CHECK_FALSE(outcome.all);
    CHECK(WTERMSIG(outcome.statuses.at(0)) == SIGKILL);
}

TEST_CASE("an interrupt from before counts, and ends nobody afterwards") {
    const tests::TempFolder folder;
    {
        Interrupts interrupts;
        raise(SIGINT);
        CHECK(interrupts.count() == 1);
        std::size_t begun = 0;
        CHECK_FALSE(run_children(
            "/bin/sh", 1, 1, interrupts,
            [&](std::size_t) {
                ++begun;
                return Child{};
            },
            [](std::size_t, int) {}));
        CHECK(begun == 0);
        raise(SIGINT);
    }
    CHECK(run_scripts({"exit 0"}, 1, folder.path()).all);
}

TEST_CASE("what goes wrong with one child ends the others") {
    const tests::TempFolder folder;
    const auto fifo = folder / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    Interrupts interrupts;
    const std::string refusal = tests::refusal_of([&] {
        run_children(
            "/bin/sh", 2, 2, interrupts,
            [&](std::size_t i) {
                return Child{{"-c", hold(fifo, ":")},
                             i == 0 ? folder / "log" : folder / "no/such/folder/log"};
            },
            [](std::size_t, int) {});
    });
    CHECK(tests::contains(refusal, "cannot write"));
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // no children are left
}
