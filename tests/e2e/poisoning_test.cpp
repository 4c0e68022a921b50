// Users who lie, as typed: fedhash run and fedhash attack with an [adversary].
#include <doctest/doctest.h>

#include <map>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

bool told(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The first figure of an attack, by "defence,attack".
std::map<std::string, double> first_figures(const std::string& csv) {
    std::map<std::string, double> values;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream cells(line);
        std::string defence, seed, attack, name, figure, value;
        std::getline(cells, defence, ',');
        std::getline(cells, seed, ',');
        std::getline(cells, attack, ',');
        std::getline(cells, name, ',');
        if (line.find('"') != std::string::npos) continue;
        std::getline(cells, figure, ',');
        std::getline(cells, value, ',');
        if (!value.empty()) values.emplace(defence + "," + attack, std::strtod(value.c_str(), {}));
    }
    return values;
}

}  // namespace

TEST_CASE("liars lie the same whoever hosts them, in clear and under masks") {
    TempFolder out;
    const Words lies{"run.rounds=2", "method.name=implicit-dcd", "adversary.clients=promote",
                     "adversary.share=0.1"};
    const auto codes = [&](const char* name, Words more) {
        more.insert(more.end(), lies.begin(), lies.end());
        return contents(complete_run(more, out / name) / "item_codes.npy");
    };
    const std::string one = codes("one", {"run.clients=1"});
    CHECK(codes("three", {"run.clients=3"}) == one);
    CHECK(codes("masked", {"run.clients=2", "method.exchange=secure"}) == one);
    CHECK(contents(complete_run({"run.rounds=2", "run.clients=1", "method.name=implicit-dcd"},
                                out / "honest") /
                   "item_codes.npy") != one);
    const fs::path folder =
        complete_run({"run.rounds=1", "run.clients=2", "method.name=implicit-dcd",
                      "adversary.share=0.5", "adversary.clients=flip"},
                     out / "named");
    const std::string summary = contents(folder / "summary.json");
    CHECK(told(summary, "\"adversary\": {"));
    CHECK(told(summary, "\"clients\": \"flip\""));
    CHECK(told(summary, "\"users\": 100"));
}

TEST_CASE("residuals let few liars place an item, what liars come to stands beside the defences") {
    TempFolder out;
    const fs::path file = out / "poisoning.toml";
    write(file,
          "[run]\nclients = 2\nrounds = 3\n[method]\nname = \"implicit-dcd\"\n[data]\nformat = "
          "\"synthetic\"\n[data.synthetic]\nusers = 200\nitems = 120\n[eval]\nevery = 0\n"
          "[adversary]\nclients = \"promote\"\nshare = 0\n[defences]\n\"honest\" = []\n\"tenth\" = "
          "[\"adversary.share=0.1\"]\n\"votes\" = [\"adversary.share=0.1\", "
          "\"method.name=implicit-votes\", \"privacy.prior=5\", \"privacy.contributors=3\"]\n"
          "\"riders\" = [\"adversary.clients=free-rider\", \"adversary.share=0.1\"]\n"
          "\"flipped\" = [\"adversary.clients=flip\", \"adversary.share=0.4\"]\n");
    const Words words{"attack",    file.string(),     "--out", (out / "runs").string(),
                      "--attacks", "A13,A13m,A14,A15"};
    const Ended table = run_fedhash(words);
    INFO(table.err);
    CHECK(table.code == 0);
    for (const char* part : {"A13 promoting an item", "A13m liars that it takes",
                             "A14 spoiling the model", "A15 finding"})
        CHECK(told(table.out, part));
    Words csv = words;
    csv.insert(csv.end(), {"--format", "csv"});
    const Ended cells = run_fedhash(csv);
    CHECK(cells.code == 0);
    std::map<std::string, double> found = first_figures(cells.out);
    CHECK(found.at("tenth,A13") > found.at("honest,A13") + 0.1);
    CHECK(found.at("honest,A13m") >= 1);
    CHECK(found.at("votes,A13m") > 5);  // five prior votes
    CHECK(found.at("riders,A15") > 0.7);
    CHECK(found.count("honest,A15") == 0);
    CHECK(found.at("honest,A14") > 2 * 10.0 / 120);  // twice what ten items at random hold
    CHECK(found.at("flipped,A14") < 0.8 * found.at("honest,A14"));
}

TEST_CASE("lies that there are no words for are refused, and idle settings told") {
    TempFolder out;
    const auto ended = [&](Words settings) {
        settings.push_back("run.rounds=1");
        return run_fedhash(small_run(out / "runs", settings));
    };
    const auto refused = [&](const Words& settings, const std::string& reason) {
        const Ended result = ended(settings);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(told(result.err, reason));
    };
    refused({"adversary.clients=promot"}, "adversary.clients");
    refused({"adversary.clients=flip", "method.name=ials"}, "a code of one bit an entry");
    refused({"adversary.clients=flip", "method.name=implicit-votes", "method.exchange=interactive"},
            "asks for one bit at a time");
    refused({"adversary.clients=flip", "method.name=implicit-dcd", "privacy.items=unary",
             "method.refit_target=false", "method.target_exponent=0"},
            "set privacy.items=exact");
    refused({"adversary.share=1.5"}, "adversary.share");
    CHECK(told(ended({"adversary.share=0.2"}).err, "changes nothing without adversary.clients"));
    CHECK(told(
        ended({"method.name=implicit-dcd", "adversary.clients=flip", "adversary.share=0.001"}).err,
        "that is nobody"));
}
