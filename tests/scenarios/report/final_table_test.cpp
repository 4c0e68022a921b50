#include "scenarios/report/final_table.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/report/format.hpp"
#include "scenarios/report/metrics_table.hpp"

using namespace fedhash::scenarios::report;
using nlohmann::json;

namespace {

json bracket(double expected, double spread) {
    return {{"expected", expected},
            {"optimistic", expected + spread},
            {"pessimistic", expected - spread}};
}

/// One relevant item per user: Recall = HR.
json metrics(double hr, double spread, const std::vector<int>& cutoffs) {
    json result;
    for (int k : cutoffs) {
        const std::string at = "@" + std::to_string(k);
        result["HR" + at] = bracket(hr, spread);
        result["Recall" + at] = bracket(hr, spread);
        result["NDCG" + at] = bracket(hr / 2, spread);
        result["Precision" + at] = bracket(hr / k, spread);
    }
    result["AUC"] = bracket(0.875, 0);
    return result;
}

json complete(const std::vector<int>& cutoffs = {10}) {
    json summary = json::parse(R"json({
        "outcome": "complete", "outcome_detail": null, "method": "dcd", "bits": 64, "users": 6040, "items": 3706,
        "rounds": 10, "clients": 8, "clients_lost": 0, "users_lost": 0,
        "data": {"label": "ml-1m: MovieLens ratings.dat", "split": "leave-one-out, random (seed 1)",
                 "candidates": "99 sampled negatives (seed 1)", "hash": "00"},
        "baselines_detail": {"ials": "128 factors, a0 0.5"},
        "bytes": {"up_per_user_round": 812.4, "down_per_user_round": 2960, "up": 49062000, "down": 178000000,
                  "evaluation": 1234567, "float32_up_per_user_round": 42000, "float32_down_per_user_round": 95000,
                  "float32_total": 8300000000, "kernel_difference": 0},
        "seconds": {"start": 0.83, "rounds": 10.2, "total": 12.31}, "rounds_per_second": 0.98,
        "rejected": {}, "losses": [], "notices": [], "run_folder": "runs/a", "next": "fedhash report runs/a"})json");
    summary["scorings"] = {"codes", "vector"};
    summary["metrics"] = {{"codes", metrics(0.5, 0.01, cutoffs)},
                          {"vector", metrics(0.55, 0.0, cutoffs)}};
    summary["baselines"] = {{"random", metrics(0.1, 0, cutoffs)},
                            {"popularity", metrics(0.4, 0, cutoffs)},
                            {"ials", metrics(0.6, 0, cutoffs)}};
    return summary;
}

void check_width(const std::string& text, std::size_t columns) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(width_of(line) <= columns);
        CHECK_FALSE(line.ends_with(' '));
    }
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a complete run is told in full") {
    CHECK(final_text(complete(), Style{}) ==
          R"text(dcd · 64 bits · ml-1m: MovieLens ratings.dat · 6,040 users × 3,706 items
leave-one-out, random (seed 1) · candidates: 99 sampled negatives (seed 1) · ties in expectation

                    HR@10  NDCG@10     AUC  of ceiling
dcd, 64-bit codes  0.5000   0.2500  0.8750         83%
  ties at best     0.5100   0.2600  0.8750
  ties at worst    0.4900   0.2400  0.8750
dcd, real vector   0.5500   0.2750  0.8750         92%
random             0.1000   0.0500  0.8750         17%
popularity         0.4000   0.2000  0.8750         67%
iALS, the ceiling  0.6000   0.3000  0.8750        100%
of ceiling: share of the NDCG@10 of iALS (128 factors, a0 0.5).
real vector: scored with a real vector that stays with the user; items are the same codes.

Traffic                  up     down    both
per user and round    812 B   3.0 kB  3.8 kB
  as float32 (×36)  42.0 kB  95.0 kB  137 kB
sockets, 8 clients  49.1 MB   178 MB  227 MB
  as float32 (×37)                    8.3 GB
evaluation, apart                     1.2 MB
The kernel counted the same bytes.

Time     12 s in all: start 830 ms, rounds 10 s (0.98 rounds/s)
Clients  8 clients, 10 rounds; nobody lost
Results  runs/a
Next     fedhash report runs/a
)text");
}

