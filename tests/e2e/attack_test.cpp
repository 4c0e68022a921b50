// fedhash attack, as typed: on uploads that real processes sent.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// value by "attack figure" of the CSV form; -1 where the attack was refused or counted nothing.
std::map<std::string, double> figures(const std::string& csv) {
    std::map<std::string, double> values;
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    CHECK(line ==
          "attack,name,figure,value,chance,ceiling,low,high,trials,of,refused,method,round");
    while (std::getline(lines, line)) {
        std::vector<std::string> cells;
        bool quoted = false;
        cells.emplace_back();
        for (const char c : line) {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                cells.emplace_back();
            else
                cells.back() += c;
        }
        REQUIRE(cells.size() == 13);
        values[cells[0] + (cells[2].empty() ? "" : " " + cells[2])] =
            cells[3].empty() ? -1 : std::stod(cells[3]);
    }
    return values;
}

std::map<std::string, double> attacked(const fs::path& folder, const Words& more = {}) {
    Words words{"attack", folder.string(), "--format", "csv"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended result = run_fedhash(words);
    INFO(result.err);
    REQUIRE(result.code == 0);
    return figures(result.out);
}

fs::path recorded(Words settings, const fs::path& out) {
    settings.push_back("output.record=true");
    return complete_run(settings, out);
}

}  // namespace

TEST_CASE("uploads in clear give codes, item sets and ratings away, for any number of processes") {
    TempFolder out;
    for (const char* clients : {"run.clients=1", "run.clients=7"}) {
        CAPTURE(clients);
        const auto found = attacked(recorded({clients, "run.rounds=3", "method.name=lightfr-paper"},
                                             out / std::string(clients)));
        CHECK(found.at("A1 item set exact") == 1);
        CHECK(found.at("A2 item set exact") == 1);
        CHECK(found.at("A4 code exact, where a row tells") == 1);
        CHECK(found.at("A5 bits right, up to one sign") >= 0.99);
        CHECK(found.at("A6") == -1);
        CHECK(found.at("A7 ratings exact, of a user's rows") == 1);
    }
    const auto dcd = attacked(recorded({"run.clients=3", "run.rounds=3", "run.participation=0.5",
                                        "method.name=implicit-dcd", "coding.padding=fixed"},
                                       out / "dcd"));
    CHECK(dcd.at("A4 code exact") == 1);
    CHECK(dcd.at("A3 pairs of users in order") == 0.5);  // all frames are of one length
}

TEST_CASE("items that a device draws anew each round hide nothing from who listens for some") {
    TempFolder out;
    const fs::path run = recorded(
        {"run.clients=3", "run.rounds=6", "method.name=hashgnn-mix", "data.synthetic.items=2000"},
        out / "runs");
    const auto found = attacked(run);
    CHECK(found.at("A1 F1 of the item set") < 0.7);
    CHECK(found.at("A2 F1 of the item set") > 0.97);
    const Ended table = run_fedhash({"attack", run.string(), "--attacks", "A2"});
    CHECK(holds(table.out, "intersection"));
    CHECK_FALSE(holds(table.out, "row set"));
}

TEST_CASE("a scenario is run, recorded and attacked at once") {
    TempFolder out;
    Words words =
        small_run(out / "runs", {"run.clients=2", "run.rounds=2", "method.name=implicit-votes"});
    words[0] = "attack";
    const Ended passing = run_fedhash(words);
    INFO(passing.err);
    CHECK(passing.code == 0);
    CHECK(holds(passing.err, "(without its record: --record keeps it)"));
    REQUIRE(run_folders(out / "runs").size() == 1);
    CHECK_FALSE(fs::exists(run_folders(out / "runs").at(0) / "record.bin"));
    fs::remove_all(out / "runs");
    words.push_back("--record");
    const Ended result = run_fedhash(words);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(holds(result.err, "run folder: " + run_folders(out / "runs").at(0).string()));
    CHECK(holds(result.out, "implicit-votes, 64 bits, uplink votes, seed 1: round 2, 200 uploads"));
    CHECK(holds(result.out, "code exact, up to one sign"));
    for (const char* format : {"markdown", "latex"}) {
        const Ended again = run_fedhash({"attack", run_folders(out / "runs").at(0).string(),
                                         "--format", format, "--round", "1"});
        CHECK(again.code == 0);
        CHECK(holds(again.out, "round 1, 200 uploads"));
    }
}

