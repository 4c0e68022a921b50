// A coordinator that lies: its victims' masks stay on, and whoever can notice does.
#include "server/adversary.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/errors.hpp"
#include "tests/server/made_run.hpp"
#include "tests/server/masked_cohort.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using server::Prying;
using server::SecureSum;
using server::ServerLie;

namespace {

constexpr std::uint32_t victim = 0;

struct Trial {
    std::size_t refused = 0;  // devices that would not go on
    bool opened = false;      // the victim's values are the server's
    bool others_summed = false;
};

/// One pass of a small cohort whose server lies to user 0 in the way of a row of the table.
/// `obedient`: devices that answer whatever they are asked.
Trial try_lie(const ServerLie& lie, std::uint64_t seed, bool obedient = false) {
    Cohort cohort(9, 6, seed);
    SecureSum server = cohort.sum;
    Prying prying;
    Trial trial;
    const auto neighbours = [&](std::uint32_t u) { return server.neighbours_of(UserId{u}); };
    std::vector<bool> here(9, true);
    const auto goes_on = [&](std::uint32_t u, const auto& answer) {
        if (!here[u]) return;
        try {
            answer();
        } catch (const secure::TooFewLeft&) {
            here[u] = false;
        } catch (const secure::Refusal&) {
            here[u] = false;
            ++trial.refused;
        }
    };
    for (std::uint32_t u = 0; u < 9; ++u)
        goes_on(u, [&] {
            std::vector<secure::Advert> adverts = neighbours(u);
            if (u == victim && lie.neighbours != nullptr) {
                lie.neighbours(adverts);
                client::SecureUser(cohort.users[u]).share(adverts);  // must refuse
            }
            server.take_shares(UserId{u}, cohort.said[u]);
        });
    for (std::uint32_t u = 0; u < 9; ++u)
        goes_on(u, [&] { cohort.users[u].keep(server.shares_for(UserId{u})); });
    for (std::uint32_t u = 0; u < 9; ++u)
        goes_on(u, [&] {
            auto cells = cohort.users[u].mask(cohort.values[u]);
            server.take_masked(UserId{u}, cells);
            prying.hear_masked(UserId{u}, std::move(cells));
        });
    for (std::uint32_t u = 0; u < 9; ++u)
        goes_on(u, [&] {
            secure::Question question = server.question_for(UserId{u});
            const bool knows_victim = std::ranges::any_of(
                neighbours(u), [](const auto& advert) { return index(advert.user) == victim; });
            const std::vector<UserId> victims{UserId{victim}};
            if (lie.question != nullptr && knows_victim) lie.question(UserId{u}, victims, question);
            if (obedient) {
                client::SecureUser twice = cohort.users[u];
                prying.hear_revealed(cohort.users[u].reveal({question.alive, {}}));
                prying.hear_revealed(twice.reveal({{}, question.dropped}));
            } else {
                const secure::Revealed revealed = cohort.users[u].reveal(question);
                prying.hear_revealed(revealed);
                if (lie.question == nullptr) server.take_revealed(revealed);
            }
        });
    trial.opened = prying.open(UserId{victim}, cohort.round, server) == cohort.values[victim];
    trial.others_summed = server.sum().has_value();
    return trial;
}

RunPlan lying_plan(const char* lie, const char* exchange) {
    RunPlan plan = small_plan(7);
    plan.options.variant.exchange = exchange;
    plan.options.secure_degree = 12;
    plan.options.lie = lie;
    return plan;
}

}  // namespace

TEST_CASE("lies are a table, and a lie that there is not is refused by name") {
    CHECK(std::string(server::server_lies().front().name) == "none");
    CHECK_THROWS_WITH_AS(server::find_server_lie("both"),
                         "adversary.server: unknown lie 'both'; known: none, chosen-codes, "
                         "both-secrets, split-lists, made-up-keys, one-neighbour",
                         UsageError);
}

TEST_CASE("no lie about masks opens an upload, and all that can be noticed are, in every trial") {
    const std::uint64_t trials = FEDHASH_SANITIZED ? 5 : 100;
    for (const ServerLie& lie : server::server_lies()) {
        if (!lie.about_masks) continue;
        CAPTURE(std::string(lie.name));
        std::size_t noticed = 0;
        for (std::uint64_t seed = 1; seed <= trials; ++seed) {
            const Trial trial = try_lie(lie, seed);
            CHECK_FALSE(trial.opened);
            noticed += trial.refused > 0 ? 1 : 0;
            // Whoever is not lied to goes on, where the lie is about neighbours.
            if (lie.neighbours != nullptr) {
                CHECK(trial.refused == 1);
                CHECK(trial.others_summed);
            }
        }
        // Of two lists that are each as they should be nobody knows that there are two.
        CHECK(noticed == (std::string_view(lie.name) == "split-lists" ? 0 : trials));
    }
}

TEST_CASE("devices that answered for both secrets would give the upload away") {
    CHECK(try_lie(server::find_server_lie("both-secrets"), 3, true).opened);
    CHECK_FALSE(try_lie(server::find_server_lie("split-lists"), 3, true).opened);
}

TEST_CASE("runs under lies about masks end well, and open nothing") {
    const auto lies = [](const RunResult& result, const char* what) {
        return result.summary.at("lies").at(what).get<int>();
    };
    for (const ServerLie& lie : server::server_lies()) {
        if (std::string_view(lie.name) == "none") continue;
        CAPTURE(std::string(lie.name));
        const RunResult result = run(lying_plan(lie.name, "secure"));
        const bool of_tables = lie.tables != nullptr;  // shown from the second round on
        CHECK(lies(result, "rounds") == (of_tables ? 3 : 4));
        CHECK(lies(result, "tried") == (of_tables ? 9 : 12));
        CHECK(lies(result, "opened") == 0);
        const bool unnoticed = std::string_view(lie.name) == "split-lists";
        CHECK(lies(result, "noticed") == (unnoticed ? 0 : of_tables ? 3 : 4));
        CHECK(result.summary.contains("refusals") != unnoticed);
        for (const std::string& end : result.client_ends) CHECK(end == "");
        CHECK(result.summary.at("rounds") == 4);
    }
}

TEST_CASE("other codes for the first client's users are shown to them alone") {
    const RunResult truth = run(lying_plan("none", "one-shot"));
    const RunResult result = run(lying_plan("chosen-codes", "one-shot"));
    CHECK_FALSE(truth.summary.contains("lies"));
    CHECK(result.summary.at("lies").at("rounds") == 3);
    CHECK(result.summary.at("lies").at("noticed") == 0);
    CHECK(result.item_codes != truth.item_codes);  // victims answer something else
    CHECK(run(lying_plan("chosen-codes", "one-shot")).item_codes == result.item_codes);
}
