#include "scenarios/settings/load.hpp"

#include <doctest/doctest.h>

#include <cstdint>

#include "tests/scenarios/settings/scratch.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

TEST_CASE("without a file everything but the preset is the default") {
    const Loaded loaded = load_with({});
    CHECK(loaded.scenario.run.rounds == 11);
    CHECK(loaded.file.empty());
    CHECK(origin(loaded, "run.seed") == "default");
    CHECK(origin(loaded, "method.bits") == "default");
    CHECK(origin(loaded, "method.item_rule").starts_with("preset methods/dcd-plus.toml:"));
}

TEST_CASE("command line beats environment beats file beats preset beats default") {
    const Scratch scratch;
    scratch.write("methods/mine.toml",
                  "# mine\n\n[method]\nsweeps = 7\nweight = 7\nbits = 72\n[run]\nrounds = 70\n");
    const auto file = scratch.write("x.toml",
                                    "[method]\nname = \"mine\"\nweight = 6\nbits = 40\n"
                                    "  [run]\n  seed = 6\n");
    const Loaded loaded = load_with(file, {{"method.bits", "32"}},
                                    {{"FEDHASH_METHOD_BITS", "48"}, {"FEDHASH_RUN_SEED", "5"}});
    CHECK(loaded.scenario.method.bits == 32);
    CHECK(loaded.scenario.run.seed == 5);
    CHECK(loaded.scenario.method.weight == 6);
    CHECK(loaded.scenario.method.sweeps == 7);
    CHECK(loaded.scenario.run.rounds == 70);
    CHECK(loaded.scenario.method.interaction == 1);

    const auto from = [&](const std::string& key) {
        return scratch.without_folder(origin(loaded, key));
    };
    CHECK(from("method.bits") == "command line");
    CHECK(from("run.seed") == "environment FEDHASH_RUN_SEED");
    CHECK(from("method.weight") == "x.toml:3:1");
    CHECK(from("method.sweeps") == "preset methods/mine.toml:4:1");
    CHECK(from("run.rounds") == "preset methods/mine.toml:8:1");
    CHECK(from("method.interaction") == "default");
}

TEST_CASE("the last of two overrides holds") {
    CHECK(load_with({}, {{"run.seed", "2"}, {"run.seed", "3"}}).scenario.run.seed == 3);
}

TEST_CASE("the preset is the one that the highest layer names") {
    const Scratch scratch;
    const auto file = scratch.write("x.toml", "[method]\nname = \"implicit-dcd\"\n");
    CHECK(load_with(file).scenario.method.uplink == "residual");
    CHECK(load_with(file, {{"method.name", "lightfr-paper"}}).scenario.method.uplink ==
          "gradients");
    CHECK(load_with(file, {}, {{"FEDHASH_METHOD_NAME", "lightfr-paper"}})
              .scenario.run.participation == 0.6);
}

TEST_CASE("a preset beside the scenario hides the installed one") {
    const Scratch scratch;
    scratch.write("methods/dcd-plus.toml", "method.sweeps = 9\n");
    const Loaded loaded = load_with(scratch.write("x.toml", ""));
    CHECK(loaded.scenario.method.sweeps == 9);
    CHECK(origin(loaded, "method.sweeps") == "preset methods/dcd-plus.toml:1:8");
}

TEST_CASE("a preset sets method keys, rounds and participation only") {
    const Scratch scratch;
    const auto refused = [&](const std::string& preset) {
        scratch.write("methods/p.toml", preset);
        try {
            load_with(scratch.write("x.toml", "method.name = \"p\"\n"));
        } catch (const UsageError& error) {
            return scratch.without_folder(error.what());
        }
        return std::string("accepted");
    };
    CHECK(refused("[run]\nseed = 3\n") ==
          "methods/p.toml:2:8: a method preset may set [method] keys, run.rounds and "
          "run.participation, not run.seed");
    CHECK(refused("[method]\nname = \"dcd-plus\"\n").ends_with("not method.name"));
    CHECK(refused("[method]\nsweps = 3\n") ==
          "methods/p.toml:2:1: unknown key 'sweps' in [method]; did you mean 'sweeps'?");
    CHECK(refused("[expect]\nusers_lost = \"== 0\"\n") ==
          "methods/p.toml: a method preset has no [expect]; it belongs into the scenario");
    CHECK(refused("[run]\nrounds = 3\nparticipation = 0.5\n") == "accepted");
}

