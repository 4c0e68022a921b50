// What attacks find on real data, in clear and under masks.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

std::string attacked(const fs::path& file, const fs::path& data, const Words& more,
                     const fs::path& out) {
    Words words{"attack",   file.string(), "--data", data.string(), "--no-baselines",
                "--format", "csv",         "--out",  out.string()};
    words.insert(words.end(), more.begin(), more.end());
    const Ended result = run_fedhash(words);
    INFO(result.err);
    REQUIRE(result.code == 0);
    return result.out;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("LightFR's uploads give every code and rating away, by its rules and on its own split") {
    const fs::path data = real_data("filmtrust");
    if (data.empty()) return;
    TempFolder out;
    const std::string csv = attacked(scenario("lightfr-broken.toml"), data / "lightfr",
                                     {"--attacks", "A4,A7"}, out.path());
    CAPTURE(csv);
    CHECK(holds(csv, "\"code exact, where a row tells\",1,5.421010862e-20,1,0.9963179161,1,1000,"));
    CHECK(holds(csv, "\"ratings exact, of a user's rows\",1,"));
}

TEST_CASE("on MovieLens 1M 300 users under masks add up to what they do in clear, and hide") {
    const fs::path data = real_data("ml-1m");
    if (data.empty()) return;
    TempFolder out;
    const std::string csv =
        attacked(scenario("ml-1m.toml"), data,
                 {"--attacks", "A1,A4", "--set", "method.name=implicit-dcd", "--set",
                  "method.exchange=secure", "--set", "run.participation=0.0496", "--set",
                  "run.rounds=1", "--set", "eval.every=0"},
                 out.path());
    CAPTURE(csv);
    CHECK(holds(csv, "sums,masked and in clear,integers that differ,0,,,,,248757,integers,"));
    CHECK(holds(csv, "item set exact,0,0,1,0,0.01222097469,300,users,"));
    CHECK(holds(csv, "code exact,0,5.421010862e-20,1,0,0.01222097469,300,users,"));
}
