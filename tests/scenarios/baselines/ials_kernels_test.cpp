#include "scenarios/baselines/ials_kernels.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "common/random.hpp"
#include "scenarios/baselines/factors.hpp"
#include "scenarios/baselines/ials_dispatch.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Factors random_rows(std::size_t rows, std::size_t dims) {
    Factors table(rows, dims);
    Stream random = stream(11, Purpose::baseline, rows, dims);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t f = 0; f < dims; ++f)
            table.row(i)[f] = static_cast<float>(random() >> 40) * 0x1p-23F - 1.0F;
    return table;
}

/// Largest entry of (diag(spectrum) + sum_j y_j y_j' + ridge I) x - sum_j y_j.
double residual(const std::vector<float>& spectrum, float ridge, const Factors& rows,
                const std::vector<std::uint32_t>& ids, const float* x) {
    std::vector<double> rest(rows.stride);
    for (std::size_t f = 0; f < rows.stride; ++f)
        rest[f] = static_cast<double>(x[f]) * static_cast<double>(spectrum[f] + ridge);
    for (const std::uint32_t id : ids) {
        double miss = -1;
        for (std::size_t f = 0; f < rows.stride; ++f)
            miss += static_cast<double>(rows.row(id)[f]) * static_cast<double>(x[f]);
        for (std::size_t f = 0; f < rows.stride; ++f)
            rest[f] += miss * static_cast<double>(rows.row(id)[f]);
    }
    double largest = 0;
    for (const double value : rest) largest = std::max(largest, std::abs(value));
    return largest;
}

}  // namespace

TEST_CASE("Gram sums of every instruction set are those of the definition") {
    for (const IalsKernels* kernels : usable_ials_kernels())
        for (const std::size_t dims : {1U, 32U, 50U, 96U, 128U})
            for (const std::size_t count : {0U, 1U, 63U, 64U, 65U}) {
                CAPTURE(kernels->name);
                CAPTURE(dims);
                CAPTURE(count);
                const Factors rows = random_rows(count, dims);
                const std::size_t d = rows.stride;
                AlignedFloats gram(d * d, 0.5F);
                kernels->add_gram(rows.values.data(), count, d, gram.data());
                double worst = 0;
                for (std::size_t r = 0; r < d; ++r)
                    for (std::size_t c = r; c < d; ++c) {
                        double sum = 0.5;
                        for (std::size_t i = 0; i < count; ++i)
                            sum += static_cast<double>(rows.row(i)[r]) *
                                   static_cast<double>(rows.row(i)[c]);
                        worst =
                            std::max(worst, std::abs(sum - static_cast<double>(gram[r * d + c])));
                    }
                CHECK(worst < 1e-4);
            }
}

TEST_CASE("rows solved by every instruction set and either way satisfy their normal equations") {
    for (const IalsKernels* kernels : usable_ials_kernels())
        for (const std::size_t dims : {1U, 32U, 50U, 96U, 128U, 160U}) {
            const Factors rows = random_rows(200, dims);
            const std::size_t d = rows.stride;
            AlignedFloats gram(d * d), spectrum(d), work(solve_work(d)), x(d);
            for (std::size_t f = 0; f < dims; ++f)
                gram[f * d + f] = spectrum[f] = 3.0F / static_cast<float>(f + 1);
            const std::vector<float> diagonal(spectrum.begin(), spectrum.end());
            for (const std::size_t count :
                 {1U, 2U, 15U, 16U, 17U, 32U, 33U, 64U, 65U, 80U, 81U, 200U}) {
                std::vector<std::uint32_t> ids(count);
                std::iota(ids.begin(), ids.end(), 0U);
                CAPTURE(kernels->name);
                CAPTURE(dims);
                CAPTURE(count);
                kernels->solve_row(gram.data(), 0.5F, rows.row(0), ids.data(), count, d,
                                   work.data(), x.data());
                CHECK(residual(diagonal, 0.5F, rows, ids, x.data()) < 1e-3);
                if (count > longest_short_row(d)) continue;
                kernels->solve_short_row(spectrum.data(), 0.5F, rows.row(0), ids.data(), count, d,
                                         work.data(), x.data());
                CHECK(residual(diagonal, 0.5F, rows, ids, x.data()) < 1e-3);
            }
        }
}

TEST_CASE("a panel of scores holds inner products") {
    for (const IalsKernels* kernels : usable_ials_kernels()) {
        CAPTURE(kernels->name);
        const std::size_t d = 64, stride = 3 * score_items;
        const Factors users = random_rows(d, score_users);  // transposed: d rows of users
        const Factors items = random_rows(d, score_items);
        AlignedFloats packed;
        for (std::size_t f = 0; f < d; ++f)
            packed.insert(packed.end(), users.row(f), users.row(f) + score_users);
        AlignedFloats out(score_users * stride, 7.0F);
        kernels->score_panel(packed.data(), items.row(0), d, stride, out.data() + score_items);
        for (std::size_t u = 0; u < score_users; ++u)
            for (std::size_t j = 0; j < stride; ++j) {
                const std::size_t item = j - score_items;
                double expected = 7;
                if (j >= score_items && item < score_items) {
                    expected = 0;
                    for (std::size_t f = 0; f < d; ++f)
                        expected += static_cast<double>(users.row(f)[u]) *
                                    static_cast<double>(items.row(f)[item]);
                }
                REQUIRE(static_cast<double>(out[u * stride + j]) ==
                        doctest::Approx(expected).epsilon(1e-5));
            }
    }
}
