#include "scenarios/baselines/ials.hpp"

#include <cassert>
#include <cmath>

#include "common/random.hpp"
#include "scenarios/baselines/ials_dispatch.hpp"
#include "scenarios/baselines/parallel.hpp"
#include "scenarios/baselines/rotation.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t solve_block = 16;  // rows a thread takes at a time

/// Y'Y, upper half. Rows are summed in blocks that depend on their number alone, the blocks in
/// double precision in order.
AlignedFloats gram_matrix(const Factors& table, unsigned threads) {
    constexpr std::size_t most_blocks = 64;
    const std::size_t d = table.stride;
    const std::size_t rows =
        std::max<std::size_t>(256, (table.rows + most_blocks - 1) / most_blocks);
    const std::size_t blocks = (table.rows + rows - 1) / rows;
    AlignedFloats parts(blocks * d * d);
    for_blocks(blocks, 1, threads, [&](std::size_t, std::size_t first, std::size_t last) {
        for (std::size_t block = first; block < last; ++block) {
            const std::size_t end = std::min(table.rows, (block + 1) * rows);
            for (std::size_t row = block * rows; row < end; row += gather_rows)
                ials_kernels().add_gram(table.row(row), std::min(gather_rows, end - row), d,
                                        parts.data() + block * d * d);
        }
    });
    AlignedFloats result(d * d);
    for (std::size_t i = 0; i < d * d; ++i) {
        double sum = 0;
        for (std::size_t block = 0; block < blocks; ++block)
            sum += static_cast<double>(parts[block * d * d + i]);
        result[i] = static_cast<float>(sum);
    }
    return result;
}

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

double cube(double x) { return x * x * x; }

/// Multiply-adds to solve a row in its d factors, or in its n interactions.
double long_cost(double n, double d) { return n * d * d / 2 + cube(d) / 6; }
double short_cost(double n, double d) {
    const double step = factor_step;
    const double padded = std::ceil(n / step) * step;
    return padded * padded * d / 2 + cube(padded) / 6;
}

bool is_short(std::size_t n, std::size_t d) { return n <= longest_short_row(d); }

/// Whether what short rows save is worth the rotation: rows d^2, and an eigendecomposition that,
/// serial and in double precision, takes as long as some 100 d^3 of the kernels' operations.
bool rotation_pays(const SparseRows& observed, const Factors& fixed) {
    const double d = static_cast<double>(fixed.stride);
    double saved = 0;
    for (std::size_t i = 0; i < observed.rows(); ++i) {
        const std::size_t n = observed.row(i).size();
        if (n > 0 && is_short(n, fixed.stride))
            saved += long_cost(static_cast<double>(n), d) - short_cost(static_cast<double>(n), d);
    }
    return saved > static_cast<double>(fixed.rows) * d * d + 100 * cube(d);
}

/// sum_i (n_i + a0 m) |y_i|^2, for the rows of one side.
double penalty(const Factors& table, const SparseRows& observed, double a0, std::size_t others) {
    double sum = 0;
    for (std::size_t i = 0; i < table.rows; ++i)
        sum += (static_cast<double>(observed.row(i).size()) + a0 * static_cast<double>(others)) *
               dot(table.vector(i), table.vector(i));
    return sum;
}

}  // namespace

Ials::Ials(const Interactions& data, const IalsOptions& options)
    : data_(data),
      options_(options),
      users_(data.users(), options.factors),
      items_(data.items(), options.factors) {
    assert(options.ridge > 0 && options.unobserved > 0);
    options_.threads = thread_count(options.threads);
    Stream random = stream(options.seed, Purpose::baseline, 2);
    const double width = 0.1 * std::sqrt(12.0 / options.factors);
    for (std::size_t i = 0; i < items_.rows; ++i)
        for (std::size_t f = 0; f < items_.dims; ++f)
            items_.row(i)[f] = static_cast<float>(
                width * (std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5));
    fit(data_.by_user, items_, users_);
}

