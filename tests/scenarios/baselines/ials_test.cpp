#include "scenarios/baselines/ials.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/scenarios/baselines/made_data.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

using Dense = std::vector<std::vector<double>>;

/// Gaussian elimination with partial pivoting: slow and obvious.
std::vector<double> solve(Dense a, std::vector<double> b) {
    const std::size_t d = b.size();
    for (std::size_t p = 0; p < d; ++p) {
        std::size_t best = p;
        for (std::size_t r = p; r < d; ++r)
            if (std::abs(a[r][p]) > std::abs(a[best][p])) best = r;
        std::swap(a[p], a[best]);
        std::swap(b[p], b[best]);
        for (std::size_t r = p + 1; r < d; ++r) {
            const double factor = a[r][p] / a[p][p];
            for (std::size_t c = p; c < d; ++c) a[r][c] -= factor * a[p][c];
            b[r] -= factor * b[p];
        }
    }
    for (std::size_t p = d; p-- > 0;) {
        for (std::size_t c = p + 1; c < d; ++c) b[p] -= a[p][c] * b[c];
        b[p] /= a[p][p];
    }
    return b;
}

Dense copy_of(const Factors& table) {
    Dense result;
    for (std::size_t i = 0; i < table.rows; ++i)
        result.emplace_back(table.vector(i).begin(), table.vector(i).end());
    return result;
}

/// The normal equations of one row, in double precision.
std::vector<double> exact_row(const Dense& fixed, std::span<const std::uint32_t> observed,
                              double a0, double lambda) {
    const std::size_t d = fixed[0].size();
    Dense a(d, std::vector<double>(d, 0.0));
    std::vector<double> b(d, 0.0);
    const auto add = [&](const std::vector<double>& y, double weight) {
        for (std::size_t r = 0; r < d; ++r)
            for (std::size_t c = 0; c < d; ++c) a[r][c] += weight * y[r] * y[c];
    };
    for (const auto& y : fixed) add(y, a0);
    for (const std::uint32_t j : observed) {
        add(fixed[j], 1);
        for (std::size_t f = 0; f < d; ++f) b[f] += fixed[j][f];
    }
    for (std::size_t f = 0; f < d; ++f)
        a[f][f] += lambda *
                   (static_cast<double>(observed.size()) + a0 * static_cast<double>(fixed.size()));
    return solve(a, b);
}

/// All inner products: what a rotation of both tables leaves as it is.
Dense scores(const Dense& users, const Dense& items) {
    Dense result;
    for (const auto& x : users) {
        std::vector<double>& row = result.emplace_back();
        for (const auto& y : items)
            row.push_back(std::inner_product(x.begin(), x.end(), y.begin(), 0.0));
    }
    return result;
}

Interactions made(const MadeOptions& options = {}) {
    const Prepared data = made_data(options);
    return interactions(data.users, data.ranking.items);
}

double largest_difference(const Dense& a, const Dense& b) {
    double result = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t f = 0; f < a[i].size(); ++f)
            result = std::max(result, std::abs(a[i][f] - b[i][f]));
    return result;
}

}  // namespace

TEST_CASE("interactions by user and by item are the same pairs") {
    const Interactions data = made();
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < data.items(); ++i)
        for (const std::uint32_t u : data.by_item.row(i)) {
            const auto row = data.by_user.row(u);
            CHECK(std::binary_search(row.begin(), row.end(), static_cast<std::uint32_t>(i)));
            ++pairs;
        }
    CHECK(pairs == data.count());
    CHECK(data.count() == 120 * 10);
}

TEST_CASE("alternating least squares never increases its objective") {
    const Interactions data = made();
    for (const double a0 : {0.01, 0.3, 3.0})
        for (const double ridge : {0.0001, 0.003, 0.1}) {
            CAPTURE(a0);
            CAPTURE(ridge);
            Ials model(data, {.factors = 24, .unobserved = a0, .ridge = ridge});
            double before = model.objective();
            const double start = before;
            for (int epoch = 0; epoch < 6; ++epoch) {
                model.epoch();
                const double after = model.objective();
                CHECK(after <= before * (1 + 1e-6));  // float32 solutions
                before = after;
            }
            CHECK(before < start);
        }
}

TEST_CASE("users solve their normal equations, for any number of factors") {
    const Interactions data = made();
    for (const std::uint32_t factors : {1U, 7U, 16U, 31U, 32U, 33U, 64U, 100U}) {
        CAPTURE(factors);
        Ials model(data, {.factors = factors, .unobserved = 0.2, .ridge = 0.01});
        model.epoch();
        const Dense items = copy_of(model.items());
        Dense expected;
        for (std::size_t u = 0; u < data.users(); ++u)
            expected.push_back(exact_row(items, data.by_user.row(u), 0.2, 0.01));
        CHECK(largest_difference(copy_of(model.users()), expected) < 1e-4);
        for (std::size_t u = 0; u < data.users(); ++u)
            for (std::size_t f = factors; f < model.users().stride; ++f)
                REQUIRE(model.users().row(u)[f] == 0);
    }
}

