// Real rows on the server: whole rounds of devices, uplink and trainer without a socket, in any
// grouping of users.
#include <doctest/doctest.h>

#include <Eigen/SVD>
#include <cmath>

#include "client/device.hpp"
#include "client/scoring.hpp"
#include "common/bits.hpp"
#include "common/wire/plane.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/trainer.hpp"
#include "tests/client/made_users.hpp"

namespace fedhash::tests {
namespace {

constexpr std::uint32_t users = 24, items = 60;

// Users like the items of their own half of the catalogue; three of those are held out, others for
// every user.
Made planted() {
    Made made{{items, true}, {}};
    for (std::uint32_t u = 0; u < users; ++u) {
        client::UserData user;
        user.user = UserId{u};
        for (std::uint32_t j = 0; j < items / 2; ++j) {
            const std::uint32_t i = j + (u % 2 == 0 ? 0 : items / 2);
            if ((j + 5 * (u / 2)) % (items / 2) < 3) {
                user.valid.items.push_back(ItemId{i});
                user.valid.deciles.push_back(0);
            } else {
                user.train.push_back({ItemId{i}, 1});
            }
        }
        made.users.push_back(user);
    }
    return made;
}

Variant variant_of(const std::string& learner, std::uint32_t rounds) {
    Variant variant;
    variant.bits = 16;
    variant.learner = learner;
    variant.feedback = learner == "polar" ? "implicit" : "sampled";
    variant.objective = learner == "polar" ? "square" : "bpr";
    variant.uplink = learner == "polar" ? "image" : "real-gradient";
    variant.item_rule = learner == "polar" ? "polar" : "adam";
    variant.negatives = 2;
    variant.sharpness_q16 = 8u << 16;
    variant.step = 0.05;
    variant.user_step = 0.05;
    variant.epochs = 2;
    variant.stage_rounds = rounds;
    variant.sharpen_to = 5;
    return variant;
}

struct Run {
    Tables tables;
    Aggregate last;
    MetricSums first_measured, measured;
};

Run run(const Variant& variant, std::uint32_t clients, std::uint32_t rounds, bool backwards) {
    const Made made = planted();
    wire::Welcome welcome;
    welcome.users = users;
    welcome.items = items;
    welcome.clients = clients;
    welcome.seed = 5;
    welcome.variant = variant;
    welcome.cutoffs = {5};
    welcome.kernels = "auto";
    std::vector<client::Device> devices;
    for (std::uint32_t c = 0; c < clients; ++c)
        devices.emplace_back(deal(made, c, clients), welcome);
    server::Trainer trainer(variant, 5, users, items, rounds);
    Tables tables = trainer.start();
    wire::Buffer start = wire::encode_start(5, variant.teaching(1), tables);
    for (client::Device& device : devices) device.publish(start);
    Run result;
    for (std::uint32_t round = 1; round <= rounds; ++round) {
        const auto uplink = uplink_of(variant, round).make(variant);
        std::vector<wire::Buffer> bodies;
        for (std::uint32_t c = 0; c < clients; ++c) {
            wire::Request request;
            request.round = round;
            const std::uint32_t hosted = users_of(c, clients, users);
            request.sampled.assign((hosted + 7) / 8, 0);
            for (std::uint32_t j = 0; j < hosted; ++j)
                request.sampled[j / 8] |= static_cast<std::uint8_t>(1u << (j % 8));
            request.refused.assign((hosted + 7) / 8, 0);
            devices[c].learn(request, [&](wire::Encoded frame) {
                bodies.emplace_back(frame->begin() + wire::header_bytes, frame->end());
            });
        }
        REQUIRE(bodies.size() == users);
        if (backwards) std::ranges::reverse(bodies);
        Aggregate sum(uplink->shape(items));
        for (const wire::Buffer& body : bodies) {
            wire::ByteReader from(body);
            wire::ReplyHead head;
            from(head);
            uplink->hear(from, tables, sum);
        }
        result.last = sum;
        server::Trainer::Outcome next = trainer.step(round, tables, std::move(sum));
        const wire::Buffer change = next.starts_stage ? wire::encode_start(5, false, next.tables)
                                                      : wire::encode_tables(&tables, next.tables);
        tables = std::move(next.tables);
        for (client::Device& device : devices) device.publish(change);
        if (round != 1 && round != rounds) continue;
        MetricSums total(metric_specs(welcome.cutoffs).size(), 1);
        for (std::uint32_t c = 0; c < clients; ++c) {
            wire::Evaluate evaluate;
            evaluate.version = tables.version;
            evaluate.refused.assign((users_of(c, clients, users) + 7) / 8, 0);
            const wire::Scores scores = devices[c].measure(evaluate);
            for (const MetricSums& sums : scores.sums)
                if (sums.users > 0) {
                    total.merge(sums);
                    break;
                }
        }
        (round == 1 ? result.first_measured : result.measured) = total;
    }
    result.tables = std::move(tables);
    return result;
}

double ndcg(const MetricSums& sums) {
    const std::vector<std::uint32_t> cutoffs{5};
    const std::vector<MetricSpec> specs = metric_specs(cutoffs);
    for (std::size_t s = 0; s < specs.size(); ++s)
        if (specs[s] == MetricSpec{Metric::ndcg, 5}) return sums.mean(sums.values[s].expected);
    return 0;
}

TEST_CASE("the same users give the same bits in 1, 3 and 8 clients, in any order") {
    for (const char* learner : {"real", "forward", "backward", "backward-real", "mixed", "polar"}) {
        CAPTURE(learner);
        const Variant variant = variant_of(learner, 4);
        const Run one = run(variant, 1, 4, false);
        for (std::uint32_t clients : {3u, 8u}) {
            const Run other = run(variant, clients, 4, clients == 8);
            CHECK(one.last == other.last);
            CHECK(one.tables.codes == other.tables.codes);
            CHECK(one.tables.planes == other.tables.planes);
            CHECK(one.measured.values == other.measured.values);
        }
    }
}

TEST_CASE("training on two planted tastes ranks held-out items as well as knowing the taste") {
    for (const char* learner : {"real", "forward", "backward", "backward-real", "mixed"}) {
        CAPTURE(learner);
        const Run result = run(variant_of(learner, 25), 3, 25, false);
        // Three among 33 items that the user has not trained on: chance gives about 0.1.
        CHECK(ndcg(result.measured) > 0.5);
        if (std::string(learner) != "real") CHECK(result.tables.codes.rows == items);
    }
}

TEST_CASE("a teacher's ranking, item scales and quantisers pass through whole runs") {
    Variant bigear = variant_of("backward", 8);
    bigear.surrogate = "gauss";
    bigear.item_scale = true;
    bigear.distil = 10;
    bigear.strength_units = 4;
    bigear.teacher.rounds = 3;
    bigear.teacher.factors = 8;
    const Run one = run(bigear, 1, 11, false), three = run(bigear, 3, 11, true);
    CHECK(one.tables.codes == three.tables.codes);
    CHECK(one.tables.planes == three.tables.planes);
    const Plane& scales = one.tables.plane(PlaneId::scales);
    REQUIRE(scales.rows == items);
    for (std::size_t i = 0; i < items; ++i) CHECK(scales.at(i, 0) > 0);

    for (const char* quantiser : {"sign", "median", "balanced", "rotation", "itq", "itq-median"}) {
        CAPTURE(quantiser);
        Variant two_stages = variant_of("real", 6);
        two_stages.quantiser = quantiser;
        const Run relaxed = run(two_stages, 3, 6, false);
        CHECK(relaxed.tables.codes.rows == items);
        CHECK(relaxed.tables.plane(PlaneId::rotation).rows == 16);
        two_stages.learner = "teacher";
        two_stages.teacher.rounds = 6;
        two_stages.teacher.factors = 16;
        const Run teacher = run(two_stages, 3, 6, false);
        CHECK(teacher.tables.codes.rows == items);
        CHECK(teacher.tables.plane(PlaneId::rotation).rows == 16);
        CHECK(teacher.measured.users == users);
    }
}

TEST_CASE("polar factors are orthogonal, and what they maximise never falls") {
    Variant variant = variant_of("polar", 10);
    variant.bits = 8;
    const Made made = make_users(4, 40, 60);  // more users than bits, of unequal tastes
    const auto uplink = find_uplink("image").make(variant);
    const auto rule = server::make_polar(variant, 60);
    Tables tables = initial_tables(3, variant, 60, false);
    double before = 0;
    for (std::uint32_t round = 1; round < 10; ++round) {
        Aggregate sum(uplink->shape(60));
        for (const client::UserData& user : made.users) {
            std::vector<ItemId> observed;
            for (const client::Rating& rating : user.train) observed.push_back(rating.item);
            Said said;
            said.items = observed;
            wire::Buffer body;
            wire::ByteWriter to(body);
            uplink->say(to, said, tables);
            wire::ByteReader from(body);
            uplink->hear(from, tables, sum);
        }
        rule->step(tables, sum, {round, 10});
        const Plane& factors = tables.plane(PlaneId::factors);
        Eigen::MatrixXd D(60, 8);
        for (std::uint32_t i = 0; i < 60; ++i)
            for (std::uint32_t a = 0; a < 8; ++a) D(i, a) = factors.at(i, a);
        const Eigen::MatrixXd gram = D.transpose() * D / 60;
        CHECK((gram - Eigen::MatrixXd::Identity(8, 8)).norm() < 0.02);  // rounding
        // max over B of tr(B'RD) is sqrt(m) times the sum of singular values of RD.
        Eigen::MatrixXd RD = Eigen::MatrixXd::Zero(40, 8);
        for (std::size_t u = 0; u < 40; ++u)
            for (const client::Rating& rating : made.users[u].train)
                RD.row(Eigen::Index(u)) += D.row(Eigen::Index(index(rating.item)));
        const double value = Eigen::JacobiSVD<Eigen::MatrixXd>(RD).singularValues().sum();
        CHECK(value > before * (1 - 1e-3));
        before = value;
    }
}

TEST_CASE("an item that nobody listed stays where it is") {
    const Variant variant = variant_of("real", 5);
    const auto rule = server::make_adam(variant, 3);
    Tables tables = initial_tables(1, variant, 3, false);
    Aggregate sums({16, 3, 0, false});
    sums.users = 2;
    sums.counts = {2, 0, 1};
    for (std::uint32_t a = 0; a < 16; ++a) sums.rows[a] = 4096;
    const Plane before = tables.plane(PlaneId::factors);
    rule->step(tables, sums, {1, 5});
    const Plane& after = tables.plane(PlaneId::factors);
    for (std::uint32_t a = 0; a < 16; ++a) {
        // The first step of Adam is as long as `step`, whatever the gradient.
        CHECK(after.at(0, a) - before.at(0, a) == doctest::Approx(0.05).epsilon(0.1));
        CHECK(std::abs(after.at(1, a) - before.at(1, a)) < 0.005);  // rounding to 8 bits
        CHECK(std::abs(after.at(2, a) - before.at(2, a)) < 0.005);  // no gradient
    }
}

}  // namespace
}  // namespace fedhash::tests
