#include "server/used_sums.hpp"

#include <algorithm>
#include <span>

#include "common/fixed_point.hpp"
#include "common/item_noise.hpp"

namespace fedhash::server {

namespace {

/// L (heard - q all) / (p - q), to the nearest.
std::int64_t unbiased(std::int64_t heard, std::int64_t all, const PrivacyVariant& privacy) {
    const auto [p, q] = report_noise(privacy);
    const Wide above =
        items_a_report(privacy) * ((static_cast<Wide>(heard) << 32) - static_cast<Wide>(q) * all);
    const Wide below = Wide{p} - q;
    return static_cast<std::int64_t>((above + (above < 0 ? -below / 2 : below / 2)) / below);
}

}  // namespace

void undo_noise(const Variant& variant, const Tables& tables, Aggregate& sums) {
    const std::uint32_t k = variant.bits;
    const PrivacyVariant& privacy = variant.privacy;
    const std::int64_t w = variant.weight;
    for (std::size_t i = 0; i < sums.shape.items; ++i) {
        const CodeView d = tables.codes.row(i);
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int64_t along = 0;
            for (std::uint32_t b = 0; b < k; ++b) along += sums.gram[a * k + b] * sign(d, b);
            std::int64_t& entry = sums.rows[i * k + a];
            entry = unbiased(entry, w * (sums.cross[a] - unit * along), privacy);
        }
        const auto users = static_cast<std::int64_t>(sums.users);
        sums.counts[i] = std::max<std::int64_t>(0, unbiased(sums.counts[i], users, privacy));
        sums.weights[i] = unit * w * sums.counts[i];
    }
}

void tame(Aggregate& sums) {
    for (auto* part : {&sums.counts, &sums.weights})
        for (std::int64_t& value : *part) value = std::max<std::int64_t>(0, value);
}

void withhold(std::uint32_t contributors, Aggregate& sums) {
    for (std::size_t i = 0; i < sums.shape.items; ++i) {
        if (sums.counts[i] >= contributors) continue;
        const std::size_t width = sums.shape.width;
        std::ranges::fill(std::span(sums.rows).subspan(i * width, width), 0);
        sums.counts[i] = sums.weights[i] = 0;
        if (!sums.shape.second) continue;
        const std::size_t triangle = Aggregate::triangle(sums.shape.width);
        std::ranges::fill(std::span(sums.second).subspan(i * triangle, triangle), 0);
    }
}

void add_prior(std::uint32_t prior, const Tables& tables, Aggregate& sums) {
    const std::uint32_t k = tables.codes.bits;
    for (std::size_t i = 0; i < tables.codes.rows; ++i)
        for (std::uint32_t a = 0; a < k; ++a)
            sums.rows[i * k + a] += std::int64_t{prior} * sign(tables.codes.row(i), a);
}

void make_usable(const Variant& variant, const Tables& tables, Aggregate& sums) {
    const PrivacyVariant& privacy = variant.privacy;
    if (privacy.items != "exact") undo_noise(variant, tables, sums);
    if (privacy.noise_q8 > 0) tame(sums);
    if (privacy.contributors > 1) withhold(privacy.contributors, sums);
    if (privacy.prior > 0) add_prior(privacy.prior, tables, sums);
}

}  // namespace fedhash::server