TEST_CASE("decoys and coins hide as much as they should, and no more") {
    TempFolder out;
    const auto of = [&](const char* name, Words settings) {
        for (const char* setting : {"run.clients=3", "run.rounds=4", "method.name=implicit-dcd",
                                    "data.synthetic.items=2000", "data.synthetic.users=300"})
            settings.push_back(setting);
        return attacked(recorded(std::move(settings), out / std::string(name)));
    };
    const auto resampled =
        of("resampled", {"privacy.decoys=resampled", "privacy.decoys_per_item=3"});
    CHECK(std::abs(resampled.at("A1 F1 of the item set") - 0.4) < 0.01);  // 2 / (2 + 3)
    CHECK(resampled.at("A2 F1 of the item set") > 0.96);
    const auto memoised = of("memoised", {"privacy.decoys=memoised", "privacy.decoys_per_item=3"});
    CHECK(std::abs(memoised.at("A1 F1 of the item set") - 0.4) < 0.01);
    CHECK(std::abs(memoised.at("A2 F1 of the item set") - 0.4) < 0.01);
    CHECK(memoised.at("A4 code exact") == 1);  // they hide items, not codes
    const auto fresh = of("fresh", {"privacy.code=fresh"});
    CHECK(std::abs(fresh.at("A4 bits right") - 0.731) < 0.02);
    CHECK(fresh.at("A4r bits right") > 0.75);  // four answers tell more than one
    CHECK(fresh.at("A1 item set exact") == 1);
    const auto permanent = of("permanent", {"privacy.code=permanent"});
    CHECK(std::abs(permanent.at("A4 bits right, first upload") - 0.731) < 0.02);
    const auto capped = of("capped", {"privacy.row_cap=5"});
    CHECK(capped.at("A9 found at 1 % false alarms") < 0.9);
}

TEST_CASE("a run says what it claims, and that it claims nothing for the rest") {
    TempFolder out;
    const Ended coins = run_fedhash(
        small_run(out / "coins", {"run.clients=2", "run.rounds=2", "method.name=implicit-dcd",
                                  "privacy.code=fresh", "privacy.code_epsilon=0.5"}));
    INFO(coins.err);
    CHECK(coins.code == 0);
    CHECK(holds(coins.out, "a bit of the code: epsilon 0.5 a round"));
    CHECK(holds(coins.out, "no bound."));
    const Ended both = run_fedhash(small_run(
        out / "both",
        {"run.clients=2", "run.rounds=2", "method.name=implicit-dcd", "privacy.code=permanent",
         "privacy.items=unary", "method.refit_target=false", "method.target_exponent=0"}));
    INFO(both.err);
    CHECK(both.code == 0);
    CHECK(holds(both.out, "a user as a whole: "));
    const Ended refused = run_fedhash(small_run(
        out / "refused", {"method.name=guided", "privacy.contributors=3", "run.rounds=8"}));
    CHECK(refused.code == 2);
    CHECK(holds(refused.err, "a teacher's rounds before them"));
}

TEST_CASE("defences of a file are tried one by one, and stand beside each other") {
    TempFolder out;
    const fs::path file = out / "defences.toml";
    write(file,
          "[run]\nclients = 2\nrounds = 2\n[method]\nname = \"implicit-dcd\"\n[data]\nformat = "
          "\"synthetic\"\n[data.synthetic]\n"
          "users = 120\nitems = 90\n[eval]\nevery = 0\n[defences]\n\"none\" = []\n\"decoys\" = "
          "[\"privacy.decoys=memoised\"]\n\"coins\" = [\"privacy.code=fresh\"]\n");
    const Words all{"attack", file.string(), "--out", (out / "runs").string()};
    const Ended table = run_fedhash(all);
    INFO(table.err);
    CHECK(table.code == 0);
    for (const char* part : {"What defences cost", "What attacks find", "random", "popularity",
                             "ials", "decoys", "chance", "Audit passed"}) {
        CAPTURE(part);
        CHECK(holds(table.out, part));
    }
    // Nothing that holds uploads stays behind.
    for (const fs::path& run : run_folders(out / "runs"))
        CHECK_FALSE(fs::exists(run / "record.bin"));
    Words csv = all;
    for (const char* word :
         {"--defences", "coins,none", "--seeds", "2", "--attacks", "A1,A4", "--format", "csv"})
        csv.push_back(word);
    const Ended cells = run_fedhash(csv);
    INFO(cells.err);
    CHECK(cells.code == 0);
    CHECK(cells.out.starts_with("defence,seed,attack,name,figure,value,"));
    CHECK(holds(cells.out, "\nnone,1,A4,\"code, closed form\",code exact,1,"));
    CHECK(holds(cells.out, "\nnone,2,A4,"));
    CHECK(holds(cells.out, "\ncoins,2,cost,,e bit,1"));
    CHECK_FALSE(holds(cells.out, "decoys"));

    const auto refused = [&](Words more, const std::string& reason) {
        Words words = all;
        words.insert(words.end(), more.begin(), more.end());
        const Ended result = run_fedhash(words);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(holds(result.err, reason));
    };
    refused({"--defences", "coins,walls"}, "no defence 'walls' in ");
    refused({"--seeds", "0"}, "--seeds 0");
    write(file, "[defences]\n\"a\" = 3\n");
    refused({}, "defences.toml:2:7: defences.a: expected a list of \"key=value\", found 3");
    write(file, "[defences]\n\"a,b\" = []\n");
    refused({}, "--defences takes names between commas");
    write(file, "[defences]\n\"a\" = [\"privacy.decoy=x\"]\n");
    refused({}, "defences.toml:2:7: ");
    write(file, "title = \"nothing\"\n");
    refused({"--defences", "all"}, "no [defences] in this file");
    refused({"--seeds", "2"}, "this file has no [defences]");
}

