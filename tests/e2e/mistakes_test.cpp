// Mistakes of people: one line that says what is wrong and how to mend it, the right exit code, and
// nothing left behind.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

enum Code { failed = 1, usage = 2, data = 3, network = 4 };

// What must be in the one line of stderr: the place, the offender, the way out.
void check_mistake(const Words& arguments, int code, const Words& told) {
    std::string shown;
    for (const std::string& word : arguments) shown += word + " ";
    CAPTURE(shown);
    const Ended result = run_fedhash(arguments);
    CAPTURE(result.err);
    CHECK(result.code == code);
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("error: "));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(result.err.find("unexpected:") == std::string::npos);
    for (const std::string& text : told)
        CHECK_MESSAGE(result.err.find(text) != std::string::npos, text);
}

std::string last_line(const std::string& text) {
    std::istringstream lines(text);
    std::string last;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) last = line;
    return last;
}

std::size_t lines_with(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        count += line.find(part) != std::string::npos ? 1 : 0;
    return count;
}

// A ratings file of some users with some items each.
std::string ratings() {
    std::string text;
    for (int user = 1; user <= 20; ++user)
        for (int item = 1; item <= 10; ++item)
            text += std::to_string(user) + "::" + std::to_string((user * 7 + item * 3) % 40 + 1) +
                    "::5::" + std::to_string(1000 + item) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a variable that is named like a setting and is none is refused") {
    for (const Words& words : {Words{"config"}, Words{"sweep", scenario("quickstart.toml")}}) {
        const Ended result = run_fedhash(words, {{"FEDHASH_RUN_SEDE", "9"}});
        CHECK(result.code == usage);
        CHECK(result.err.find("FEDHASH_RUN_SEDE") != std::string::npos);
        CHECK(result.err.find("FEDHASH_RUN_SEED") != std::string::npos);
    }
    // Others' variables are none of ours.
    CHECK(run_fedhash({"config"}, {{"FEDHASH_WHATEVER", "9"}, {"FEDHASH_DATA", "/x"}}).code == 0);
}

TEST_CASE("mistakes on the command line are told with the nearest right thing") {
    const std::string file = scenario("quickstart.toml");
    check_mistake({"run", file, "--set", "run.cleints=3"}, usage,
                  {"cleints", "did you mean 'clients'"});
    check_mistake({"run", file, "--set", "run.rounds=ten"}, usage,
                  {"run.rounds", "a whole number between 1", "\"ten\""});
    check_mistake({"run", file, "--set", "run.participation=0"}, usage, {"run.participation"});
    check_mistake({"run", file, "--set", "run.transport=pigeon"}, usage,
                  {"run.transport", "tcp", "in-process", "pigeon"});
    check_mistake({"run", file, "--set", "rounds"}, usage, {"key=value", "rounds"});
    check_mistake({"run", file, "--sett", "run.rounds=1"}, usage, {"--sett", "usage: fedhash run"});
    check_mistake({"run", file, "--set", "method.name=dcb"}, usage, {"dcb", "dcf", "implicit-dcd"});
    check_mistake({"run"}, usage, {"scenarios/quickstart.toml"});
    check_mistake({"rum", file}, usage, {"rum", "did you mean 'run'"});
    check_mistake({"data"}, usage, {"fedhash data info"});
    check_mistake({"replay"}, usage, {"fedhash runs"});
    check_mistake({"runs", "/nonexistent/runs"}, usage, {"/nonexistent/runs", "no such folder"});
    CHECK(run_fedhash({}).code == usage);
}

TEST_CASE("mistakes in a scenario file are told with file and line and column") {
    TempFolder out;
    const fs::path file = out / "wrong.toml";
    write(file, "[run]\nclients = 2\n\n[method]\nbitz = 64\n");
    check_mistake({"run", file}, usage, {"wrong.toml:5:1", "bitz", "did you mean 'bits'"});
    write(file, "[run]\nclients = \"two\"\n");
    check_mistake({"run", file}, usage, {"wrong.toml:2:11", "run.clients", "\"two\""});
    write(file, "[run\n");
    check_mistake({"run", file}, usage, {"wrong.toml:1:"});
    write(file, "[mehtod]\nbits = 64\n");
    check_mistake({"run", file}, usage, {"wrong.toml:1:", "did you mean [method]"});
    check_mistake({"run", out / "wrnog.toml"}, usage, {"wrnog.toml: no such file", "wrong.toml"});
    check_mistake({"run", out.path()}, usage, {"a folder", "wrong.toml"});
}

