#include "scenarios/settings/show.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/scenarios/settings/scratch.hpp"

using namespace fedhash::scenarios;

namespace {

void check_same(const Loaded& a, const Loaded& b) {
    REQUIRE(a.values.size() == b.values.size());
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        CAPTURE(a.values[i].key);
        CHECK(a.values[i].value == b.values[i].value);
    }
    CHECK(a.scenario.data.split_set == b.scenario.data.split_set);
    CHECK(a.scenario.data.negatives_set == b.scenario.data.negatives_set);
    REQUIRE(a.scenario.expect.size() == b.scenario.expect.size());
    for (std::size_t i = 0; i < a.scenario.expect.size(); ++i) {
        CHECK(a.scenario.expect[i].name == b.scenario.expect[i].name);
        CHECK(a.scenario.expect[i].op == b.scenario.expect[i].op);
        CHECK(a.scenario.expect[i].bound == b.scenario.expect[i].bound);
        CHECK(a.scenario.expect[i].against == b.scenario.expect[i].against);
    }
}

}  // namespace

TEST_CASE("the resolved copy gives the same scenario") {
    const Scratch scratch;
    const auto round_trip = [&](const Loaded& loaded) {
        check_same(loaded, load_with(scratch.write("config.toml", write_resolved(loaded))));
    };
    round_trip(load_with({}));
    for (const char* name : {"quickstart.toml", "ml-1m.toml"})
        round_trip(load_with(shipped / name));
    round_trip(load_with(
        scratch.write("x.toml",
                      "title = '''odd \" \\ \n title # ü'''\n[run]\nclients = \"users\"\nseed = "
                      "9223372036854775807\n"
                      "participation = 0.1\n[data]\npath = \"/some/where\"\ntrain = "
                      "\"a.txt\"\nseparator = \"\\t\"\n"
                      "columns.user = 3\nthreshold = -1.5\n[eval]\nk = [1, 7]\nnegatives = 0\n"
                      "[expect]\n\"metrics.HR@7.pessimistic\" = \">= 0.1\"\n\"HR@7\" = \"> "
                      "baselines.random.HR@7\"\n"),
        {{"method.name", "lightfr-paper"}}));
}

TEST_CASE("the resolved copy does not need its preset any more") {
    const Scratch scratch, elsewhere;
    scratch.write("methods/mine.toml", "method.sweeps = 9\n");
    const Loaded loaded = load_with(scratch.write("x.toml", "method.name = \"mine\"\n"));
    const Loaded again = load_with(elsewhere.write("config.toml", write_resolved(loaded)));
    CHECK(again.scenario.method.sweeps == 9);
    CHECK(again.scenario.method.name == "mine");
}

TEST_CASE("the resolved copy has absolute data paths") {
    const auto here = std::filesystem::current_path();
    const Scratch scratch;
    const auto again = [&](const std::vector<Override>& overrides) {
        return load_with(scratch.write("config.toml", write_resolved(load_with({}, overrides))))
            .scenario.data;
    };
    const DataSettings folder = again({{"data.path", "sub/../data"}, {"data.train", "train.txt"}});
    CHECK(folder.path == (here / "data").string());
    CHECK(folder.train == "train.txt");  // relative to path
    const DataSettings files = again({{"data.train", "train.txt"}, {"data.test", "/t/test.txt"}});
    CHECK(files.path.empty());
    CHECK(files.train == (here / "train.txt").string());
    CHECK(files.test == "/t/test.txt");
    CHECK(files.valid.empty());
}

TEST_CASE("the configuration shows every value with its origin") {
    const Scratch scratch;
    const std::string text = scratch.without_folder(config_text(
        load_with(scratch.write("x.toml", "run.seed = 4\n[expect]\n\"HR@10\" = \">= 0.25\"\n"),
                  {{"eval.k", "10,20"}})));
    // Origins stand below each other, as far to the right as the longest setting needs.
    const std::size_t column = text.find('#', text.find("\nrun.seed")) - text.find("\nrun.seed");
    const auto line = [column](std::string setting, const std::string& origin) {
        setting.insert(0, 1, '\n');
        setting.resize(std::max(column, setting.size()), ' ');
        return setting + "# " + origin + "\n";
    };
    for (const std::string& shown :
         {line("run.seed = 4", "x.toml:1:5"), line("run.port = 0", "default"),
          line("eval.k = [10, 20]", "command line"),
          line("expect.\"HR@10\" = \">= 0.25\"", "x.toml:3:1")}) {
        CAPTURE(shown);
        CHECK(text.find(shown) != std::string::npos);
    }
    CHECK(load_with(scratch.write("again.toml", text)).scenario.run.seed == 4);  // it is TOML
}

TEST_CASE("the help names every setting once, within 100 columns") {
    const std::string help = settings_help();
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 100);
        CHECK_FALSE(line.ends_with(' '));
    }
    CHECK(help.find("\n[run]\n"
                    "  seed = 1                        of everything that learns: codes, cohorts "
                    "(0 or more)\n"
                    "  rounds = 10                     training rounds (1 to 100000)\n") !=
          std::string::npos);
    CHECK(help.find("  bits = 64                       length of a code (8 to 256 bits)\n") !=
          std::string::npos);
}
