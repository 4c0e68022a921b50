#include "scenarios/experiments/user_metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

constexpr float unmeasured = std::numeric_limits<float>::quiet_NaN();

std::string refused(const std::string& bytes) {
    const tests::TempFolder folder;
    tests::write(folder / "x.npy", bytes);
    const std::string message = tests::refusal_of([&] { read_user_metrics(folder / "x.npy"); });
    CHECK(tests::contains(message, "x.npy: "));
    return message;
}

}  // namespace

TEST_CASE("a matrix comes back as it was written") {
    const tests::TempFolder folder;
    tests::write(folder / "x.npy", tests::npy({1, 2, 3, 4, 5, 6}, 3, 2));
    const UserMatrix matrix = read_user_metrics(folder / "x.npy");
    CHECK(matrix.users == 3);
    CHECK(matrix.columns == 2);
    CHECK(matrix.values == std::vector<float>{1, 2, 3, 4, 5, 6});
    tests::write(folder / "none.npy", tests::npy({}, 0, 2));
    CHECK(read_user_metrics(folder / "none.npy").users == 0);
}

TEST_CASE("a file that is anything else is refused by name") {
    const std::string good = tests::npy({1, 2, 3, 4}, 2, 2);
    CHECK(tests::contains(refused(""), "not a NumPy file"));
    CHECK(tests::contains(refused("PK\x03\x04 a zip file"), "not a NumPy file"));
    CHECK(tests::contains(refused(good.substr(0, 40)), "ends within its header"));
    CHECK(tests::contains(refused(good.substr(0, good.size() - 1)), "does not fit its shape"));
    CHECK(tests::contains(refused(good + "x"), "does not fit its shape"));
    CHECK(tests::contains(refused(tests::npy({1, 2}, 1, 2, "<f8")), "expected float32"));
    // Nothing is allocated for a size that the file does not have.
    CHECK(tests::contains(refused(tests::npy({1}, std::size_t{1} << 40, 1)), "does not fit"));
    CHECK(tests::contains(refused(tests::npy({1}, std::size_t{1} << 30, std::size_t{1} << 30)),
                          "does not fit"));
    CHECK(tests::contains(tests::refusal_of([] { read_user_metrics("/nonexistent/x.npy"); }),
                          "cannot be read"));
}

TEST_CASE("a user's mean is over the runs that measured the user") {
    UserMeans means;
    CHECK(means.add({3, 2, {0, 0.5F, 0, unmeasured, 0, unmeasured}}, 1));
    CHECK(means.add({3, 1, {0.25F, 1, unmeasured}}, 0));
    CHECK_FALSE(means.add({4, 1, {1, 1, 1, 1}}, 0));  // other users
    CHECK(means.of(0) == 0.375);
    CHECK(means.of(1) == 1);
    CHECK(std::isnan(means.of(2)));
}

TEST_CASE("differences are of users that both measured") {
    UserMeans a, b;
    a.add({4, 1, {1, unmeasured, 0.5F, 0.25F}}, 0);
    b.add({4, 1, {0.5F, 1, unmeasured, 0.5F}}, 0);
    CHECK(differences(a, b) == std::vector<double>{0.5, -0.25});
    CHECK(differences(UserMeans{}, UserMeans{}).empty());
}
