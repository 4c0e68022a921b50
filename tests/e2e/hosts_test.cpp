// Programs started by hand, with files copied beside them, as on machines of their own: here in
// network namespaces with addresses of their own, on links that the kernel shapes.
#include <doctest/doctest.h>

#include <memory>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

struct Dealt {
    fs::path folder, run;
};

Dealt deal(const fs::path& to, Words settings) {
    Words words{"deal", scenario("quickstart.toml"), "--to", to.string(), "--no-baselines"};
    for (const char* setting :
         {"data.synthetic.users=200", "data.synthetic.items=300", "run.rounds=3"})
        words.insert(words.end(), {"--set", setting});
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    const Ended result = run_fedhash(words);
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    for (const auto& entry : fs::directory_iterator(to))
        if (fs::exists(entry.path() / "manifest.json")) return {to, entry.path()};
    FAIL("no run folder was dealt");
    return {};
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a coordinator and clients that are started by hand come to the same codes") {
    TempFolder out;
    const Dealt dealt = deal(out / "dealt", {"run.clients=3"});
    // Clients first: they wait for whoever starts last.
    const std::string where = "unix:" + (out / "socket").string();
    std::vector<std::unique_ptr<Program>> clients;
    for (const std::string client : {"0", "1", "2"}) {
        fs::create_directory(out / client);
        clients.push_back(std::make_unique<Program>(
            program("fedhash-client"),
            Words{"--shard", (dealt.folder / "shards" / client).string(), "--connect", where,
                  "--leave", (out / client).string(), "--wait", "60"}));
    }
    Program server(program("fedhash-server"), {"--options", (dealt.folder / "server.json").string(),
                                               "--run", dealt.run.string(), "--listen", where});
    for (auto& client : clients) CHECK(client->wait().code == 0);
    const Ended ended = server.wait();
    CAPTURE(ended.err);
    CHECK(ended.code == 0);
    const json summary = json_file(dealt.run / "summary.json");
    CHECK(summary.at("outcome") == "complete");
    CHECK(summary.at("bytes").at("count_difference") == 0);
    CHECK(summary.at("method") == "dcd-plus");
    CHECK(fs::exists(out / "1" / "codes-1"));
    const fs::path usual = complete_run({"run.rounds=3", "run.clients=5"}, out / "usual");
    CHECK(contents(dealt.run / "item_codes.npy") == contents(usual / "item_codes.npy"));
    CHECK(contents(dealt.run / "metrics.csv") == contents(usual / "metrics.csv"));
    CHECK(run_fedhash({"budget", dealt.run.string()}).code == 0);
}

TEST_CASE("a shuffler that is started by hand takes the names off, and none is missed for long") {
    TempFolder out;
    const Dealt dealt = deal(
        out / "dealt", {"run.clients=1", "method.name=implicit-dcd", "method.exchange=shuffled"});
    CHECK(fs::exists(dealt.folder / "shuffler"));
    const std::string where = "unix:" + (out / "socket").string();
    Program client(program("fedhash-client"), {"--shard", (dealt.folder / "shards" / "0").string(),
                                               "--connect", where, "--wait", "60"});
    Program shuffler(program("fedhash-shuffler"), {"--keys", (dealt.folder / "shuffler").string(),
                                                   "--connect", where, "--wait", "60"});
    Program server(program("fedhash-server"), {"--options", (dealt.folder / "server.json").string(),
                                               "--run", dealt.run.string(), "--listen", where});
    CHECK(client.wait().code == 0);
    CHECK(shuffler.wait().code == 0);
    CHECK(server.wait().code == 0);
    CHECK(json_file(dealt.run / "summary.json").at("outcome") == "complete");
    const fs::path usual =
        complete_run({"run.rounds=3", "method.name=implicit-dcd"}, out / "usual");
    CHECK(contents(dealt.run / "item_codes.npy") == contents(usual / "item_codes.npy"));

    const Ended keyless = run(program("fedhash-shuffler"), {"--connect", where});
    CHECK(keyless.code == 2);
    CHECK(holds(keyless.err, "--keys and --connect are needed"));
    const Ended shard =
        run(program("fedhash-shuffler"),
            {"--keys", (dealt.folder / "shards" / "0").string(), "--connect", where});
    CHECK(shard.code == 3);
    CHECK(holds(shard.err, "not the keys of a shuffler"));

    const Dealt alone =
        deal(out / "alone", {"run.clients=1", "method.name=implicit-dcd",
                             "method.exchange=shuffled", "run.start_deadline_ms=1"});
    const Ended ended = run(program("fedhash-server"),
                            {"--options", (alone.folder / "server.json").string(), "--run",
                             alone.run.string(), "--listen", "tcp:127.0.0.1:0"});
    CAPTURE(ended.out);
    CHECK(ended.code == 1);
    CHECK(holds(ended.out, "the shuffler did not come by the start deadline"));
}