TEST_CASE("a run with losses says so first, who was lost, and that it loses to popularity") {
    json summary = complete();
    summary["outcome"] = "complete-with-losses";
    summary["clients_lost"] = 1;
    summary["users_lost"] = 755;
    summary["losses"] =
        json::parse(R"([{"client": 3, "users": 755, "round": 4, "reason": "connection closed"}])");
    summary["rejected"] = {{"late", 3}, {"malformed", 0}};
    summary["notices"] = {"data.split was not set: the split of the data is used"};
    summary["bytes"]["kernel_difference"] = -12;
    summary["metrics"] = {{"codes", metrics(0.3, 0, {10})}};
    CHECK(final_text(summary, Style{}) ==
          R"text(Complete, but with losses: 1 of 8 clients lost, and with it 755 of 6,040 users.

dcd · 64 bits · ml-1m: MovieLens ratings.dat · 6,040 users × 3,706 items
leave-one-out, random (seed 1) · candidates: 99 sampled negatives (seed 1) · ties in expectation

                    HR@10  NDCG@10     AUC  of ceiling
dcd, 64-bit codes  0.3000   0.1500  0.8750         50%
random             0.1000   0.0500  0.8750         17%
popularity         0.4000   0.2000  0.8750         67%
iALS, the ceiling  0.6000   0.3000  0.8750        100%
dcd loses to popularity: NDCG@10 0.1500 against 0.2000.
of ceiling: share of the NDCG@10 of iALS (128 factors, a0 0.5).

Traffic                  up     down    both
per user and round    812 B   3.0 kB  3.8 kB
  as float32 (×36)  42.0 kB  95.0 kB  137 kB
sockets, 8 clients  49.1 MB   178 MB  227 MB
  as float32 (×37)                    8.3 GB
evaluation, apart                     1.2 MB
The kernel counted 12 bytes fewer than we did.

Time     12 s in all: start 830 ms, rounds 10 s (0.98 rounds/s)
Clients  8 clients, 10 rounds; 1 of 8 clients lost, and with it 755 of 6,040 users
Lost     client 3 with 755 users, round 4: connection closed
Rejected 3 × late
Note     data.split was not set: the split of the data is used
Results  runs/a
Next     fedhash report runs/a
)text");
}

TEST_CASE("a run that knows nothing but its end is told without an exception") {
    CHECK(
        final_text(
            json::parse(
                R"({"outcome": "interrupted", "outcome_detail": "Ctrl-C in round 4 of 10", "method": "dcd"})"),
            Style{}) ==
        R"text(Interrupted: Ctrl-C in round 4 of 10. What follows is of the rounds that finished.

dcd

Nothing was measured.

Traffic             up  down  both
per user and round   –     –     –
  as float32         –     –     –
sockets              –     –     –
  as float32                     –
evaluation, apart                –
Not checked against the kernel's count of bytes.

Time     – in all: start –, rounds –
Clients  – clients, – rounds; – lost
Results  –
)text");
    CHECK(final_text(json::object(), Style{}).starts_with("How the run ended is not known.\n"));
    CHECK(final_text(json::parse(R"({"outcome": "failed", "outcome_detail": "no client came"})"),
                     Style{})
              .starts_with("Failed: no client came.\n"));
    CHECK(
        final_text(
            json::parse(
                R"({"outcome": "stopped-early", "outcome_detail": "no better for 3 evaluations"})"),
            Style{})
            .starts_with("Stopped early: no better for 3 evaluations.\n"));
}

TEST_CASE("what the codes are like stands in one line, ties where they are known") {
    json summary = complete();
    CHECK(final_text(summary, Style{}, 100).find("Codes ") == std::string::npos);
    summary["code_health"] = {
        {"balance", 0.25}, {"correlation", 0.125}, {"dead_bits", 1}, {"duplicates", 0.031}};
    CHECK(final_text(summary, Style{}, 200)
              .find("\nCodes    1 dead bit, bits 0.25 out of balance and 0.12 correlated, 3.1 % of "
                    "items") != std::string::npos);
    summary["code_health"].update({{"place", 10}, {"tied", 7.5}, {"drawn", 2.0}});
    check_width(final_text(summary, Style{}, 100), 100);
    CHECK(final_text(summary, Style{}, 100).find("items tie at place 10") != std::string::npos);
}

