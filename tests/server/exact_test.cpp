// The exact item step, in one shot and bit by bit, against alternating minimisation by somebody who
// has all ratings: every bit takes the value with the smaller loss, the loss summed from scratch.
// And what is lost in the middle of an interactive round.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/reference.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

constexpr std::uint32_t short_deadline_ms = 300;

std::int64_t plain_score(const std::string& similarity, CodeView b, CodeView d,
                         std::uint32_t bits) {
    std::int64_t sum = similarity == "projected" ? bits : 0;
    for (std::uint32_t a = 0; a < bits; ++a)
        sum += similarity == "projected" ? (sign(b, a) + 1) * (sign(d, a) - 1)
                                         : sign(b, a) * sign(d, a);
    return sum;
}

/// One place that has everything: sum over ratings of w (R - s)^2 + c0 sum over all pairs of s^2,
/// in 1/16 units squared.
class Centre {
  public:
    explicit Centre(const RunPlan& plan) : variant_(plan.options.variant), data_(plan.data) {
        items_ = initial_item_codes(plan.options.seed, variant_.bits, plan.options.items);
        users_ = Codes(variant_.bits, plan.options.users);
        for (std::size_t u = 0; u < users_.rows; ++u) {
            Stream random = stream(plan.options.seed, Purpose::user_code, u);
            randomise(users_.row(u), variant_.bits, random);
        }
        raters_.resize(items_.rows);
        for (std::size_t u = 0; u < users_.rows; ++u)
            for (const client::Rating& rating : data_.users[u].train)
                raters_[index(rating.item)].emplace_back(u, goal(rating.value));
    }

    void round() {
        for (std::size_t u = 0; u < users_.rows; ++u)
            descend(users_.row(u), [&](CodeView b) {
                std::int64_t loss = 0;
                for (const client::Rating& rating : data_.users[u].train)
                    loss += pair(b, items_.row(index(rating.item)), goal(rating.value));
                for (std::size_t i = 0; i < items_.rows; ++i) loss += any_pair(b, items_.row(i));
                return loss;
            });
        for (std::size_t i = 0; i < items_.rows; ++i)
            descend(items_.row(i), [&](CodeView d) {
                std::int64_t loss = 0;
                for (const auto& [u, wanted] : raters_[i]) loss += pair(users_.row(u), d, wanted);
                for (std::size_t u = 0; u < users_.rows; ++u) loss += any_pair(users_.row(u), d);
                return loss;
            });
    }

    const Codes& items() const { return items_; }

  private:
    std::int64_t goal(float rating) const {
        const double k = variant_.bits * 16.0;
        return std::lround(variant_.similarity == "projected" ? 4 * k * double(rating) - 3 * k
                                                              : 2 * k * double(rating) - k);
    }
    std::int64_t pair(CodeView b, CodeView d, std::int64_t wanted) const {
        const std::int64_t e = wanted - 16 * plain_score(variant_.similarity, b, d, variant_.bits);
        return variant_.weight * e * e;
    }
    std::int64_t any_pair(CodeView b, CodeView d) const {
        const std::int64_t s = 16 * plain_score(variant_.similarity, b, d, variant_.bits);
        return variant_.interaction * s * s;
    }
    template <class Loss>
    void descend(std::span<std::uint64_t> code, const Loss& loss) const {
        for (std::uint32_t sweep = 0; sweep < variant_.sweeps; ++sweep)
            for (std::uint32_t a = 0; a < variant_.bits; ++a) {
                const std::int64_t here = loss(code);
                flip(code, a);
                if (loss(code) >= here) flip(code, a);
            }
    }

    Variant variant_;
    const Made& data_;
    Codes items_, users_;
    std::vector<std::vector<std::pair<std::size_t, std::int64_t>>> raters_;
};