TEST_CASE("an unknown preset lists the presets there are") {
    const Scratch scratch;
    scratch.write("methods/mine.toml", "");
    const auto refused = [&](const std::string& name) {
        try {
            load_with(scratch.write("x.toml", "\n[method]\nname = \"" + name + "\"\n"));
        } catch (const UsageError& error) {
            return scratch.without_folder(error.what());
        }
        return std::string("accepted");
    };
    CHECK(refused("lightfr-papre")
              .starts_with("x.toml:3:1: method.name: no preset methods/lightfr-papre.toml; "
                           "did you mean 'lightfr-paper'?; there is "));
    CHECK(refused("lightfr-papre").find(", implicit-dcd, ") != std::string::npos);
    CHECK(refused("../methods/implicit-dcd").find("no preset") != std::string::npos);
    CHECK(refused("").find("no preset") != std::string::npos);
    CHECK(refused("mine") == "accepted");
    CHECK(refusal_of({"method.name", "zebra"})
              .starts_with("command line: method.name: no preset methods/zebra.toml; there is "));
}

TEST_CASE("values on the command line may be TOML or bare") {
    CHECK(load_with({}, {{"method.name", "lightfr-paper"}}).scenario.method.name ==
          "lightfr-paper");
    CHECK(load_with({}, {{"method.name", "\"lightfr-paper\""}}).scenario.method.name ==
          "lightfr-paper");
    CHECK(load_with({}, {{"eval.k", "[5,10]"}}).scenario.eval.k ==
          std::vector<std::uint32_t>{5, 10});
    CHECK(load_with({}, {{"eval.k", "20,5,10"}}).scenario.eval.k ==
          std::vector<std::uint32_t>{5, 10, 20});
    CHECK(load_with({}, {{"eval.k", "10"}}).scenario.eval.k == std::vector<std::uint32_t>{10});
    CHECK(load_with({}, {{"run.clients", "users"}}).scenario.run.clients == 0);
    CHECK(load_with({}, {{"run.clients", "\"users\""}}).scenario.run.clients == 0);
    CHECK(load_with({}, {{"run.threads", "auto"}}).scenario.run.threads == 0);
    CHECK(load_with({}, {{"run.threads", "3"}}).scenario.run.threads == 3);
    CHECK_THROWS_WITH_AS(
        load_with({}, {{"run.threads", "0"}}),
        doctest::Contains("expected a whole number between 1 and 1024 or \"auto\""), UsageError);
    CHECK(load_with({}, {{"run.participation", ".5"}}).scenario.run.participation == 0.5);
    CHECK(load_with({}, {{"run.participation", "1"}}).scenario.run.participation == 1.0);
    CHECK(load_with({}, {{"run.deadline_ms", "60_000"}}).scenario.run.deadline_ms == 60000);
    CHECK(load_with({}, {{"eval.asymmetric", "false"}}).scenario.eval.asymmetric == false);
    CHECK(load_with({}, {{"title", "a # b = \"c\""}}).scenario.title == "a # b = \"c\"");
    CHECK(load_with({}, {{"title", "\"open"}}).scenario.title == "\"open");
    CHECK(load_with({}, {{"title", "2024"}}).scenario.title == "2024");
    CHECK(load_with({}, {{"title", ""}}).scenario.title.empty());
    CHECK(load_with({}, {{"data.columns.user", "1"}}).scenario.data.columns.user == "1");
    CHECK(load_with({}, {{"data.separator", "\t"}}).scenario.data.separator == "\t");
    CHECK(load_with({}, {{"data.separator", "\"\\t\""}}).scenario.data.separator == "\t");
    CHECK(load_with({}, {{"data.separator", ","}}).scenario.data.separator == ",");
}

TEST_CASE("a value cannot bring along other keys") {
    CHECK(refusal_of({"run.seed", "1\nother = 2"}) ==
          "command line: run.seed: expected a whole number of at least 0, found the string "
          "\"1\\nother = 2\"");
}

TEST_CASE("only exact names of settings count in the environment, and only when not empty") {
    const Loaded loaded = load_with({}, {},
                                    {{"FEDHASH_DATA", "/elsewhere"},
                                     {"FEDHASH_SEED", "9"},
                                     {"fedhash_run_seed", "9"},
                                     {"FEDHASH_RUN_ROUNDS", ""},
                                     {"FEDHASH_DATA_COLUMNS_USER", "uid"}});
    CHECK(loaded.scenario.data.path.empty());
    CHECK(loaded.scenario.run.seed == 1);
    CHECK(loaded.scenario.run.rounds == 11);
    CHECK(loaded.scenario.data.columns.user == "uid");
}