TEST_CASE("epochs follow a dense double-precision reference") {
    const Interactions data = made({.users = 30, .items = 24, .topics = 3, .taken = 6});
    const double a0 = 0.3, ridge = 0.02;
    Ials model(data, {.factors = 5, .unobserved = a0, .ridge = ridge});
    Dense users = copy_of(model.users());
    Dense items = copy_of(model.items());
    for (int epoch = 0; epoch < 4; ++epoch) {
        model.epoch();
        for (std::size_t i = 0; i < items.size(); ++i)
            items[i] = exact_row(users, data.by_item.row(i), a0, ridge);
        for (std::size_t u = 0; u < users.size(); ++u)
            users[u] = exact_row(items, data.by_user.row(u), a0, ridge);
    }
    CHECK(largest_difference(scores(copy_of(model.users()), copy_of(model.items())),
                             scores(users, items)) < 1e-4);
}

TEST_CASE("many short rows, which are solved in their interactions, follow the reference as well") {
    const Interactions data = made({.users = 1500, .items = 60, .topics = 6, .taken = 9});
    const double a0 = 0.3, ridge = 0.02;
    Ials model(data, {.factors = 40, .unobserved = a0, .ridge = ridge});
    Dense users = copy_of(model.users());
    Dense items = copy_of(model.items());
    for (int epoch = 0; epoch < 2; ++epoch) {
        model.epoch();
        for (std::size_t i = 0; i < items.size(); ++i)
            items[i] = exact_row(users, data.by_item.row(i), a0, ridge);
        for (std::size_t u = 0; u < users.size(); ++u)
            users[u] = exact_row(items, data.by_user.row(u), a0, ridge);
    }
    CHECK(largest_difference(scores(copy_of(model.users()), copy_of(model.items())),
                             scores(users, items)) < 1e-4);
    // The item factors were rotated to the axes of their Gram matrix.
    const Factors& table = model.items();
    double across = 0, along = 0;
    for (std::size_t i = 0; i < table.rows; ++i) {
        across += static_cast<double>(table.row(i)[0] * table.row(i)[1]);
        along += static_cast<double>(table.row(i)[0] * table.row(i)[0]);
    }
    CHECK(std::abs(across) < 1e-4 * along);
}

TEST_CASE("rows with fewer and with more interactions than factors are solved alike") {
    // Rows of 0 to 200 interactions, so that every batch size of the kernels occurs; then many
    // short ones, which make a rotation pay.
    std::vector<client::UserData> users(3000);
    for (std::uint32_t u = 0; u < users.size(); ++u) {
        users[u].user = UserId{u};
        for (std::uint32_t i = 0; i < (u <= 200 ? u : 4); ++i)
            users[u].train.push_back({ItemId{u <= 200 ? i : (u * 7 + i * 31) % 200}, 1.0F});
        std::sort(users[u].train.begin(), users[u].train.end(),
                  [](const client::Rating& a, const client::Rating& b) { return a.item < b.item; });
    }
    const Interactions data = interactions(users, 200);
    Ials model(data, {.factors = 100, .unobserved = 0.1, .ridge = 0.005});
    model.epoch();
    const Dense items = copy_of(model.items());
    for (std::uint32_t u = 0; u <= 200; ++u) {
        CAPTURE(u);
        const Dense expected{exact_row(items, data.by_user.row(u), 0.1, 0.005)};
        const auto actual = model.users().vector(u);
        CHECK(largest_difference({{actual.begin(), actual.end()}}, expected) < 1e-4);
    }
}

TEST_CASE("the number of threads does not change a bit of the factors") {
    const Interactions data = made({.users = 700, .items = 600, .topics = 6, .taken = 20});
    const auto fit = [&](unsigned threads) {
        Ials model(data, {.factors = 48, .threads = threads});
        model.epoch();
        model.epoch();
        return model;
    };
    const Ials one = fit(1);
    for (const unsigned threads : {2U, 3U, 8U}) {
        const Ials many = fit(threads);
        CHECK(one.users().values == many.users().values);
        CHECK(one.items().values == many.items().values);
    }
}

TEST_CASE("the weakest ridge yields finite factors") {
    const Interactions data = made();
    Ials model(data, {.factors = 128, .unobserved = 1e-4, .ridge = 1e-6});
    for (int epoch = 0; epoch < 5; ++epoch) model.epoch();
    for (const float value : model.users().values) REQUIRE(std::isfinite(value));
    for (const float value : model.items().values) REQUIRE(std::isfinite(value));
}