RunPlan exact_plan(std::uint32_t clients, const std::string& exchange,
                   const std::string& similarity = "hamming", std::uint32_t interaction = 0) {
    RunPlan plan = small_plan(clients);
    Variant& variant = plan.options.variant;
    variant = Variant{};
    variant.bits = 12;
    variant.similarity = similarity;
    variant.feedback = "explicit";
    variant.uplink = "statistics";
    variant.item_rule = "exact";
    variant.exchange = exchange;
    variant.interaction = interaction;
    variant.weight = 2;
    variant.own_bit_start = 64;
    plan.options.rounds = 3;
    return plan;
}

void expect_replay(const RunPlan& plan, const RunResult& recorded) {
    RunPlan replay = plan;
    replay.wrap = nullptr;
    replay.before_learning = nullptr;
    replay.options.deadline_ms = 60'000;
    replay.options.lost = recorded.lost();
    CHECK(run(replay).item_codes == recorded.item_codes);
    // Nor does it matter who hosts the users, or whether they are asked once or once a bit.
    replay.options.clients = 1;
    CHECK(run(replay).item_codes == recorded.item_codes);
    replay.options.variant.exchange = "one-shot";
    CHECK(run(replay).item_codes == recorded.item_codes);
}

}  // namespace

TEST_CASE("sufficient statistics give the codes of one place with all ratings, bit for bit") {
    for (const std::string similarity : {"hamming", "projected"}) {
        for (std::uint32_t interaction : {0u, 1u}) {
            CAPTURE(similarity);
            CAPTURE(interaction);
            const RunPlan plan = exact_plan(4, "one-shot", similarity, interaction);
            Centre centre(plan);
            for (std::uint32_t round = 0; round < plan.options.rounds; ++round) centre.round();
            CHECK(run(plan).items == centre.items());
            CHECK(run(exact_plan(3, "interactive", similarity, interaction)).items ==
                  centre.items());
        }
    }
}

TEST_CASE("asked bit by bit, an over-relaxed or a sticky descent ends at the same codes, too") {
    for (const std::string rule : {"exact", "exact-inertia"}) {
        for (std::uint32_t start : {64u, 40u}) {
            for (double participation : {1.0, 0.5}) {
                CAPTURE(rule);
                CAPTURE(start);
                CAPTURE(participation);
                RunPlan plan = exact_plan(3, "one-shot", "hamming", 1);
                plan.options.variant.item_rule = rule;
                plan.options.variant.own_bit_start = start;
                plan.options.participation = participation;
                plan.options.rounds = 5;
                const RunResult at_once = run(plan);
                plan.options.variant.exchange = "interactive";
                const RunResult by_bit = run(plan);
                CHECK(by_bit.item_codes == at_once.item_codes);
                const bool same_metrics = by_bit.metrics == at_once.metrics;  // not printed in full
                CHECK(same_metrics);
            }
        }
    }
}

TEST_CASE("with the balance term one sweep bit by bit is one sweep item by item") {
    RunPlan plan = exact_plan(2, "one-shot");
    plan.options.variant.regulariser = "balance";
    plan.options.variant.balance_units = 40;
    plan.options.variant.sweeps = 1;
    const RunResult at_once = run(plan);
    plan.options.variant.exchange = "interactive";
    CHECK(run(plan).item_codes == at_once.item_codes);
    plan.options.variant.regulariser = "none";
    CHECK(run(plan).item_codes != at_once.item_codes);
}

TEST_CASE("every question of an interactive round is training traffic, and counted") {
    const RunPlan plan = exact_plan(21, "interactive");
    const RunResult result = run(plan);
    const RunResult at_once = run(exact_plan(21, "one-shot"));
    CHECK(result.summary.at("bytes").at("count_difference") == 0);
    // At least one sweep of k questions a round, 16 bytes of header each.
    CHECK(result.summary.at("bytes").at("up_per_user_round").get<double>() > 12 * 16);
    CHECK(
        result.summary.at("bytes").at("up").get<double>() ==
        doctest::Approx(result.summary.at("bytes").at("up_per_user_round").get<double>() * 21 * 3));
    CHECK(result.summary.at("bytes").at("up").get<double>() >
          5 * at_once.summary.at("bytes").at("up").get<double>());
}

