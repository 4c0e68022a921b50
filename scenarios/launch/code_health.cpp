#include "scenarios/launch/code_health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "scenarios/report/format.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t most_users = 1000;

/// Bit k of all items, as a bit set.
std::vector<std::vector<std::uint64_t>> columns_of(const Codes& items) {
    std::vector<std::vector<std::uint64_t>> columns(
        items.bits, std::vector<std::uint64_t>((items.rows + 63) / 64));
    for (std::size_t i = 0; i < items.rows; ++i)
        for (std::uint32_t k = 0; k < items.bits; ++k)
            if (bit(items.row(i), k)) columns[k][i / 64] |= std::uint64_t{1} << (i % 64);
    return columns;
}

double duplicate_share(const Codes& items) {
    std::vector<std::size_t> order(items.rows);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto less = [&items](std::size_t a, std::size_t b) {
        return std::ranges::lexicographical_compare(items.row(a), items.row(b));
    };
    std::ranges::sort(order, less);
    std::size_t duplicates = 0;
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && !less(order[begin], order[end])) ++end;
        if (end - begin > 1) duplicates += end - begin;
    }
    return static_cast<double>(duplicates) / static_cast<double>(items.rows);
}

}  // namespace

CodeHealth code_health(const Codes& items) {
    CodeHealth health;
    const auto n = static_cast<double>(items.rows);
    const auto columns = columns_of(items);
    std::vector<double> means;  // of +1 and -1
    for (const auto& column : columns) {
        double ones = 0;
        for (const std::uint64_t word : column) ones += std::popcount(word);
        means.push_back(2 * ones / n - 1);
        health.balance += std::abs(means.back()) / items.bits;
        health.dead_bits += std::abs(means.back()) == 1 ? 1 : 0;
    }
    std::size_t pairs = 0;
    for (std::size_t a = 0; a < columns.size(); ++a)
        for (std::size_t b = 0; b < a; ++b) {
            if (std::abs(means[a]) == 1 || std::abs(means[b]) == 1) continue;
            double differing = 0;
            for (std::size_t w = 0; w < columns[a].size(); ++w)
                differing += std::popcount(columns[a][w] ^ columns[b][w]);
            const double product = 1 - 2 * differing / n - means[a] * means[b];
            const double scale = std::sqrt((1 - means[a] * means[a]) * (1 - means[b] * means[b]));
            health.correlation += std::abs(product) / scale;
            ++pairs;
        }
    if (pairs > 0) health.correlation /= static_cast<double>(pairs);
    health.duplicates = duplicate_share(items);
    return health;
}

void add_ties(CodeHealth& health, const Codes& items, const Codes& users, std::uint32_t planes,
              const std::vector<client::UserData>& data, std::uint32_t place) {
    health.place = place;
    const std::size_t step = (data.size() + most_users - 1) / most_users;
    double tied = 0, drawn = 0;
    std::size_t counted = 0;
    std::vector<std::uint32_t> histogram((items.bits << planes) + 1);
    for (std::size_t u = 0; u < data.size(); u += std::max<std::size_t>(step, 1)) {
        std::ranges::fill(histogram, 0u);
        auto trained = data[u].train.begin();
        for (std::size_t i = 0; i < items.rows; ++i) {
            if (trained != data[u].train.end() && index(trained->item) == i) {
                ++trained;
                continue;
            }
            std::uint32_t distance = 0;
            for (std::uint32_t p = 0; p < planes; ++p)
                for (std::size_t w = 0; w < items.stride(); ++w)
                    distance += static_cast<std::uint32_t>(
                                    std::popcount(items.row(i)[w] ^ users.row(u * planes + p)[w]))
                                << p;
            ++histogram[distance];
        }
        std::uint32_t nearer = 0;
        for (const std::uint32_t here : histogram) {
            if (nearer + here >= place) {
                tied += here;
                drawn += nearer + here == place ? 0 : place - nearer;
                ++counted;
                break;
            }
            nearer += here;
        }
    }
    if (counted == 0) return;  // nobody has so many items to rank
    health.tied = tied / static_cast<double>(counted);
    health.drawn = drawn / static_cast<double>(counted);
}

std::vector<std::string> collapse_warnings(const CodeHealth& health, std::uint32_t bits,
                                           std::size_t items) {
    // Items with the same raters, such as those with one rating, may well share a code.
    constexpr double more_than_chance = 0.25;
    std::vector<std::string> warnings;
    if (health.dead_bits > 0)
        warnings.push_back(
            fmt::format("{} of {} bits {} the same in all items: they tell no items apart",
                        health.dead_bits, bits, health.dead_bits == 1 ? "is" : "are"));
    const double by_chance =
        -std::expm1(static_cast<double>(items - 1) * std::log1p(-std::exp2(-double(bits))));
    if (health.duplicates > by_chance + more_than_chance)
        warnings.push_back(fmt::format(
            "{:.0f} % of the items share their code with another one; with fair random bits it "
            "would be {:.0f} %",
            100 * health.duplicates, 100 * by_chance));
    if (health.tied && 2 * *health.drawn > health.place && *health.tied > 2 * *health.drawn)
        warnings.push_back(fmt::format(
            "of a list of {}, {:.1f} places are drawn among {:.1f} items at one distance",
            health.place, *health.drawn, *health.tied));
    return warnings;
}

}  // namespace fedhash::scenarios
