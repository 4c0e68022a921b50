// Slow, obvious versions of what the project computes fast. Nothing here shares code with what it
// checks beyond the value types: sums are plain loops over signs, one element at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/aggregate.hpp"
#include "common/codes.hpp"
#include "common/ids.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::reference {

/// One code as a vector of -1 and +1.
inline std::vector<std::int64_t> signs(CodeView code, std::uint32_t bits) {
    std::vector<std::int64_t> result(bits);
    for (std::uint32_t a = 0; a < bits; ++a) {
        const std::uint64_t word = code[a / 64];
        result[a] = (word & (std::uint64_t{1} << (a % 64))) != 0 ? 1 : -1;
    }
    return result;
}

inline std::int64_t dot(CodeView x, CodeView y, std::uint32_t bits) {
    const auto p = signs(x, bits), q = signs(y, bits);
    std::int64_t sum = 0;
    for (std::uint32_t a = 0; a < bits; ++a) sum += p[a] * q[a];
    return sum;
}

inline Codes random_codes(std::uint32_t bits, std::size_t rows, Stream& random) {
    Codes codes(bits, rows);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::uint32_t a = 0; a < bits; ++a)
            if (random() % 2 == 0) flip(codes.row(i), a);
    return codes;
}

/// sum over the rows of x x', k x k.
inline std::vector<std::int64_t> gram(const Codes& codes, std::span<const std::uint32_t> rows) {
    const std::uint32_t k = codes.bits;
    std::vector<std::int64_t> result(std::size_t{k} * k);
    for (std::uint32_t row : rows) {
        const auto x = signs(codes.row(row), k);
        for (std::uint32_t a = 0; a < k; ++a)
            for (std::uint32_t b = 0; b < k; ++b) result[a * k + b] += x[a] * x[b];
    }
    return result;
}

/// CRC32C, bit by bit (polynomial 0x1EDC6F41 reflected).
inline std::uint32_t crc32c(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
    crc = ~crc;
    for (std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int b = 0; b < 8; ++b) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    }
    return ~crc;
}

/// alpha x'Ax - 2 c'x.
template <class A, class C>
std::int64_t objective(std::int64_t alpha, const A& matrix, const C& c,
                       std::span<const std::int64_t> x) {
    const std::size_t k = x.size();
    std::int64_t total = 0;
    for (std::size_t a = 0; a < k; ++a) {
        for (std::size_t b = 0; b < k; ++b)
            total += alpha * x[a] * std::int64_t{matrix[a * k + b]} * x[b];
        total -= 2 * c[a] * x[a];
    }
    return total;
}

/// One sweep bit by bit, every product from scratch:
///   x_a <- sign(64 c_a - alpha (64 (Ax)_a - own A_aa x_a)), the old bit at 0.
template <class A, class C>
void sweep(std::int64_t alpha, const A& matrix, const C& c, std::int64_t own,
           std::vector<std::int64_t>& x) {
    const std::size_t k = x.size();
    for (std::size_t a = 0; a < k; ++a) {
        std::int64_t others = 0;
        for (std::size_t b = 0; b < k; ++b) others += std::int64_t{matrix[a * k + b]} * x[b];
        const std::int64_t argument =
            64 * c[a] - alpha * (64 * others - own * std::int64_t{matrix[a * k + a]} * x[a]);
        if (argument != 0) x[a] = argument > 0 ? 1 : -1;
    }
}

inline void put_signs(std::span<const std::int64_t> x, std::span<std::uint64_t> code) {
    std::fill(code.begin(), code.end(), 0);
    for (std::size_t a = 0; a < x.size(); ++a)
        if (x[a] > 0) flip(code, a);
}

/// s(b, d) by its definition, bit by bit; `v` are the weights of the bits (empty: ones).
inline std::int64_t score(std::string_view similarity, CodeView b, CodeView d, std::uint32_t bits,
                          std::span<const std::int16_t> v = {}) {
    const auto x = signs(b, bits), y = signs(d, bits);
    std::int64_t sum = 0;
    for (std::uint32_t a = 0; a < bits; ++a) {
        if (similarity == "projected")  // k, less four for every bit that only the user has
            sum += x[a] == 1 && y[a] == -1 ? -3 : 1;
        else
            sum += (v.empty() ? 1 : v[a]) * x[a] * y[a];
    }
    return sum;
}

/// psi(b): how the score depends on the item's code.
inline std::vector<std::int64_t> psi(std::string_view similarity, CodeView b, std::uint32_t bits,
                                     std::span<const std::int16_t> v = {}) {
    std::vector<std::int64_t> x = signs(b, bits);
    for (std::uint32_t a = 0; a < bits; ++a) {
        if (similarity == "projected") x[a] = x[a] == 1 ? 2 : 0;
        if (!v.empty()) x[a] *= v[a];
    }
    return x;
}

/// What the server should add for one user of the uplink `residual`, in the order of the formula:
/// `pulls` e and `weights` W are parallel to the items.
inline void hear_residual(std::span<const std::int64_t> psi_b, std::span<const std::int64_t> pulls,
                          std::span<const std::int64_t> weights, std::span<const ItemId> items,
                          Aggregate& sum) {
    const std::size_t k = psi_b.size();
    for (std::size_t j = 0; j < items.size(); ++j) {
        const std::size_t i = index(items[j]);
        for (std::size_t a = 0; a < k; ++a) sum.rows[i * k + a] += pulls[j] * psi_b[a];
        sum.counts[i] += 1;
        sum.weights[i] += weights[j];
    }
    for (std::size_t a = 0; a < k; ++a)
        for (std::size_t c = 0; c < k; ++c) sum.gram[a * k + c] += psi_b[a] * psi_b[c];
    for (std::size_t a = 0; a < k; ++a) sum.vectors[a] += psi_b[a];
    sum.users += 1;
}

