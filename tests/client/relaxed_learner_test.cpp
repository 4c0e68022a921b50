// Learning by gradients on the device: losses against numerical derivatives, what an upload says,
// hostile bodies.
#include "client/relaxed_learner.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "client/relaxed_losses.hpp"
#include "common/portable.hpp"
#include "common/relaxed.hpp"
#include "tests/client/made_users.hpp"

namespace fedhash::tests {
namespace {

Variant relaxed_variant(const std::string& learner, const std::string& objective) {
    Variant variant;
    variant.bits = 16;
    variant.learner = learner;
    variant.feedback = "sampled";
    variant.objective = objective;
    variant.uplink = "real-gradient";
    variant.item_rule = "adam";
    variant.negatives = 2;
    variant.sharpness_q16 = 8u << 16;
    variant.user_step = 0.05;
    variant.epochs = 2;
    variant.stage_rounds = 10;
    variant.sharpen_to = 4;
    return variant;
}

client::Shared shared_of(const Variant& variant, std::size_t items) {
    client::Shared shared;
    shared.tables = initial_tables(7, variant, items, false);
    shared.tables.version = 1;
    shared.derive();
    return shared;
}

TEST_CASE("exp, log and tanh without the C library are those of the C library") {
    for (double x : {-650.0, -20.5, -1.0, -1e-9, 0.0, 0.3, 0.7, 1.0, 5.0, 42.0, 300.0}) {
        CAPTURE(x);
        CHECK(portable::exp(x) == doctest::Approx(std::exp(x)).epsilon(1e-13));
        CHECK(portable_tanh(x) == doctest::Approx(std::tanh(x)).epsilon(1e-13));
    }
    for (double x : {1e-300, 1e-5, 0.5, 0.99, 1.0, 1.01, 2.0, 10.0, 1e200}) {
        CAPTURE(x);
        CHECK(portable::log(x) == doctest::Approx(std::log(x)).epsilon(1e-13));
    }
}

TEST_CASE("the pull of every loss is its numerical derivative") {
    const std::vector<double> scores{0.7, -0.4, 1.9, 0.1};
    for (const client::RelaxedLoss& loss : client::relaxed_losses()) {
        for (const bool plain : {true, false}) {
            CAPTURE(std::string(loss.name));
            CAPTURE(plain);
            const double alpha = plain ? 1 : 0.25, label = 0.75, h = 1e-6;
            std::vector<double> pulls(scores.size());
            loss.pull(scores, label, alpha, plain, pulls);
            for (std::size_t j = 0; j < scores.size(); ++j) {
                std::vector<double> up = scores, down = scores;
                up[j] += h;
                down[j] -= h;
                const double slope =
                    (loss.value(up, label, alpha, plain) - loss.value(down, label, alpha, plain)) /
                    (2 * h);
                CHECK(-slope == doctest::Approx(alpha * pulls[j]).epsilon(1e-6));
            }
        }
    }
}

TEST_CASE("the slope of a map is its derivative, where it has one") {
    Variant variant = relaxed_variant("forward", "bpr");
    Stream lots(1);
    for (std::uint32_t round : {1u, 4u, 10u}) {
        const Relaxed phi(variant, round, true);
        for (double z : {-0.8, -0.1, 0.0, 0.45}) {
            const double h = 1e-6;
            const double slope = (phi.value(z + h, lots) - phi.value(z - h, lots)) / (2 * h);
            CHECK(phi.slope(z) == doctest::Approx(slope).epsilon(1e-6));
        }
    }
    CHECK(Relaxed(variant, 1, true).beta() == doctest::Approx(1));
    CHECK(Relaxed(variant, 10, true).beta() == doctest::Approx(4));
    variant.learner = "backward-real";
    CHECK(Relaxed(variant, 3, false).value(0.3, lots) == 0.3);
    CHECK(Relaxed(variant, 3, true).value(0.3, lots) == 1);
}

TEST_CASE("entries by lot are all tanh in the first round and all signs in the last") {
    const Variant variant = relaxed_variant("mixed", "logistic");
    Stream lots(1);
    int signs = 0;
    for (int draw = 0; draw < 1000; ++draw) {
        CHECK(Relaxed(variant, 1, true).value(0.3, lots) == portable_tanh(0.3));
        CHECK(Relaxed(variant, 10, true).value(0.3, lots) == 1);
        if (Relaxed(variant, 5, true).value(0.3, lots) == 1) ++signs;
    }
    CHECK(signs > 350);  // 4/9 of 1000
    CHECK(signs < 550);
}

TEST_CASE("an upload is one row an item, each a multiple of the mapped vector") {
    const Made made = make_users(3, 4, 60);
    for (const char* name : {"real", "forward", "backward", "backward-real", "mixed"}) {
        CAPTURE(name);
        const Variant variant = relaxed_variant(name, "bpr");
        const auto learner = client::make_relaxed_learner(variant, 7);
        client::Shared shared = shared_of(variant, 60);
        client::Workspace work;
        client::Learnt learnt;
        learner->start(made.users[0], learnt);
        const Said said = learner->learn(made.users[0], shared, 1, learnt, work);
        REQUIRE(said.items.size() > made.users[0].train.size());
        REQUIRE(said.gradients.size() == said.items.size() * variant.bits);
        CHECK(std::ranges::is_sorted(said.items));
        shared.tables.version = 2;                   // of round 1
        if (std::string(name) == "mixed") continue;  // its lots are its own
        const std::vector<double> x = client::relaxed_vector(variant, shared, learnt);
        for (std::size_t j = 0; j < said.items.size(); ++j) {
            const std::int32_t* row = &said.gradients[j * variant.bits];
            const double pull = row[0] / x[0];
            // Rounding of a row to a unit, of p to 2^-12.
            const double slack =
                1 + (1 + std::abs(pull) * std::ldexp(1.0, -12)) * 2 / std::abs(x[0]);
            for (std::uint32_t a = 0; a < variant.bits; ++a)
                CHECK(std::abs(row[a] - pull * x[a]) <= slack * (1 + std::abs(x[a])));
        }
    }
}

TEST_CASE("what the teacher ranked first is listed and only ever pulls up") {
    const Made made = make_users(3, 4, 60);
    Variant variant = relaxed_variant("backward", "bpr");
    variant.distil = 12;
    variant.strength_units = 16;
    const auto learner = client::make_relaxed_learner(variant, 7);
    client::Shared shared = shared_of(variant, 60);
    client::Workspace work;
    client::Learnt learnt;
    learner->start(made.users[0], learnt);
    std::vector<bool> seen(60);
    for (const client::Rating& rating : made.users[0].train) seen[index(rating.item)] = true;
    for (std::uint32_t i = 59; learnt.ranked.size() < 12; --i)
        if (!seen[i]) learnt.ranked.push_back(i);
    const Said said = learner->learn(made.users[0], shared, 1, learnt, work);
    shared.tables.version = 2;
    const std::vector<double> x = client::relaxed_vector(variant, shared, learnt);
    std::size_t found = 0;
    for (std::size_t j = 0; j < said.items.size(); ++j) {
        if (j > 0) CHECK(said.items[j - 1] < said.items[j]);
        if (std::ranges::find(learnt.ranked, index(said.items[j])) == learnt.ranked.end()) continue;
        ++found;
        double along = 0;
        for (std::uint32_t a = 0; a < variant.bits; ++a)
            along += x[a] * said.gradients[j * variant.bits + a];
        CHECK(along > 0);
    }
    CHECK(found == 12);
}

TEST_CASE("learning is a function of seed, user, round and tables") {
    const Made made = make_users(3, 4, 60);
    const Variant variant = relaxed_variant("backward", "softmax");
    const auto learner = client::make_relaxed_learner(variant, 7);
    client::Shared shared = shared_of(variant, 60);
    client::Workspace fresh, used;
    client::Learnt first, second;
    learner->start(made.users[1], second);
    learner->learn(made.users[0], shared, 2, second, used);  // leaves traces in the workspace
    learner->start(made.users[1], first);
    second = first;
    const Said one = learner->learn(made.users[1], shared, 2, first, fresh);
    const Said two = learner->learn(made.users[1], shared, 2, second, used);
    CHECK(first == second);
    CHECK(std::ranges::equal(one.gradients, two.gradients));
}

TEST_CASE("passes over a user's items lower its loss") {
    const Made made = make_users(5, 6, 80);
    for (const char* name : {"real", "forward"}) {
        CAPTURE(name);
        Variant variant = relaxed_variant(name, "bpr");
        variant.user_step = 0.1;
        client::Shared shared = shared_of(variant, 80);
        client::Workspace work;
        for (const client::UserData& user : made.users) {
            const auto margin = [&](const client::Learnt& learnt) {
                const std::vector<double> x = client::relaxed_vector(variant, shared, learnt);
                const Plane& y = shared.tables.plane(PlaneId::factors);
                std::vector<double> scores(80);
                for (std::size_t i = 0; i < 80; ++i)
                    for (std::size_t a = 0; a < x.size(); ++a) scores[i] += x[a] * y.at(i, a);
                std::vector<bool> seen(80);
                for (const client::Rating& rating : user.train) seen[index(rating.item)] = true;
                double loss = 0;
                for (std::size_t i = 0; i < 80; ++i)
                    for (std::size_t j = 0; j < 80; ++j)
                        if (seen[i] && !seen[j])
                            loss += std::log(1 + std::exp(scores[j] - scores[i]));
                return loss;
            };
            client::Learnt learnt;
            variant.epochs = 20;
            const auto learner = client::make_relaxed_learner(variant, 7);
            learner->start(user, learnt);
            const double before = margin(learnt);
            learner->learn(user, shared, 1, learnt, work);
            CHECK(margin(learnt) < before);
        }
    }
}

TEST_CASE("a gradient body that no device can say is refused and changes nothing") {
    const Variant variant = relaxed_variant("real", "bpr");
    const auto uplink = find_uplink("real-gradient").make(variant);
    const client::Shared shared = shared_of(variant, 40);
    const std::vector<ItemId> items{ItemId{3}, ItemId{9}};
    std::vector<std::int32_t> gradients(2 * variant.bits, 5);
    gradients[0] = 1'000'000;  // clipped by an honest device
    Said said;
    said.items = items;
    said.gradients = gradients;
    wire::Buffer body;
    wire::ByteWriter to(body);
    uplink->say(to, said, shared.tables);
    CHECK(body.size() <= find_uplink("real-gradient").max_bytes(variant, 40));

    Aggregate sum(uplink->shape(40));
    wire::ByteReader good(body);
    uplink->hear(good, shared.tables, sum);
    CHECK(sum.rows[3 * variant.bits] == 32767);
    CHECK(sum.rows[9 * variant.bits + 1] == 5);
    CHECK(sum.counts[9] == 1);

    const Aggregate before = sum;
    const auto refused = [&](wire::Buffer bytes) {
        wire::ByteReader from(bytes);
        CHECK_THROWS_AS(uplink->hear(from, shared.tables, sum), wire::DecodeError);
        CHECK(sum == before);
    };
    for (std::size_t cut = 0; cut < body.size(); ++cut)
        refused({body.begin(), body.begin() + std::ptrdiff_t(cut)});
    wire::Buffer longer = body;
    longer.push_back(0);
    refused(longer);
    wire::Buffer beyond = body;  // -32768 in the last entry
    beyond[beyond.size() - 2] = 0x00;
    beyond[beyond.size() - 1] = 0x80;
    refused(beyond);
    refused({0xff, 0xff, 0xff, 0xff, 0x0f, 0x00});  // a count that cannot be
}

TEST_CASE("an image body that is cut or names items that are not is refused") {
    Variant variant = relaxed_variant("polar", "square");
    variant.uplink = "image";
    const auto uplink = find_uplink("image").make(variant);
    const client::Shared shared = shared_of(variant, 40);
    Aggregate sum(uplink->shape(40));
    const Aggregate before = sum;
    for (const wire::Buffer& bytes :
         {wire::Buffer{}, wire::Buffer{0xff, 0x7f, 0x03}, wire::Buffer{0x01, 0x3f, 0x00, 0x00}}) {
        wire::ByteReader from(bytes);
        CHECK_THROWS_AS(uplink->hear(from, shared.tables, sum), wire::DecodeError);
        CHECK(sum == before);
    }
}

}  // namespace
}  // namespace fedhash::tests