TEST_CASE("votes may be cast bit by bit, on residuals that follow") {
    RunPlan plan = exact_plan(3, "interactive", "projected");
    plan.options.variant.uplink = "votes";
    plan.options.variant.item_rule = "majority-up";
    plan.options.variant.balance_q16 = 7;
    const RunResult result = run(plan);
    CHECK(result.summary.at("outcome") == "complete");
    plan.options.clients = 7;
    CHECK(run(plan).item_codes == result.item_codes);
    plan.options.variant.exchange = "one-shot";
    CHECK(run(plan).item_codes != result.item_codes);
}

TEST_CASE("an interactive round does not care for order, delay or repetition") {
    const RunResult expected = run(exact_plan(1, "interactive", "hamming", 1));
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(seed);
        UnreliableChannel::Faults faults;
        faults.seed = seed;
        faults.shuffle = true;
        faults.delay = 10;
        faults.duplicate_percent = 30;
        RunPlan plan = exact_plan(5, "interactive", "hamming", 1);
        plan.wrap = unreliable(faults, {0, 1, 2, 3, 4});
        const RunResult result = run(plan);
        CHECK(result.item_codes == expected.item_codes);
        const bool same_metrics = result.metrics == expected.metrics;
        CHECK(same_metrics);
        CHECK(result.lost().empty());
    }
}

TEST_CASE("who is lost in the middle of an interactive round was never part of it") {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(seed);
        UnreliableChannel::Faults faults;
        faults.seed = seed;
        faults.lost_percent = 2;
        RunPlan plan = exact_plan(7, "interactive", "hamming", 1);
        plan.options.deadline_ms = short_deadline_ms;
        plan.wrap = unreliable(faults, {1, 4});
        const RunResult result = run(plan);
        CHECK_FALSE(result.lost().empty());
        CHECK(result.summary.at("outcome") == "complete-with-losses");
        expect_replay(plan, result);
    }
}

TEST_CASE("a client that goes between two bits costs its users the round, and the others nothing") {
    for (std::uint32_t question : {1u, 2u, 7u, 13u, 30u}) {
        CAPTURE(question);
        RunPlan plan = exact_plan(5, "interactive");
        std::uint32_t asked = 0;
        plan.before_learning = [&](std::uint32_t client, std::uint32_t) {
            if (client == 2 && ++asked == question) throw wire::Closed("test");
        };
        const RunResult result = run(plan);
        CHECK(asked == question);
        std::uint32_t lost_users = 0;
        for (const auto& [round, user] : result.lost()) lost_users += index(user) % 5 == 2 ? 1 : 0;
        CHECK(lost_users == result.lost().size());
        CHECK(lost_users > 0);
        expect_replay(plan, result);
    }
}

TEST_CASE("a device that was too late for a bit takes the round back") {
    UnreliableChannel::Faults faults;
    faults.hold_round = 2;
    RunPlan plan = exact_plan(7, "interactive", "hamming", 1);
    plan.options.rounds = 5;
    plan.options.deadline_ms = short_deadline_ms;
    UnreliableChannel* held = nullptr;
    std::size_t released = 0;
    plan.wrap = [&](std::uint32_t client, std::unique_ptr<wire::Channel> channel,
                    asio::any_io_executor executor) {
        auto wrapped = unreliable(faults, {3})(client, std::move(channel), executor);
        if (client == 3) held = static_cast<UnreliableChannel*>(wrapped.get());
        return wrapped;
    };
    plan.on_event = [&](const nlohmann::json& event) {
        if (event.at("event") == "round" && event.at("round") == 2) released = held->release();
    };
    const RunResult result = run(plan);
    CHECK(released > 0);
    CHECK(result.rejected("late reply") == released);
    CHECK_FALSE(result.lost().empty());
    plan.on_event = nullptr;
    expect_replay(plan, result);
}
