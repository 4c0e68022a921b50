// Secure aggregation between real processes: the same codes as in clear, and nothing for who looks.
#include <doctest/doctest.h>

#include <cmath>
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
        const auto clear_bytes = json_file(expected / "summary.json").at("bytes");
        CHECK_FALSE(clear_bytes.contains("clear_up_by_devices"));
        CHECK(json_file(run / "summary.json").at("bytes").at("clear_up_by_devices") ==
              doctest::Approx(clear_bytes.at("up_per_user_round").get<double>()).epsilon(1e-9));
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

TEST_CASE("blocks that a user takes no part in are not sent, and the codes are the same") {
    TempFolder out;
    const fs::path whole = complete_run(secure({"run.clients=3"}), out / "whole");
    const fs::path some = complete_run(
        secure({"run.clients=3", "privacy.blocks=16", "privacy.block_share=0.3"}), out / "some");
    CHECK(contents(some / "item_codes.npy") == contents(whole / "item_codes.npy"));
    const auto up = [](const fs::path& run) {
        return json_file(run / "summary.json").at("bytes").at("up_per_user_round").get<double>();
    };
    CHECK(up(some) < 0.95 * up(whole));
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
    CHECK(holds(result.out, "sums,masked and in clear,integers that differ,0,"));
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
    refused({"privacy.blocks=81"}, "more blocks than there are");
    refused({"privacy.blocks=8", "privacy.noise=1", "privacy.row_cap=9"}, "set privacy.noise=0");
    refused({"privacy.blocks=8", "method.exchange=one-shot"}, "set method.exchange=secure");
    refused({"data.synthetic.users=2"}, "three users or more");
    const Ended idle = run_fedhash(
        small_run(out / "idle", {"method.name=null", "run.rounds=1", "secure.degree=8"}));
    CHECK(holds(idle.err, "secure.degree changes nothing without method.exchange=secure"));
}

TEST_CASE("noise under masks is bounded, the same whoever hosts users, and costs quality") {
    TempFolder out;
    const auto noisy = [&](const char* name, Words more) {
        more.insert(more.end(), {"privacy.noise=0.5", "privacy.row_cap=20", "run.rounds=3"});
        return complete_run(secure(more), out / name);
    };
    const fs::path one = noisy("one", {"run.clients=1"});
    CHECK(contents(noisy("four", {"run.clients=4"}) / "item_codes.npy") ==
          contents(one / "item_codes.npy"));
    const json privacy = json_file(one / "summary.json").at("privacy");
    REQUIRE(privacy.at("parts").size() == 1);
    CHECK(privacy.at("parts")[0].at("what") == "the sums");
    // 3 rounds of rho = 1 / (2 0.5^2) at most, delta 60^-1.1.
    const double rho = 3 * 2.0, delta = privacy.at("delta");
    const double most = rho + 2 * std::sqrt(rho * std::log(1 / delta));
    CHECK(privacy.at("parts")[0].at("epsilon").get<double>() <= most);
    CHECK(privacy.at("parts")[0].at("epsilon").get<double>() > most / 3);
    CHECK(contents(complete_run(secure({"privacy.row_cap=20", "run.clients=1"}), out / "exact") /
                   "item_codes.npy") != contents(one / "item_codes.npy"));
}

TEST_CASE("a coordinator that lies is refused by the users' processes, and opens nothing") {
    TempFolder out;
    for (const auto& [lie, reason] : {std::pair{"both-secrets", "asked for both secrets of user"},
                                      {"made-up-keys", "are not signed by it for this round"},
                                      {"one-neighbour", "asked to share with fewer than 2"},
                                      {"chosen-codes", "it was shown other tables"}}) {
        CAPTURE(std::string(lie));
        const Words settings =
            secure({"run.clients=4", "output.record=true", std::string("adversary.server=") + lie});
        const Ended result = run_fedhash(small_run(out / lie, settings));
        CAPTURE(result.err);
        REQUIRE(result.code == 0);
        CHECK(holds(result.err + result.out, "users refused"));
        const fs::path run = only_run_folder(out / lie);
        CHECK(holds(contents(run / "logs" / "clients.log"), reason));
        const json summary = json_file(run / "summary.json");
        CHECK(summary.at("adversary").at("server") == lie);
        CHECK(summary.at("lies").at("opened") == 0);
        CHECK(summary.at("lies").at("noticed") == summary.at("lies").at("rounds"));
        const Ended attack =
            run_fedhash({"attack", run.string(), "--attacks", "A11", "--format", "csv"});
        CAPTURE(attack.err);
        CHECK(attack.code == 0);
        CHECK(holds(attack.out, "victims whose upload was opened,0,0,1,"));
        CHECK(holds(attack.out, "rounds of lies in which somebody refused,1,0,1,"));
    }
}

TEST_CASE("codes that a coordinator chooses tell of items that are said with noise") {
    TempFolder out;
    const auto attacked = [&](const char* name, const Words& more) {
        Words settings = clear({"run.clients=3", "output.record=true", "privacy.items=unary",
                                "method.refit_target=false", "method.target_exponent=0",
                                "adversary.server=chosen-codes"});
        settings.insert(settings.end(), more.begin(), more.end());
        const fs::path run = complete_run(settings, out / name);
        const Ended result =
            run_fedhash({"attack", run.string(), "--attacks", "A11", "--format", "csv"});
        CAPTURE(result.err);
        REQUIRE(result.code == 0);
        return result.out;
    };
    const std::string found = attacked("unary", {"run.rounds=8"});
    const auto auc_of = [&](const std::string& whose) {
        const std::string label = "AUC of items by codes (" + whose + "),";
        const std::size_t at = found.find(label);
        REQUIRE(at != std::string::npos);
        return std::stod(found.substr(at + label.size()));
    };
    CHECK(auc_of("victims") > 0.7);
    CHECK(holds(found, "rounds of lies in which somebody refused,0,0,1,"));
}

TEST_CASE("lies that a run has no place for are refused, with what to set") {
    TempFolder out;
    const auto refusal = [&](const Words& settings) {
        const Ended result = run_fedhash(small_run(out / "runs", settings));
        CHECK(result.code == 2);
        return result.err;
    };
    CHECK(holds(refusal(secure({"run.clients=1", "adversary.server=both-secrets"})),
                "set run.clients=10"));
    CHECK(holds(refusal(clear({"run.clients=3", "adversary.server=split-lists"})),
                "set method.exchange=secure"));
    Words short_run = clear({"run.clients=3", "adversary.server=chosen-codes"});
    short_run.push_back("run.rounds=1");
    CHECK(holds(refusal(short_run), "run.rounds=2 or more"));
    CHECK(holds(refusal({"adversary.server=both-secret"}), "both-secrets"));
}