TEST_CASE("a bad value in the environment names the variable") {
    try {
        load_with({}, {}, {{"FEDHASH_RUN_ROUNDS", "ten"}});
        FAIL("accepted");
    } catch (const UsageError& error) {
        CHECK(std::string(error.what()) ==
              "environment FEDHASH_RUN_ROUNDS: run.rounds: expected a whole number between 1 and "
              "100000, found the "
              "string \"ten\"");
        CHECK(error.code() == exit_usage);
    }
}

TEST_CASE("a value is checked even where a higher layer overrides it") {
    const Scratch scratch;
    CHECK_THROWS_AS(load_with(scratch.write("x.toml", "run.rounds = 0\n"), {{"run.rounds", "3"}}),
                    UsageError);
}

TEST_CASE("split and negatives remember that somebody chose them") {
    const Scratch scratch;
    const Loaded untouched = load_with({});
    CHECK_FALSE(untouched.scenario.data.split_set);
    CHECK_FALSE(untouched.scenario.data.negatives_set);
    const Loaded chosen =
        load_with(scratch.write("x.toml", "data.split = \"leave-one-out\"\neval.negatives = 0\n"));
    CHECK(chosen.scenario.data.split_set);
    CHECK(chosen.scenario.data.negatives_set);
}

TEST_CASE("an unknown key is named with its place and the nearest key") {
    CHECK(refusal("# a\n\n[run]\n  seed = 1\n  ronds = 3\n") ==
          "x.toml:5:3: unknown key 'ronds' in [run]; did you mean 'rounds'?");
    CHECK(refusal("[data.columns]\nusr = \"a\"\n") ==
          "x.toml:2:1: unknown key 'usr' in [data.columns]; did you mean 'user'?");
    CHECK(refusal("[data]\nclean_candidates = true\n") ==
          "x.toml:2:1: unknown key 'clean_candidates' in [data]; did you mean "
          "'eval.clean_candidates'?");
    CHECK(refusal("[eval]\nfoo = 99\n") ==
          "x.toml:2:1: unknown key 'foo' in [eval]; its keys: k, negatives, every, asymmetric, "
          "test, clean_candidates");
    CHECK(refusal("tilte = \"x\"\n") == "x.toml:1:1: unknown key 'tilte'; did you mean 'title'?");
    CHECK(refusal("rounds = 3\n") ==
          "x.toml:1:1: unknown key 'rounds'; did you mean 'run.rounds'?");
    CHECK(refusal("zebra = 3\n")
              .starts_with("x.toml:1:1: unknown key 'zebra'; keys are written section.key, with "
                           "one of the sections run, method, "));
    CHECK(refusal("\"run.seed\" = 3\n").starts_with("x.toml:1:1: unknown key 'run.seed'"));
}

TEST_CASE("an unknown section is named with its place and the nearest section") {
    CHECK(refusal("[metod]\n") == "x.toml:1:2: unknown section [metod]; did you mean [method]?");
    CHECK(refusal("[data.colums]\nuser = 1\n") ==
          "x.toml:1:7: unknown section [data.colums]; did you mean [data.columns]?");
    CHECK(refusal("[zebra]\nx = 1\n") ==
          "x.toml:1:2: unknown section [zebra]; there is [run], [method], [method.teacher], "
          "[data], [data.columns], [data.synthetic], "
          "[eval], [baselines], [coding], [network], [availability], [asynchrony], [privacy], "
          "[adversary], "
          "[secure], "
          "[output], [expect], [sweep], [defences]");
    CHECK(refusal("run = 3\n") == "x.toml:1:7: expected a section [run], found 3");
    CHECK(refusal("[[run]]\nseed = 1\n") ==
          "x.toml:1:1: expected a section [run], found a list of 1");
}

TEST_CASE("the first mistake in the file is the one that is told") {
    CHECK(refusal("[run]\nzeed = 1\n[data]\nfornat = 1\n").starts_with("x.toml:2:1:"));
    CHECK(refusal("[run]\nseed = true\n[data]\nfornat = 1\n").starts_with("x.toml:2:8:"));
}

