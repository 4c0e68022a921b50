#include "client/shared.hpp"

#include <cmath>

#include "common/kernels/kernels.hpp"
#include "common/wire/own_rows.hpp"
#include "common/wire/plane.hpp"

namespace fedhash::client {

namespace {

void derive_codes(Shared& shared) {
    const Codes& items = shared.tables.codes;
    std::vector<std::uint64_t> planes;
    bit_planes(items.words.data(), items.bits, items.rows, planes);
    const std::size_t blocks = (items.rows + 63) / 64;
    shared.code_gram.resize(std::size_t{items.bits} * items.bits);
    kernels().gram(planes.data(), blocks, items.bits, static_cast<std::uint32_t>(items.rows),
                   shared.code_gram.data());
    shared.code_sum.assign(items.bits, 0);
    for (std::uint32_t a = 0; a < items.bits; ++a) {
        std::int64_t ones = 0;
        for (std::size_t block = 0; block < blocks; ++block)
            ones += std::popcount(planes[block * items.bits + a]);
        shared.code_sum[a] = 2 * ones - static_cast<std::int64_t>(items.rows);
    }
    const Plane& bias = shared.tables.plane(PlaneId::bias);
    shared.bias_along.assign(items.bits, 0);
    shared.bias_sum = shared.bias_square = 0;
    for (std::size_t i = 0; i < bias.values.size(); ++i) {
        const std::int64_t value = bias.values[i];
        shared.bias_sum += value;
        shared.bias_square += value * value;
        for (std::uint32_t a = 0; a < items.bits; ++a)
            shared.bias_along[a] += sign(items.row(i), a) * value;
    }
}

void derive_factors(Shared& shared) {
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const Plane& weights = shared.tables.plane(PlaneId::item_weights);
    const std::size_t q = factors.cols;
    // Items of one weight are summed in integers; there are few different weights.
    std::vector<std::vector<const std::int16_t*>> by_weight;
    for (std::size_t i = 0; i < factors.rows; ++i) {
        const auto weight = static_cast<std::size_t>(weights.empty() ? 0 : weights.values[i]);
        if (by_weight.size() <= weight) by_weight.resize(weight + 1);
        by_weight[weight].push_back(factors.row(i).data());
    }
    shared.factor_gram.assign(q * q, 0);
    std::vector<std::int64_t> gram;
    for (std::size_t weight = 0; weight < by_weight.size(); ++weight) {
        if (by_weight[weight].empty()) continue;
        gram.assign(q * q, 0);
        kernels().gram16(by_weight[weight].data(), by_weight[weight].size(),
                         static_cast<std::uint32_t>(q), gram.data());
        const double g = weights.empty() ? 1.0
                                         : std::ldexp(static_cast<double>(weight),
                                                      -static_cast<int>(weights.fraction));
        const double scale = g * std::ldexp(1.0, -2 * static_cast<int>(factors.fraction));
        for (std::size_t a = 0; a < q; ++a)
            for (std::size_t b = 0; b <= a; ++b) {
                shared.factor_gram[a * q + b] += scale * static_cast<double>(gram[a * q + b]);
                shared.factor_gram[b * q + a] = shared.factor_gram[a * q + b];
            }
    }
}

}  // namespace

void Shared::take(wire::View body, const Variant& variant, std::uint32_t items) {
    derived = 0;
    wire::apply_tables(body, variant, items, tables);
}

void Shared::take_rows(wire::View body, const Variant& variant, std::uint32_t items,
                       std::span<const ItemId> rows) {
    derived = 0;
    wire::apply_rows(body, variant, items, rows, tables);
}

void Shared::derive() {
    if (derived == tables.version) return;
    derived = tables.version;
    if (tables.codes.rows > 0) derive_codes(*this);
    if (!tables.plane(PlaneId::factors).empty()) derive_factors(*this);
}

}  // namespace fedhash::client