TEST_CASE("keys of another type than agreed are taken as absent") {
    const json strange = json::parse(
        R"({"outcome": 3, "metrics": 4, "scorings": [5, "codes"], "baselines": [], "bytes": "x", "users": -1, "items": "many",
        "losses": [7, {"client": "a", "users": null}], "rejected": [], "notices": [1], "seconds": {"total": "x"}})");
    CHECK(contains(final_text(strange, Style{}), "Nothing was measured."));
    CHECK(contains(final_text(strange, Style{}), "client a\n"));
}

TEST_CASE("lines stay within 100 columns, or within the terminal") {
    json summary = complete({5, 10, 20, 50, 100});
    summary["metrics"]["codes"]["Recall@100"] = bracket(0.123, 0);
    summary["notices"] = {std::string(
        "a notice that is long enough to need more than one line of a terminal of any usual "
        "width, because it explains something")};
    check_width(final_text(summary, Style{}), 100);
    check_width(final_text(summary, Style{}, 200), 100);
    check_width(final_text(summary, Style{}, 80), 80);
    check_width(final_text(summary, Style{}, 60), 60);
}

TEST_CASE("what does not fit is left out, cut-off 10 last") {
    const auto titles = [](const json& summary, std::size_t width) {
        std::string joined;
        for (const Column& column : metrics_table(summary, width).columns)
            joined += column.title + " ";
        return joined;
    };
    json summary = complete({5, 10, 20});
    summary["metrics"]["codes"]["Recall@20"] = bracket(0.123, 0);
    CHECK(titles(summary, 100) ==
          " HR@5 NDCG@5 HR@10 NDCG@10 HR@20 NDCG@20 Recall@20 AUC of ceiling ");
    CHECK(titles(summary, 95) == " HR@5 NDCG@5 HR@10 NDCG@10 HR@20 NDCG@20 AUC of ceiling ");
    CHECK(titles(summary, 80) == " HR@10 NDCG@10 HR@20 NDCG@20 AUC of ceiling ");
    CHECK(titles(summary, 60) == " HR@10 NDCG@10 AUC of ceiling ");
    CHECK(titles(summary, 10) == " HR@10 NDCG@10 of ceiling ");
    CHECK(titles(complete({5, 10, 20}), 100) ==
          " HR@5 NDCG@5 HR@10 NDCG@10 HR@20 NDCG@20 AUC of ceiling ");
}

TEST_CASE("without a cut-off of 10 the middle one is the headline") {
    CHECK(headline_metric(complete({5, 10, 20})) == "NDCG@10");
    CHECK(headline_metric(complete({1, 3, 7})) == "NDCG@3");
    CHECK(headline_metric(complete({50})) == "NDCG@50");
    CHECK(headline_metric(json::object()) == "");
}

TEST_CASE("without baselines there is no ceiling and nobody to lose to") {
    json summary = complete();
    summary.erase("baselines");
    const std::string text = final_text(summary, Style{});
    CHECK_FALSE(contains(text, "ceiling"));
    CHECK_FALSE(contains(text, "loses"));
    CHECK(contains(text, "dcd, 64-bit codes"));
}

TEST_CASE("each way of scoring that loses gets its sentence") {
    json summary = complete();
    summary["metrics"] = {{"codes", metrics(0.05, 0, {10})}, {"vector", metrics(0.3, 0, {10})}};
    CHECK(defeats(summary) ==
          std::vector<std::string>{"dcd loses to popularity: NDCG@10 0.0250 against 0.2000.",
                                   "dcd loses to random: NDCG@10 0.0250 against 0.0500.",
                                   "dcd, real vector, loses to popularity: NDCG@10 0.1500 against "
                                   "0.2000."});
    CHECK(defeats(complete()).empty());
}

