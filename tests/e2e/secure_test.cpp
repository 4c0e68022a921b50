// Secure aggregation between real processes: the same codes as in clear, and nothing for who looks.
#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Words secure(Words settings) {
    settings.insert(settings.end(), {"method.name=implicit-dcd", "method.bits=16", "run.rounds=3",
                                     "method.exchange=secure", "secure.degree=6",
                                     "data.synthetic.users=60", "data.synthetic.items=80"});
    return settings;
}

Words clear(const Words& settings) {
    Words words = secure(settings);
    words.push_back("method.exchange=one-shot");
    return words;
}

}  // namespace

TEST_CASE("under masks the codes are those of a clear run, whatever the transport and processes") {
    TempFolder out;
    const fs::path expected = complete_run(clear({"run.clients=2"}), out / "clear");
    int n = 0;
    for (const Words& settings :
         {Words{"run.clients=1"}, Words{"run.clients=7", "run.transport=unix"},
          Words{"run.clients=3", "run.transport=in-process"},
          Words{"run.clients=60", "coding.padding=pow2"}}) {
        CAPTURE(n);
        const fs::path run = complete_run(secure(settings), out / std::to_string(n++));
        CHECK(contents(run / "item_codes.npy") == contents(expected / "item_codes.npy"));
        CHECK(contents(run / "metrics.csv") == contents(expected / "metrics.csv"));
        const auto bytes = nlohmann::json::parse(contents(run / "summary.json")).at("bytes");
        REQUIRE(bytes.contains("masked_up_by_formula") == (n < 4));  // not of padded uploads
        if (n < 4)
            CHECK(bytes.at("up_per_user_round").get<double>() ==
                  doctest::Approx(bytes.at("masked_up_by_formula").get<double>()).epsilon(0.01));
    }
    for (const Words& settings : {Words{"run.participation=0.5"}, Words{"availability.dropout=0.2"},
                                  Words{"method.uplink=gradients", "method.item_rule=gradient",
                                        "method.interaction=0", "method.feedback=sampled"}}) {
        CAPTURE(n);
        const std::string name = std::to_string(n++);
        CHECK(contents(complete_run(secure(settings), out / name) / "item_codes.npy") ==
              contents(complete_run(clear(settings), out / (name + "-clear")) / "item_codes.npy"));
    }
}

TEST_CASE("clients that are killed in a masked round take nothing with them but their uploads") {
    TempFolder out;
    Hold hold(2, out / "hold");
    Program run(program("fedhash"),
                small_run(out / "runs", secure({"run.clients=6", "output.record=true"})),
                hold.environment());
    const std::vector<pid_t> waiting = hold.wait_for(6, run);
    REQUIRE(kill(waiting[1], SIGKILL) == 0);
    REQUIRE(kill(waiting[4], SIGKILL) == 0);
    hold.release();
    const Ended result = run.wait();
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    const fs::path folder = only_run_folder(out / "runs");
    CHECK(json_file(folder / "summary.json").at("clients_lost") == 2);
    const Ended again = run_fedhash({"replay", folder.string(), "--out", out / "replays"});
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(holds(again.err, "the item codes are the recorded ones, bit for bit"));
    const Ended heard = run_fedhash({"replay", (folder / "record.bin").string()});
    CHECK(holds(heard.out, "the coordinator said the same, byte for byte"));
}

TEST_CASE("attacks on masked uploads find what chance finds") {
    TempFolder out;
    const fs::path run =
        complete_run(secure({"run.clients=3", "output.record=true"}), out / "runs");
    const Ended result = run_fedhash({"attack", run.string(), "--format", "csv"});
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(holds(result.out, "A1,row set,item set exact,0,"));
    CHECK(holds(result.out, "A4,\"code, closed form\",code exact,0,"));
    CHECK(holds(result.out, "A4,\"code, closed form\",bits right,0.5,0.5,"));
    CHECK(holds(result.out, "A5,\"code, spectral\",\"code exact, up to one sign\",0,"));
}

TEST_CASE("what cannot be masked is refused, with the reason") {
    TempFolder out;
    const auto refused = [&](Words settings, const std::string& reason) {
        Words all = secure({});
        all.insert(all.end(), settings.begin(), settings.end());
        const Ended result = run_fedhash(small_run(out / "runs", all));
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(holds(result.err, reason));
    };
    refused({"method.name=dcd-plus"}, "uplinks \"residual\" and \"gradients\"");
    refused({"secure.degree=7"}, "an even number, please");
    refused({"secure.degree=0"}, "secure.degree");
    refused({"network.links=mixed", "network.deadline_ms=500"}, "cannot leave out who is late");
    refused({"network.links=mixed", "asynchrony.concurrency=20"}, "set asynchrony.concurrency=0");
    refused({"data.synthetic.users=2"}, "three users or more");
    const Ended idle = run_fedhash(
        small_run(out / "idle", {"method.name=null", "run.rounds=1", "secure.degree=8"}));
    CHECK(holds(idle.err, "secure.degree changes nothing without method.exchange=secure"));
}