void Ials::epoch() {
    fit(data_.by_item, users_, items_);
    fit(data_.by_user, items_, users_);
}

void Ials::fit(const SparseRows& observed, Factors& fixed, Factors& fitted) const {
    const std::size_t d = fixed.stride;
    const bool rotated = rotation_pays(observed, fixed);
    AlignedFloats gram = gram_matrix(fixed, options_.threads);
    AlignedFloats spectrum(rotated ? d : 0);
    if (rotated) {
        spectrum = rotate_to_axes(fixed, gram, options_.threads);
        for (float& value : spectrum) value *= static_cast<float>(options_.unobserved);
        std::fill(gram.begin(), gram.end(), 0.0F);
        for (std::size_t f = 0; f < d; ++f) gram[f * d + f] = spectrum[f];
    } else {
        for (float& value : gram) value *= static_cast<float>(options_.unobserved);
    }

    const double everywhere = options_.unobserved * static_cast<double>(fixed.rows);
    const auto solve = [&](std::size_t i, float* work) {
        const std::span<const std::uint32_t> ids = observed.row(i);
        if (ids.empty()) {  // the minimiser is 0
            std::fill_n(fitted.row(i), d, 0.0F);
            return;
        }
        const auto ridge =
            static_cast<float>(options_.ridge * (static_cast<double>(ids.size()) + everywhere));
        if (rotated && is_short(ids.size(), d))
            ials_kernels().solve_short_row(spectrum.data(), ridge, fixed.row(0), ids.data(),
                                           ids.size(), d, work, fitted.row(i));
        else
            ials_kernels().solve_row(gram.data(), ridge, fixed.row(0), ids.data(), ids.size(), d,
                                     work, fitted.row(i));
    };
    std::vector<AlignedFloats> work(options_.threads);
    for_blocks(fitted.rows, solve_block, options_.threads,
               [&](std::size_t worker, std::size_t first, std::size_t last) {
                   if (work[worker].empty()) work[worker].resize(solve_work(d));
                   for (std::size_t i = first; i < last; ++i) solve(i, work[worker].data());
               });
}

double Ials::objective() const {
    double observed = 0;
    for (std::size_t u = 0; u < users_.rows; ++u)
        for (const std::uint32_t i : data_.by_user.row(u)) {
            const double miss = dot(users_.vector(u), items_.vector(i)) - 1;
            observed += miss * miss;
        }
    // sum_all (x.y)^2 = <X'X, Y'Y>, here from its definition: exactness matters more than speed.
    std::vector<double> x(users_.dims * users_.dims), y(x.size());
    const auto add = [](const Factors& table, std::vector<double>& gram) {
        for (std::size_t i = 0; i < table.rows; ++i)
            for (std::size_t a = 0; a < table.dims; ++a)
                for (std::size_t b = 0; b < table.dims; ++b)
                    gram[a * table.dims + b] +=
                        static_cast<double>(table.row(i)[a]) * static_cast<double>(table.row(i)[b]);
    };
    add(users_, x);
    add(items_, y);
    double all = 0;
    for (std::size_t i = 0; i < x.size(); ++i) all += x[i] * y[i];
    const double a0 = options_.unobserved;
    return observed + a0 * all +
           options_.ridge * (penalty(users_, data_.by_user, a0, data_.items()) +
                             penalty(items_, data_.by_item, a0, data_.users()));
}

double epoch_cost(const Interactions& data, std::uint32_t factors) {
    const auto side = [factors](const SparseRows& observed) {
        double sum = 0;
        for (std::size_t i = 0; i < observed.rows(); ++i) {
            const auto n = static_cast<double>(observed.row(i).size());
            sum += is_short(observed.row(i).size(), factors) ? short_cost(n, factors)
                                                             : long_cost(n, factors);
        }
        return sum;
    };
    return side(data.by_user) + side(data.by_item);
}

}  // namespace fedhash::scenarios