/// The same for a user whose items share one target: e = w (t - s), W = w, all in 1/16.
inline void hear_target(const Variant& variant, CodeView b, std::int64_t target,
                        std::span<const ItemId> items, const Codes& codes, Aggregate& sum,
                        std::span<const std::int16_t> v = {}) {
    const std::int64_t w = variant.weight;
    std::vector<std::int64_t> pulls;
    for (ItemId item : items)
        pulls.push_back(w * (target - 16 * score(variant.similarity, b, codes.row(index(item)),
                                                 codes.bits, v)));
    hear_residual(psi(variant.similarity, b, codes.bits, v), pulls,
                  std::vector<std::int64_t>(items.size(), 16 * w), items, sum);
}

/// The same for `vector`: x in 2^-12, o in 2^-8, residuals rounded to 2^-12.
inline void hear_vector(std::span<const std::int16_t> x, std::span<const std::int16_t> t,
                        std::int64_t o, std::span<const ItemId> items, const Plane& factors,
                        Aggregate& sum) {
    const std::size_t k = x.size(), q = t.size();
    for (ItemId item : items) {
        const std::size_t i = index(item);
        double score = 0, norm = 0;  // whole numbers, exact
        for (std::size_t a = 0; a < k; ++a) {
            score += double(x[a]) * double(factors.values[i * k + a]);
            norm += double(x[a]) * double(x[a]);
        }
        const auto residual = static_cast<std::int64_t>(
            std::floor(4096 - std::ldexp(score, -int{factors.fraction}) + 0.5));
        for (std::size_t a = 0; a < k; ++a) sum.rows[i * k + a] += o * residual * x[a];
        sum.counts[i] += 1;
        sum.weights[i] += o * static_cast<std::int64_t>(norm);
    }
    for (std::size_t a = 0; a < k; ++a) {
        sum.vectors[a] += x[a];
        for (std::size_t b = 0; b < k; ++b) sum.gram[a * k + b] += o * x[a] * x[b];
        for (std::size_t b = 0; b < q; ++b) sum.cross[a * q + b] += o * x[a] * t[b];
    }
    sum.users += 1;
}

/// The same for `gradients` and the square loss: w_u w (R - s_{-a}) b_a, where s_{-a} leaves bit a
/// out of the score; `weight` is the product of the weights, in 1/16.
inline void hear_gradients(CodeView b, std::int64_t weight, std::span<const std::int32_t> targets,
                           std::span<const ItemId> items, const Codes& codes, Aggregate& sum) {
    const std::uint32_t k = codes.bits;
    const auto x = signs(b, k);
    for (std::size_t j = 0; j < items.size(); ++j) {
        const auto d = signs(codes.row(index(items[j])), k);
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int64_t without = 0;
            for (std::uint32_t c = 0; c < k; ++c) without += c == a ? 0 : x[c] * d[c];
            sum.rows[index(items[j]) * k + a] += weight * (targets[j] - 16 * without) * x[a];
        }
        sum.counts[index(items[j])] += 1;
    }
    sum.users += 1;
}

/// The curvature rule: for every item, sweeps over  (c0 m + W_i) H  and its right-hand side
/// m G_i + W_i H d0, in 1/16.
inline Codes curvature_step(const Codes& items, const Aggregate& sums, const Variant& variant,
                            std::int64_t own) {
    const std::uint32_t k = items.bits;
    const auto m = static_cast<std::int64_t>(sums.users);
    Codes result = items;
    for (std::size_t i = 0; i < items.rows; ++i) {
        const std::vector<std::int64_t> before = signs(items.row(i), k);
        std::vector<std::int64_t> c(k);
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int64_t curved = 0;
            for (std::uint32_t b = 0; b < k; ++b) curved += sums.gram[a * k + b] * before[b];
            c[a] = m * sums.rows[i * k + a] + sums.weights[i] * curved;
        }
        const std::int64_t alpha = 16 * std::int64_t{variant.interaction} * m + sums.weights[i];
        std::vector<std::int64_t> x = before;
        if (alpha == 0) continue;  // nobody listed it
        for (std::uint32_t s = 0; s < variant.sweeps; ++s) sweep(alpha, sums.gram, c, own, x);
        put_signs(x, result.row(i));
    }
    return result;
}

/// LightFR's rule, column sums recomputed for every bit.
inline Codes gradient_step(const Codes& items, const Aggregate& sums, const Variant& variant) {
    const std::uint32_t k = items.bits;
    Codes result = items;
    for (std::size_t i = 0; i < items.rows; ++i) {
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int64_t others = 0;
            for (std::size_t j = 0; j < items.rows; ++j)
                others += j == i ? 0 : sign(result.row(j), a);
            const std::int64_t argument =
                sums.rows[i * k + a] - 2 * 16 * std::int64_t{variant.balance_units} * others;
            if (argument != 0 && (argument > 0) != bit(result.row(i), a)) flip(result.row(i), a);
        }
    }
    return result;
}

}  // namespace fedhash::reference
