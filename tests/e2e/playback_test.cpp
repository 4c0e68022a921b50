// A recorded run is heard again without its devices, and read.
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <csignal>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

fs::path recorded(Words settings, const fs::path& out) {
    settings.push_back("output.record=true");
    return complete_run(settings, out);
}

}  // namespace

TEST_CASE("a coordinator that hears a record says what it said and comes to the same codes") {
    TempFolder out;
    int n = 0;
    for (const Words& settings :
         {Words{"run.clients=3", "run.rounds=3"},
          Words{"run.clients=5", "run.rounds=4", "run.participation=0.4", "run.transport=unix"},
          Words{"run.clients=4", "run.rounds=6", "network.links=mixed", "network.deadline_ms=600",
                "availability.dropout=0.2", "coding.padding=pow2"},
          Words{"run.clients=4", "run.rounds=8", "network.links=mixed", "asynchrony.concurrency=50",
                "asynchrony.buffer=20"},
          Words{"run.clients=3", "run.rounds=2", "method.name=dlcf"},
          Words{"run.clients=2", "run.rounds=3", "method.name=fed-ials",
                "run.transport=in-process"}}) {
        CAPTURE(n);
        const fs::path folder = recorded(settings, out / std::to_string(n++));
        struct stat status {};
        REQUIRE(stat((folder / "record.bin").c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        const Ended replay = run_fedhash({"replay", (folder / "record.bin").string()});
        CAPTURE(replay.out);
        CAPTURE(replay.err);
        CHECK(replay.code == 0);
        CHECK(holds(replay.out, "the coordinator said the same, byte for byte"));
        CHECK(holds(replay.out, "metrics.csv: the same, bit for bit"));
        CHECK_FALSE(holds(replay.out, "differs"));
    }
}

TEST_CASE("a record of a run that lost a client is heard again with the loss") {
    TempFolder out;
    Hold hold(2, out / "hold");
    Program run(program("fedhash"),
                small_run(out / "runs", {"run.clients=5", "run.rounds=4", "output.record=true"}),
                hold.environment());
    const std::vector<pid_t> waiting = hold.wait_for(5, run);
    REQUIRE(kill(waiting[3], SIGKILL) == 0);
    hold.release();
    const Ended result = run.wait();
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    const fs::path folder = only_run_folder(out / "runs");
    CHECK(json_file(folder / "summary.json").at("clients_lost") == 1);
    const Ended replay = run_fedhash({"replay", (folder / "record.bin").string()});
    CAPTURE(replay.out);
    CAPTURE(replay.err);
    CHECK(replay.code == 0);
    CHECK(holds(replay.out, "item_codes.npy: the same, bit for bit"));
    const Ended frames = run_fedhash({"frames", folder.string(), "--type", "left"});
    CHECK(holds(frames.out, "gone: connection lost"));
}

TEST_CASE("a record that was cut is played as far as it goes, and said to end early") {
    TempFolder out;
    const fs::path folder =
        recorded({"run.clients=2", "run.rounds=2", "method.name=implicit-dcd"}, out.path());
    const fs::path record = folder / "record.bin";
    const auto size = fs::file_size(record);
    for (const std::uintmax_t cut : {std::uintmax_t{1}, std::uintmax_t{100}, size / 2}) {
        CAPTURE(cut);
        fs::resize_file(record, size - cut);
        const Ended replay = run_fedhash({"replay", record.string()});
        CAPTURE(replay.out);
        CHECK(replay.code == 1);
        CHECK(holds(replay.out, "the same, byte for byte"));
        CHECK(holds(replay.err, "the record ends early"));
        const Ended frames = run_fedhash({"frames", record.string(), "--limit", "1"});
        CHECK(frames.code == 0);
        CHECK(holds(frames.err, "the record ends early"));
        CHECK(run_fedhash({"frames", record.string()}).code == 0);
    }
}

TEST_CASE("frames are told in words, those asked for alone") {
    TempFolder out;
    const fs::path folder =
        recorded({"run.clients=2", "run.rounds=2", "method.name=implicit-dcd", "network.links=4g"},
                 out.path());
    const Ended all = run_fedhash({"frames", folder.string()});
    REQUIRE(all.code == 0);
    for (const char* text :
         {"run token, client 1", "200 users, 300 items, 64 bits, residual uplink, seed 1",
          "version 1, codes of 300 items", "bits of item codes changed",
          "round 2: learn, 100 users", "round 2, user 17: residual, about",
          "measure version 2 on the validation part", "on the test part",
          "sums of 100 users measured", "the run is over", "it counted"})
        CHECK_MESSAGE(holds(all.out, text), text);
    const Ended few = run_fedhash({"frames", (folder / "record.bin").string(), "--type", "reply",
                                   "--client", "1", "--limit", "3"});
    CHECK(std::count(few.out.begin(), few.out.end(), '\n') == 3);
    CHECK(holds(few.out, "client 1"));
    CHECK_FALSE(holds(few.out, "client 0"));
    // The times of uploads are those of their arrival on a 4g link, at least two latencies later.
    CHECK_FALSE(holds(few.out, " 0.000000 s"));

    const auto refused = [&](const Words& words, int code, const std::string& part) {
        const Ended result = run_fedhash(words);
        CAPTURE(result.err);
        CHECK(result.code == code);
        CHECK(holds(result.err, part));
    };
    refused({"frames"}, 2, "--record");
    refused({"frames", folder.string(), "--type", "repl"}, 2, "did you mean 'reply'");
    refused({"frames", folder.string(), "--client", "2"}, 2, "numbered from 0");
    refused({"frames", out.path().string()}, 2, "--record");
    fs::copy_file(folder / "config.toml", out / "text");
    refused({"frames", (out / "text").string()}, 3, "does not begin like one");
    refused({"replay", (out / "text").string()}, 3, "does not begin like one");
    // More than memory holds; a sparse file is enough to say so.
    write(out / "huge", contents(folder / "record.bin").substr(0, 100));
    fs::resize_file(out / "huge", std::uintmax_t{1} << 42);
    refused({"replay", (out / "huge").string()}, 3, "Record a run of fewer rounds");
    // Cut off in the middle: read as far as it goes.
    const std::string bytes = contents(folder / "record.bin");
    write(out / "cut", bytes.substr(0, bytes.size() / 2));
    const Ended cut = run_fedhash({"frames", (out / "cut").string()});
    CHECK(cut.code == 0);
    CHECK(all.out.starts_with(cut.out));
    CHECK(cut.out.size() > 1000);
    std::string damaged = bytes;
    damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 0x40);
    write(out / "damaged", damaged);
    const Ended broken = run_fedhash({"frames", (out / "damaged").string()});
    CHECK((broken.code == 3 || broken.out != all.out));
}

TEST_CASE("rounds that a record was cut before are not said to be in it") {
    TempFolder out;
    const fs::path folder =
        recorded({"run.clients=2", "run.rounds=4", "run.participation=1", "network.links=mixed",
                  "availability.dropout=0.2", "method.name=implicit-dcd"},
                 out.path());
    const fs::path record = folder / "record.bin";
    // The first round's uploads are a quarter of the record or so.
    fs::resize_file(record, fs::file_size(record) / 8);
    const Ended replay = run_fedhash({"replay", record.string()});
    CAPTURE(replay.out);
    CHECK(replay.code == 1);
    CHECK(holds(replay.out, "0 whole rounds"));
    CHECK(holds(replay.err, "the record ends early, in round 1 of 4"));
}

TEST_CASE("replay says what it cannot do with a record") {
    TempFolder out;
    const fs::path folder = recorded({"run.clients=2", "run.rounds=2"}, out.path());
    const Ended nowhere = run_fedhash({"replay", (folder / "other.bin").string()});
    CHECK(nowhere.code == 2);
    CHECK(holds(nowhere.err, "there is no such file"));
    const Ended outs =
        run_fedhash({"replay", (folder / "record.bin").string(), "--out", out.path().string()});
    CHECK(outs.code == 2);
    CHECK(holds(outs.err, "are of the replay of a run folder"));
    fs::rename(folder / "record.bin", out / "alone.bin");
    const Ended alone = run_fedhash({"replay", (out / "alone.bin").string()});
    CHECK(alone.code == 0);
    CHECK(holds(alone.out, "no codes beside the record to compare"));
}

TEST_CASE("a run that was expected to beat popularity is replayed like any other") {
    TempFolder out;
    const fs::path file = out / "expecting.toml";
    write(file,
          "[run]\nclients = 2\nrounds = 2\n[method]\nname = \"implicit-dcd\"\nbits = 16\n"
          "[data]\nformat = \"synthetic\"\n[data.synthetic]\nusers = 80\nitems = 60\n"
          "[expect]\n\"NDCG@10\" = \"> baselines.random.NDCG@10\"\n");
    const Ended run = run_fedhash({"run", file.string(), "--out", (out / "runs").string()});
    CAPTURE(run.err);
    REQUIRE(run.code == 0);
    const Ended replay = run_fedhash({"replay", only_run_folder(out / "runs").string(), "--out",
                                      (out / "replays").string()});
    CAPTURE(replay.err);
    CHECK(replay.code == 0);
    CHECK(holds(replay.err, "bit for bit"));
}