TEST_CASE("unknown keys on the command line get the same answer") {
    CHECK(refusal_of({"rounds", "3"}) ==
          "command line: unknown key 'rounds'; did you mean 'run.rounds'?");
    CHECK(refusal_of({"run.round", "3"}) ==
          "command line: unknown key 'round' in [run]; did you mean 'rounds'?");
    CHECK(refusal_of({"rum.rounds", "3"}) ==
          "command line: unknown section [rum]; did you mean [run]?");
    CHECK(refusal_of({"sweep.seeds", "3"})
              .starts_with("command line: [sweep] can stand in a scenario file alone"));
    CHECK(refusal_of({"run", "3"}).starts_with("command line: unknown key 'run'"));
}

TEST_CASE("a wrong type or value says what was expected and what was found") {
    CHECK(refusal("[run]\nrounds = \"ten\"\n") ==
          "x.toml:2:10: run.rounds: expected a whole number between 1 and 100000, found the string "
          "\"ten\"");
    CHECK(refusal("[run]\nrounds = 0\n") ==
          "x.toml:2:10: run.rounds: expected a whole number between 1 and 100000, found 0");
    CHECK(refusal("[run]\nrounds = 3.0\n") ==
          "x.toml:2:10: run.rounds: expected a whole number between 1 and 100000, found 3.0");
    CHECK(refusal("[run]\nclients = \"all\"\n") ==
          "x.toml:2:11: run.clients: expected a whole number between 1 and 100000 or \"users\", "
          "found the string \"all\"");
    CHECK(refusal("[run]\nclients = 0\n").ends_with("found 0"));
    CHECK(refusal("[run]\nparticipation = true\n") ==
          "x.toml:2:17: run.participation: expected a number above 0 and at most 1, found true");
    CHECK(refusal("[eval]\nasymmetric = \"yes\"\n") ==
          "x.toml:2:14: eval.asymmetric: expected true or false, found the string \"yes\"");
    CHECK(refusal("[eval]\nk = []\n") ==
          "x.toml:2:5: eval.k: expected a list of 1 to 16 different whole numbers between 1 and "
          "1000, found an empty list");
    CHECK(refusal("[eval]\nk = [5, 0]\n").ends_with("found a list of 2 with 0"));
    CHECK(refusal("[eval]\nk = [5, 5]\n").ends_with("found a list of 2 with 5 twice"));
    CHECK(refusal("title = 2024-01-01\n") ==
          "x.toml:1:9: title: expected text in quotes, found a date or time");
    CHECK(refusal("run.seed = {a = 1}\n") ==
          "x.toml:1:12: run.seed: expected a whole number of at least 0, found a table");
}

TEST_CASE("an unknown choice lists the choices and the nearest one") {
    CHECK(refusal("[run]\ntransport = \"tpc\"\n") ==
          "x.toml:2:13: run.transport: expected one of tcp, unix, in-process, found the string "
          "\"tpc\"; did you mean 'tcp'?");
    CHECK(refusal("[run]\ntransport = \"pigeon\"\n") ==
          "x.toml:2:13: run.transport: expected one of tcp, unix, in-process, found the string "
          "\"pigeon\"");
    CHECK(refusal("[data]\nseparator = \"/\"\n") ==
          "x.toml:2:13: data.separator: expected one of auto, \",\", comma, \";\", semicolon, "
          "\"\\t\", tab, \" \", "
          "space, \"::\", colons, \"|\", bar, found the string \"/\"");
}

TEST_CASE("a file that is not TOML is refused at its line and column") {
    CHECK(refusal("[run]\nseed = 1\nseed = 2\n") ==
          "x.toml:3:8: not TOML: key-value pair: cannot redefine existing integer 'seed'");
    CHECK(refusal("[run\n").starts_with("x.toml:1:5: not TOML: "));
    CHECK(refusal("[run]\n[run]\n").starts_with("x.toml:2:1: not TOML: "));
    CHECK(refusal("[run]\ntransport = tcp\n") ==
          "x.toml:2:14: not TOML: boolean: expected 'true', saw 'tc'; text needs quotes: key = "
          "\"text\"");
    CHECK(refusal("[run]\ntransport = unix\n") ==
          "x.toml:2:13: not TOML: value: could not determine value type; text needs quotes: key = "
          "\"text\"");
}

