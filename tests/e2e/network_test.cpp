// Links, attendance and asynchrony are models: they follow from the seed and the bytes, whatever
// processes a run is spread over.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

const Words slow{"network.links=mixed", "network.spread=1", "network.compute_ms=40",
                 "network.devices=1:3,4:1"};

void check_every_deployment(const Words& settings) {
    TempFolder out;
    const fs::path reference = complete_run(
        with(settings, {"run.transport=in-process", "run.clients=1"}), out / "reference");
    for (const auto& [clients, transport] :
         {std::pair<std::string, std::string>{"8", "tcp"}, {"64", "unix"}, {"64", "tcp"}}) {
        if (FEDHASH_SANITIZED && clients != "8") continue;
        CAPTURE(clients);
        CAPTURE(transport);
        const fs::path folder =
            complete_run(with(settings, {"run.transport=" + transport, "run.clients=" + clients}),
                         out / (clients + transport));
        check_same_bits(reference, folder);
        for (const char* file : {"clock.csv", "traffic.csv"})
            CHECK_MESSAGE(contents(folder / file) == contents(reference / file), file);
    }
}

json modelled(const fs::path& folder) { return json_file(folder / "summary.json").at("modelled"); }

}  // namespace

TEST_CASE("dropouts, stragglers and a deadline are the same for any number of processes") {
    check_every_deployment(with(slow, {"run.rounds=5", "availability.dropout=0.2",
                                       "availability.share=0.9", "network.deadline_ms=900"}));
}

TEST_CASE("the first of those asked are the same for any number of processes") {
    check_every_deployment(
        with(slow, {"run.rounds=5", "run.participation=0.3", "availability.over_selection=1.4",
                    "availability.dropout=0.2"}));
}

TEST_CASE("asynchronous rounds are the same for any number of processes") {
    check_every_deployment(with(slow, {"run.rounds=12", "asynchrony.concurrency=60",
                                       "asynchrony.buffer=20", "availability.dropout=0.2"}));
}

TEST_CASE("asynchrony in which everybody is waited for is the synchronous run") {
    TempFolder out;
    const Words settings = with(slow, {"run.rounds=4", "run.clients=3"});
    check_same_bits(complete_run(settings, out / "synchronous"),
                    complete_run(with(settings, {"asynchrony.concurrency=200"}), out / "all"));
}

TEST_CASE("links cost time and no bit, and slower ones more of it") {
    TempFolder out;
    const Words settings{"run.rounds=3", "run.clients=2"};
    const fs::path plain = complete_run(settings, out / "plain");
    double before = 0;
    for (const std::string links : {"fibre", "4g", "3g", "2g"}) {
        CAPTURE(links);
        const fs::path folder =
            complete_run(with(settings, {"network.links=" + links}), out / links);
        check_same_bits(plain, folder);
        const double seconds = modelled(folder).at("seconds");
        CHECK(seconds > before);
        before = seconds;
    }
    CHECK_FALSE(json_file(plain / "summary.json").contains("modelled"));
}

TEST_CASE(
    "a round whose quorum is missed changes nothing, and its users take back what they learnt") {
    TempFolder out;
    const Words settings{"run.rounds=6", "run.clients=3", "availability.dropout=0.5",
                         "availability.quorum=0.5"};
    const fs::path folder = complete_run(settings, out / "run");
    const std::vector<Row> clock = csv(folder / "clock.csv"), metrics = csv(folder / "metrics.csv");
    std::size_t abandoned = 0;
    for (std::size_t r = 0; r < clock.size(); ++r) {
        const bool enough = std::stoi(clock[r].at("users_accepted")) >= 100;
        CHECK((clock[r].at("abandoned") == "0") == enough);
        abandoned += enough ? 0 : 1;
        if (!enough) CHECK(metrics[r].at("item_bits_flipped") == "0");
    }
    CHECK(abandoned > 0);
    CHECK(abandoned < clock.size());
    CHECK(modelled(folder).at("rounds_abandoned") == abandoned);
}

TEST_CASE("users are there when the trace says so, and links are read from a file") {
    TempFolder out;
    std::string trace = "user,from_s,to_s\n";
    // All but ten are away for the first two minutes.
    for (int user = 10; user < 200; ++user) trace += std::to_string(user) + ",120,100000\n";
    write(out / "trace.csv", trace);
    write(out / "links.csv", "down_kbps,up_kbps,latency_ms,loss_percent\n8,8,10000,0\n");
    const fs::path folder = complete_run(
        {"run.rounds=12", "run.clients=2", "network.links=" + (out / "links.csv").string(),
         "availability.trace=" + (out / "trace.csv").string()},
        out / "run");
    const std::vector<Row> clock = csv(folder / "clock.csv");
    CHECK(clock.front().at("users_sampled") == "10");
    CHECK(clock.back().at("users_sampled") == "200");
    for (const Row& row : clock)
        CHECK((row.at("users_sampled") == "10") == (std::stod(row.at("start_s")) < 120));
}