TEST_CASE("mistakes in data are told with file and line and column") {
    TempFolder out;
    const std::string file = scenario("ml-1m.toml");
    check_mistake({"run", file, "--data", out / "nowhere"}, data, {"nowhere", "data.path"});
    fs::create_directories(out / "empty");
    check_mistake({"run", file, "--data", out / "empty"}, data, {"empty", "ratings.dat"});

    fs::create_directories(out / "ml");
    write(out / "ml" / "ratings.dat", ratings() + "21::seven\n");
    check_mistake({"run", file, "--data", out / "ml"}, data, {"ratings.dat:201:"});
    write(out / "ml" / "ratings.dat", ratings() + "21::7::excellent::1000\n");
    check_mistake({"run", file, "--data", out / "ml"}, data, {"ratings.dat:201:8", "excellent"});
    check_mistake({"data", "info", out / "ml"}, data, {"ratings.dat:201:8", "excellent"});
    CHECK(run_folders(out / "runs").empty());
}

TEST_CASE("a port in use is told with the port and the way out") {
    TempFolder out;
    const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    REQUIRE(bind(taken, reinterpret_cast<const sockaddr*>(&where), size) == 0);
    REQUIRE(listen(taken, 1) == 0);
    REQUIRE(getsockname(taken, reinterpret_cast<sockaddr*>(&where), &size) == 0);
    const std::string port = std::to_string(ntohs(where.sin_port));

    const Ended result = run_fedhash(small_run(out / "runs", {"run.port=" + port}));
    close(taken);
    CAPTURE(result.err);
    CHECK(result.code == network);
    const std::string line = last_line(result.err);
    CHECK(line.starts_with("error: cannot listen on tcp:127.0.0.1:" + port));
    CHECK(line.find("run.port") != std::string::npos);
    const fs::path folder = only_run_folder(out / "runs");
    CHECK(json_file(folder / "summary.json").at("outcome") == "failed");
    CHECK(!fs::exists(folder / "private"));

    // The same port serves once it is free.
    CHECK(run_fedhash(small_run(out / "free", {"run.port=" + port, "run.rounds=1"})).code == 0);
}

TEST_CASE("a folder that cannot be written is told with the way out") {
    TempFolder out;
    write(out / "file", "not a folder");
    const Ended result = run_fedhash(small_run(out / "file", {}));
    CAPTURE(result.err);
    CHECK(result.code == failed);
    CHECK(last_line(result.err).starts_with("error: " + (out / "file").string()));
}

TEST_CASE("a full disk is told with the way out and leaves no private file") {
    TempFolder out;
    const fs::path disk = out / "disk";
    fs::create_directories(disk);
    // A private mount; when the shell ends, its files are gone with it, so the shell itself looks
    // for what is left.
    const auto on_disk_of = [&](const std::string& size, const Words& words) {
        Words arguments{geteuid() == 0 ? "-mpf" : "-rmpf",
                        "--kill-child",
                        "--mount-proc",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=" + size + " none '" + disk.string() +
                            "' || exit 99; \"$@\"; code=$?; find '" + disk.string() +
                            "' -path '*private*' -type f; exit $code",
                        "sh",
                        program("fedhash")};
        arguments.insert(arguments.end(), words.begin(), words.end());
        return run("/usr/bin/unshare", arguments);
    };
    const Ended fits = on_disk_of("16m", small_run(disk, {"run.clients=4", "run.rounds=1"}));
    if (fits.code != 0 && fits.err.find("unshare") != std::string::npos) {
        MESSAGE("skipped: this kernel lets nobody mount a small disk: ", fits.err);
        return;
    }
    if (fits.code == 99 || fits.code == 127) {
        MESSAGE("skipped: no small disk can be mounted here: ", fits.err);
        return;
    }
    INFO(fits.err);
    REQUIRE(fits.code == 0);

    // From too small for the first file to large enough: wherever the space ends, the answer is the
    // same.
    for (const std::string transport : {"run.transport=tcp", "run.transport=in-process"}) {
        CAPTURE(transport);
        int too_small = 0;
        for (int kib = 8;; kib += FEDHASH_SANITIZED ? 120 : 12) {
            CAPTURE(kib);
            const Ended result =
                on_disk_of(std::to_string(kib) + "k",
                           small_run(disk, {transport, "run.clients=4", "run.rounds=10"}));
            CAPTURE(result.err);
            if (result.code == 0) break;
            ++too_small;
            CHECK(result.code == failed);
            CHECK_MESSAGE(result.out.empty(), "private files left: ", result.out);
            const std::string line = last_line(result.err);
            CHECK(line.starts_with("error: "));
            CHECK(line.find("No space left on device") != std::string::npos);
            CHECK(line.find("free some space or choose another folder with --out") !=
                  std::string::npos);
            CHECK(lines_with(result.err, "error: ") == 1);
            REQUIRE(kib < 1000);
        }
        CHECK(too_small >= (FEDHASH_SANITIZED ? 1 : 5));
    }
}