TEST_CASE("a missing file suggests its neighbour") {
    const Scratch scratch;
    scratch.write("quickstart.toml", "");
    const auto refused = [&](const std::string& name) {
        try {
            load_with(scratch.path(name));
        } catch (const UsageError& error) {
            return scratch.without_folder(error.what());
        }
        return std::string("accepted");
    };
    CHECK(refused("quikstart.toml") ==
          "quikstart.toml: no such file; did you mean quickstart.toml?");
    CHECK(refused("zebra.toml") == "zebra.toml: no such file");
    CHECK(refused("no/zebra.toml") == "no/zebra.toml: no such file");
    CHECK(refused(".") == ".: a folder, not a scenario file; in it: quickstart.toml");
}

TEST_CASE("--set wants key=value") {
    CHECK(parse_override("a.b=c=d").key == "a.b");
    CHECK(parse_override("a.b=c=d").value == "c=d");
    CHECK(parse_override("a=").value.empty());
    CHECK_THROWS_WITH_AS(parse_override("run.seed"),
                         "command line: expected key=value after --set, found \"run.seed\"; for "
                         "example --set run.rounds=20",
                         UsageError);
    CHECK_THROWS_AS(parse_override("=3"), UsageError);
}

TEST_CASE("expectations come from the file and the command line") {
    const Scratch scratch;
    const auto file = scratch.write(
        "x.toml",
        "[expect]\n\"NDCG@10\" = \"> baselines.popularity.NDCG@10\"\nusers_lost = \"== 0\"\n"
        "bytes.up = \"<= 1e6\"\n");
    const Loaded loaded = load_with(file, {{"expect.users_lost", "<= 5"}});
    const auto& expect = loaded.scenario.expect;
    REQUIRE(expect.size() == 3);
    CHECK(expect[0].name == "NDCG@10");
    CHECK(expect[0].op == ">");
    CHECK(expect[0].against == "baselines.popularity.NDCG@10");
    CHECK(scratch.without_folder(expect[0].origin) == "x.toml:2:1");
    CHECK(expect[1].op == "<=");
    CHECK(expect[1].bound == 5);
    CHECK(expect[1].origin == "command line");
    CHECK(expect[2].name == "bytes.up");
    CHECK(expect[2].bound == 1e6);
}

TEST_CASE("an expectation that cannot be read or will not be measured is refused before the run") {
    CHECK(refusal("[expect]\nusers_lost = 0\n") ==
          "x.toml:2:14: [expect] users_lost: expected text such as \">= 0.2\" or \"> "
          "baselines.popularity.NDCG@10\" (>=, <=, "
          ">, <, ==), found \"0\"");
    CHECK(refusal("[expect]\nusers_lost = \"=> 0\"\n").find("found \"=> 0\"") != std::string::npos);
    CHECK(refusal("[expect]\nusers_lost = \">= \"\n").find("expected text such as") !=
          std::string::npos);
    CHECK(refusal("[expect]\nusers_lost = \">= 0.2.3\"\n").find("expected text such as") !=
          std::string::npos);
    CHECK(refusal("[expect]\nusers_lost = \">= nan\"\n") ==
          "accepted");  // a path, until the summary is there
    CHECK(refusal("eval.k = [5]\n[expect]\n\"HR@10\" = \">= 0.2\"\n") ==
          "x.toml:3:1: [expect] names 'HR@10', which this run does not measure (eval.k = [5])");
    CHECK(refusal("[expect]\n\"HR@10\" = \"> baselines.popularity.NDGC@10\"\n")
              .ends_with("did you mean 'NDCG@10'?"));
    CHECK(refusal("expect = 3\n") == "x.toml:1:10: expected a section [expect], found 3");
}

TEST_CASE("every scenario and preset that ships can be loaded") {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shipped))
        if (entry.path().extension() == ".toml") {
            CAPTURE(entry.path().filename().string());
            CHECK_NOTHROW(load_with(entry.path()));
            ++files;
        }
    for (const auto& entry : std::filesystem::directory_iterator(shipped_presets)) {
        CAPTURE(entry.path().filename().string());
        CHECK_NOTHROW(load_with({}, {{"method.name", entry.path().stem().string()}}));
        ++files;
    }
    CHECK(files >= 4);
}

TEST_CASE("the preset implicit-dcd states the defaults of the pieces") {
    const Scratch scratch;
    scratch.write("methods/empty.toml", "");
    const Loaded plain = load_with(scratch.write("x.toml", "method.name = \"empty\"\n"));
    const Loaded dcd = load_with({}, {{"method.name", "implicit-dcd"}});
    for (std::size_t i = 0; i < plain.values.size(); ++i)
        if (plain.values[i].key != "method.name")
            CHECK(plain.values[i].value == dcd.values[i].value);
}