TEST_CASE("the best of a column is bold, the ceiling and the ties are not in the race") {
    const std::string text = final_text(complete(), Style{true});
    CHECK(contains(text, "dcd, real vector   \x1b[1m0.5500\x1b[0m"));
    CHECK_FALSE(contains(text, "\x1b[1m0.6000"));
    CHECK_FALSE(contains(text, "\x1b[1m0.5100"));
}

TEST_CASE("there is no escape sequence when style is off") {
    for (const char* outcome :
         {"complete", "complete-with-losses", "interrupted", "failed", "stopped-early", "?"}) {
        json summary = complete();
        summary["outcome"] = outcome;
        summary["metrics"]["codes"] = metrics(0.05, 0.01, {10});
        CHECK_FALSE(contains(final_text(summary, Style{}), "\x1b"));
    }
}

TEST_CASE("of many losses the first five are named") {
    json summary = complete();
    for (int client = 1; client <= 8; ++client)
        summary["losses"].push_back(
            {{"client", client}, {"users", 1}, {"round", 2}, {"reason", "killed"}});
    const std::string text = final_text(summary, Style{});
    CHECK(contains(text, "Lost     client 1 with 1 user, round 2: killed\n         client 2"));
    CHECK(contains(text, "client 5"));
    CHECK_FALSE(contains(text, "client 6"));
    CHECK(contains(text, "         and 3 more\n"));
}

TEST_CASE("every way of scoring that has figures has its row, in the order of the run's list") {
    json summary = complete();
    summary["scorings"] = {"codes", "vector", "planes", "newcomer", "factors"};
    const json figures = metrics(0.5, 0, {10});
    summary["metrics"] = {{"factors", figures},
                          {"newcomer", figures},
                          {"planes", figures},
                          {"vector", figures}};  // no codes this time
    const std::string text = final_text(summary, Style{});
    std::size_t at = 0;
    for (const char* row : {"\ndcd, real vector ", "\ndcd, vector in bit planes ",
                            "\ndcd, newcomer's vector ", "\ndcd, real factors ", "\nrandom "}) {
        CAPTURE(std::string(row));
        const std::size_t found = text.find(row, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
    CHECK_FALSE(contains(text, "dcd, 64-bit codes"));
    CHECK_FALSE(contains(text, "ties at"));
    for (const char* note : {"real vector: ", "bit planes: ", "newcomer: ", "real factors: "})
        CHECK(contains(text, note));
    summary["scorings"] = json::array();
    CHECK_FALSE(contains(final_text(summary, Style{}), "dcd, real vector"));
}

TEST_CASE("the notes say where the real vector comes from") {
    json summary = complete();
    summary["vector_source"] = "gradients";
    CHECK(contains(final_text(summary, Style{}), "learnt by gradients"));
    summary["vector_source"] = "ridge";
    CHECK(contains(final_text(summary, Style{}), "ridge"));
    summary["scorings"] = {"codes"};
    summary["metrics"].erase("vector");
    CHECK_FALSE(contains(final_text(summary, Style{}), "ridge"));
}

TEST_CASE("who lied is said, users and coordinator") {
    json summary = complete();
    CHECK(final_text(summary, Style{}, 100).find("users lie") == std::string::npos);
    summary["adversary"] = {{"server", "none"},
                            {"clients", "promote"},
                            {"users", 60},
                            {"target", {{"item", 7}, {"interactions", 2}}}};
    CHECK(final_text(summary, Style{}, 100)
              .find("60 of 6,040 users lie (promote), the target an item with 2 interactions") !=
          std::string::npos);
    summary["adversary"] = {{"server", "chosen-codes"}};
    summary["lies"] = {
        {"kind", "chosen-codes"}, {"rounds", 3}, {"noticed", 2}, {"opened", 0}, {"tried", 9}};
    CHECK(final_text(summary, Style{}, 100)
              .find("the coordinator (chosen-codes): 3 rounds, noticed in 2, 0 uploads opened") !=
          std::string::npos);
}