TEST_CASE("what cannot be attacked is said, with the reason") {
    TempFolder out;
    const fs::path plain = complete_run({"run.clients=2", "run.rounds=1"}, out / "plain");
    const fs::path run = recorded({"run.clients=2", "run.rounds=2"}, out / "recorded");
    const fs::path by_bit =
        recorded({"run.clients=2", "run.rounds=1", "method.bits=8", "method.name=lightfr-code",
                  "method.exchange=interactive", "method.sweeps=1"},
                 out / "by-bit");
    const auto refused = [](const Words& words, const std::string& reason) {
        const Ended result = run_fedhash(words);
        CAPTURE(result.err);
        CHECK(result.code != 0);
        CHECK(holds(result.err, reason));
        CHECK(result.out.empty());
    };
    refused({"attack"}, "which run, or which scenario?");
    refused({"attack", plain.string()}, "record.bin");
    refused({"attack", run.string(), "--attacks", "A4,A99"}, "no attack 'A99'; there is A1");
    refused({"attack", run.string(), "--round", "9"}, "--round 9: there are 2 rounds");
    refused({"attack", run.string(), "--round", "-1"}, "--round -1: from 1 on, please");
    refused({"attack", run.string(), "--format", "xml"}, "--format 'xml'");
    const Ended honest = run_fedhash({"attack", run.string(), "--attacks", "A11,A13"});
    CHECK(honest.code == 0);
    CHECK(holds(honest.out, "the coordinator of this run does as it should"));
    CHECK(holds(honest.out, "nobody lies in this run"));
    const fs::path cut = recorded({"run.clients=2", "run.rounds=1"}, out / "cut");
    fs::resize_file(cut / "record.bin", 3000);
    refused({"attack", cut.string()}, "the record has no whole round to attack");
    refused({"attack", run.string(), "--set", "run.rounds=3"}, "was made with its own");
    refused({"attack", by_bit.string()}, "asks users bit by bit");
    refused({"attack", run.string(), "--data", (out / "nowhere").string()}, "nowhere");
    // Other data than the recorded: devices would have said something else.
    std::string config = contents(run / "config.toml");
    const std::size_t at = config.find("seed = 1", config.find("[data]"));
    REQUIRE(at != std::string::npos);
    config.replace(at, 8, "seed = 2");
    write(run / "config.toml", config);
    refused({"attack", run.string()}, "the record is of other data");
}

TEST_CASE("a line that cannot run is refused before the first, and one that fails loses none") {
    TempFolder out;
    const fs::path file = out / "defences.toml";
    const auto with = [&](const std::string& line) {
        write(file,
              "[run]\nclients = 2\nrounds = 1\n[method]\nname = \"implicit-dcd\"\n[data]\n"
              "format = \"synthetic\"\n[data.synthetic]\nusers = 60\nitems = 50\n[eval]\n"
              "every = 0\n[output]\ndir = \"" +
                  (out / "runs").string() + "\"\n[defences]\n\"bare\" = []\n" + line +
                  "\"last\" = []\n");
    };
    const Words words{"attack", file.string(), "--attacks", "A1", "--format", "csv"};
    const auto refused = [&](const char* line, const std::string& reason, const Words& more = {}) {
        with(line);
        Words all = words;
        all.insert(all.end(), more.begin(), more.end());
        const Ended ended = run_fedhash(all);
        CAPTURE(ended.err);
        CHECK(ended.code == 2);
        CHECK(holds(ended.err, reason));
        CHECK(ended.out.empty());
        CHECK_FALSE(fs::exists(out / "runs"));
    };
    refused("\"noise\" = [\"privacy.noise=1\"]\n", "defence 'noise': privacy.noise = 1 is a part");
    refused("\"bits\" = [\"method.name=lightfr-code\", \"method.exchange=interactive\"]\n",
            "asks users bit by bit");
    refused("\"b\" = []\n", "defence 'bare': --round 2: there are 1 rounds", {"--round", "2"});
    for (const char* seeds : {"-1", "0", "1001"})
        refused("", "from 1 to 1000, please", {"--seeds", seeds});

    with("\"nowhere\" = [\"output.dir=/dev/null/runs\"]\n");
    const Ended ended = run_fedhash(words);
    CAPTURE(ended.err);
    CHECK(ended.code != 0);
    CHECK(ended.out.find("bare,1,A1,row set,F1 of the item set,1,") != std::string::npos);
    CHECK(ended.out.find("last,") == std::string::npos);
    for (const auto& entry : fs::recursive_directory_iterator(out / "runs"))
        CHECK(entry.path().filename() != "record.bin");
}
