// Decoys that other users take off again, between real processes: the codes of a run without
// decoys, and item sets that whoever listens to what is taken off has all the same.
#include <doctest/doctest.h>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

Words small(Words settings) {
    settings.insert(settings.begin(), {"method.name=implicit-dcd", "method.bits=16", "run.rounds=3",
                                       "data.synthetic.users=60", "data.synthetic.items=80"});
    return settings;
}

Words denoised(Words settings) {
    settings = small(std::move(settings));
    settings.insert(settings.end(), {"privacy.decoys=resampled", "privacy.decoys_per_item=2",
                                     "method.exchange=denoised", "privacy.denoise_users=5"});
    return settings;
}

}  // namespace

TEST_CASE("decoys taken off leave a run without decoys, whatever the transport and processes") {
    TempFolder out;
    const fs::path expected = complete_run(small({"run.clients=2"}), out / "bare");
    int n = 0;
    for (const Words& settings :
         {Words{"run.clients=1"}, Words{"run.clients=7", "run.transport=unix"},
          Words{"run.clients=3", "run.transport=in-process"},
          Words{"run.clients=60", "coding.padding=pow2", "coding.numbers=rice"}}) {
        CAPTURE(n);
        const fs::path run = complete_run(denoised(settings), out / std::to_string(n++));
        CHECK(contents(run / "item_codes.npy") == contents(expected / "item_codes.npy"));
        CHECK(contents(run / "metrics.csv") == contents(expected / "metrics.csv"));
        CHECK(json_file(run / "summary.json").at("bytes").at("kernel_difference") ==
              (n == 2 || n == 3 ? nlohmann::json(nullptr) : nlohmann::json(0)));
    }
    for (const Words& settings :
         {Words{"run.participation=0.5"}, Words{"availability.dropout=0.2"}}) {
        const std::string name = std::to_string(n++);
        CHECK(contents(complete_run(denoised(settings), out / name) / "item_codes.npy") ==
              contents(complete_run(small(settings), out / (name + "-bare")) / "item_codes.npy"));
    }
}

TEST_CASE("what is taken off gives the decoys away, and a record plays back") {
    TempFolder out;
    const fs::path run =
        complete_run(denoised({"run.clients=3", "output.record=true"}), out / "runs");
    const Ended attack =
        run_fedhash({"attack", run.string(), "--attacks", "A1,A1d", "--format", "csv"});
    CAPTURE(attack.err);
    REQUIRE(attack.code == 0);
    CHECK(attack.out.find("A1,row set,item set exact,0,") != std::string::npos);
    CHECK(attack.out.find("A1d,\"row set, decoys taken off\",F1 of the item set,1,") !=
          std::string::npos);
    const Ended again = run_fedhash({"replay", run.string(), "--out", out / "replays"});
    CAPTURE(again.err);
    CHECK(again.err.find("the item codes are the recorded ones, bit for bit") != std::string::npos);
    const Ended frames = run_fedhash({"frames", run.string()});
    CHECK(frames.out.find("step 1") != std::string::npos);
    CHECK(frames.out.find("residual, about") != std::string::npos);
}