TEST_CASE("mistakes in the models are told with what and where") {
    TempFolder out;
    const auto refused = [&](const Words& settings, int code) {
        const Ended result = run_fedhash(small_run(out / "runs", settings));
        CAPTURE(result.err);
        CHECK(result.code == code);
        return result.err;
    };
    const auto holds = [](const std::string& text, const std::string& part) {
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    holds(refused({"network.links=5g"}, 2), "did you mean '4g'?");
    holds(refused({"network.deadline_ms=5"}, 2), "set network.links");
    holds(refused({"network.links=4g", "asynchrony.concurrency=9", "asynchrony.buffer=10"}, 2),
          "never fills");
    holds(refused({"network.links=4g", "asynchrony.concurrency=201"}, 2), "there are 200");
    holds(refused({"network.links=4g", "network.devices=fast"}, 2), "SLOWNESS:SHARE");
    write(out / "a.csv", "down_kbps,up_kbps\n1,1\n");
    holds(refused({"network.links=" + (out / "a.csv").string()}, 3),
          "a.csv:1:1: no column latency_ms");
    write(out / "b.csv", "down_kbps,up_kbps,latency_ms\n1,1,5\n1,fast,5\n");
    holds(refused({"network.links=" + (out / "b.csv").string()}, 3), "b.csv:3:3: up_kbps");
    write(out / "c.csv", "user,from_s,to_s\nnobody,1,2\n");
    holds(refused({"network.links=4g", "availability.trace=" + (out / "c.csv").string()}, 3),
          "c.csv:2:1: no user");
    holds(refused({"network.links=" + (out / "none.csv").string()}, 3),
          "network.links: " + (out / "none.csv").string());
    write(out / "d.csv", "down_kbps,up_kbps,latency_ms,up_kbps\n1,1,5,2\n");
    holds(refused({"network.links=" + (out / "d.csv").string()}, 3),
          "d.csv:1:1: column \"up_kbps\" is there twice");
    holds(refused({"network.links=4g", "availability.trace=" + (out / "none.csv").string()}, 3),
          "availability.trace: ");
    write(out / "e.csv", "user, from_s, to_s\n1, 5, 2\n");
    holds(refused({"network.links=4g", "availability.trace=" + (out / "e.csv").string()}, 3),
          "e.csv:2:7: to_s is not after from_s");
    // Before data are read.
    holds(refused({"network.links=5g", "data.format=auto", "data.path=" + (out / "none").string()},
                  2),
          "network.links");
}

TEST_CASE("real time changes no bit, and an interrupted run in real time ends at once") {
    TempFolder out;
    for (const Words& more : {Words{"availability.dropout=0.2", "network.deadline_ms=300"},
                              Words{"run.participation=0.3", "availability.over_selection=1.4"},
                              Words{"asynchrony.concurrency=60", "asynchrony.buffer=20"}}) {
        CAPTURE(more.front());
        const Words settings = with({"network.links=fibre", "run.rounds=3", "run.clients=4"}, more);
        const fs::path modelled = complete_run(settings, out / (more.front() + "-modelled"));
        const fs::path real = complete_run(with(settings, {"network.real_time=true"}),
                                           out / (more.front() + "-real"));
        check_same_bits(modelled, real);
        for (const char* file : {"clock.csv", "traffic.csv"})
            CHECK_MESSAGE(contents(modelled / file) == contents(real / file), file);
    }
    // Rounds of hours: the answers are held when the run is stopped.
    const fs::path slow_links = out / "slow.csv";
    std::ofstream(slow_links) << "down_kbps,up_kbps,latency_ms\n1,1,60000\n";
    Hold hold(1, out / "hold");
    Program run(program("fedhash"),
                small_run(out / "stopped",
                          {"network.links=" + slow_links.string(), "network.real_time=true",
                           "run.clients=2", "run.deadline_ms=86400000"}),
                hold.environment());
    hold.wait_for(2, run);
    hold.release();
    REQUIRE(kill(run.pid(), SIGINT) == 0);
    CHECK(run.wait().code == 130);
    run.wait_for_family();
}
