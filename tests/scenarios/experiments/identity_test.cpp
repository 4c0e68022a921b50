#include "scenarios/experiments/identity.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

std::string identity(const std::vector<Override>& settings) {
    return identity_text(load({}, tests::presets, settings, tests::no_environment()));
}

}  // namespace

TEST_CASE("what a run's figures may depend on tells runs apart, and nothing else does") {
    const std::string usual = identity({});
    CHECK(identity({{"method.bits", "32"}}) != usual);
    CHECK(identity({{"run.seed", "2"}}) != usual);
    CHECK(identity({{"data.seed", "2"}}) != usual);
    CHECK(identity({{"baselines.enabled", "false"}}) != usual);
    CHECK(identity({{"title", "another"}}) == usual);
    CHECK(identity({{"output.dir", "elsewhere"}}) == usual);
    CHECK(identity({{"expect.HR@10", ">= 0.1"}}) == usual);
}

TEST_CASE("the same value is another one when the data might have overruled it") {
    const Scenario defaults;
    CHECK(identity({{"data.split", defaults.data.split}}) != identity({}));
}

TEST_CASE("data are the same from any folder") {
    const std::string here = std::filesystem::current_path().string();
    CHECK(identity({{"data.path", "some/../folder"}}) ==
          identity({{"data.path", here + "/folder"}}));
}

TEST_CASE("the hash is the beginning of SHA-256") {
    CHECK(short_hash("abc") == "ba7816bf8f01");  // FIPS 180-2, appendix B.1
    CHECK(short_hash("") == "e3b0c44298fc");
}