TEST_CASE("mistakes in starting programs by hand are told") {
    TempFolder out;
    const Dealt dealt = deal(out / "dealt", {"run.clients=1"});
    const auto refused = [](const std::string& name, const Words& words, int code,
                            const std::string& part) {
        Program started(program(name), words);
        const Ended ended = started.wait();
        CAPTURE(ended.err);
        CAPTURE(ended.out);
        CHECK(ended.code == code);
        CHECK(holds(ended.err + ended.out, part));
    };
    const std::string options = (dealt.folder / "server.json").string();
    refused("fedhash-server", {"--options", options, "--run", (out / "none").string()}, 2,
            "no such folder");
    refused("fedhash-server", {"--options", (out / "none").string()}, 2, "cannot be read");
    refused("fedhash-server", {"--options", options, "--listen", "host:1"}, 2,
            "is not an endpoint");
    refused("fedhash-server", {"--options", options, "--listen", "tcp:203.0.113.9:0"}, 4,
            "cannot listen on tcp:203.0.113.9");
    refused("fedhash-client",
            {"--shard", (dealt.folder / "shards" / "0").string(), "--connect", "tcp:127.0.0.1:1"},
            4, "cannot connect");
    refused("fedhash-client",
            {"--shard", (dealt.folder / "shards" / "0").string(), "--connect", "tcp:127.0.0.1:1",
             "--leave", (out / "nowhere").string()},
            2, "no such folder");
    refused("fedhash-client",
            {"--shard", (dealt.folder / "shards" / "0").string(), "--connect", "tcp:127.0.0.1:1",
             "--wait", "-5"},
            2, "--wait -5");
    // A run's records are not written over, and an address that cannot be had leaves none.
    write(dealt.run / "events.jsonl", "kept");
    refused("fedhash-server", {"--options", options, "--listen", "unix:" + (out / "s").string()}, 2,
            "events.jsonl: is there already");
    CHECK(contents(dealt.run / "events.jsonl") == "kept");
    const Ended again =
        run_fedhash({"deal", scenario("quickstart.toml"), "--to", dealt.folder.string()});
    CHECK(again.code == 2);
    CHECK(holds(again.err, "is there already"));
}

TEST_CASE("across network namespaces, on shaped and lossy links, the codes are the same") {
    const std::string script = std::string(FEDHASH_SOURCE_DIR) + "/tests/e2e/hosts.sh";
    TempFolder out;
    const Dealt dealt = deal(out / "dealt", {"run.clients=2"});
    const Ended hosts = run("/bin/bash", {script, FEDHASH_BUILD_FOLDER, dealt.folder.string(),
                                          dealt.run.string(), "10mbit", "1"});
    if (hosts.code == 77) {
        MESSAGE("skipped: ", hosts.out);
        return;
    }
    CAPTURE(hosts.out);
    CAPTURE(hosts.err);
    REQUIRE(hosts.code == 0);
    const json summary = json_file(dealt.run / "summary.json");
    CHECK(summary.at("outcome") == "complete");
    CHECK(summary.at("bytes").at("kernel_difference") == 0);
    const fs::path usual = complete_run({"run.rounds=3", "run.clients=5"}, out / "usual");
    CHECK(contents(dealt.run / "item_codes.npy") == contents(usual / "item_codes.npy"));
    CHECK(contents(dealt.run / "metrics.csv") == contents(usual / "metrics.csv"));
}
