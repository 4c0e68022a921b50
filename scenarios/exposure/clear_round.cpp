#include "scenarios/exposure/clear_round.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/noise.hpp"
#include "common/random.hpp"
#include "common/secure/statement.hpp"
#include "scenarios/report/format.hpp"
#include "server/used_sums.hpp"

namespace fedhash::scenarios {

void add_clear(const Variant& variant, std::uint32_t round, UserId user, Aggregate alone,
               ClearRound& clear) {
    const std::int64_t clip = variant.privacy.noise_clip;
    if (variant.privacy.noise_q8 > 0)
        for (std::int64_t& entry : alone.rows) entry = std::clamp(entry, -clip, clip);
    server::Observation upload{round, user, 0, {}, {}, {}};
    for (std::uint32_t i = 0; i < alone.counts.size(); ++i) {
        if (alone.counts[i] == 0) continue;
        const std::span row =
            std::span(alone.rows).subspan(std::size_t{i} * alone.shape.width, alone.shape.width);
        upload.items.push_back(ItemId{i});
        upload.rows.insert(upload.rows.end(), row.begin(), row.end());
        upload.weights.push_back(alone.weights[i]);
    }
    if (clear.sum.shape != alone.shape) clear.sum = Aggregate(alone.shape);
    clear.sum.merge(alone);
    clear.uploads.push_back(std::move(upload));
}

SumCheck check_sums(const Variant& variant, const server::ObservedSum& masked,
                    const ClearRound& clear) {
    if (clear.uploads.empty()) return {};
    const std::uint32_t contributors = variant.privacy.contributors;
    Aggregate expected = clear.sum;
    if (contributors > 1) server::withhold(contributors, expected);
    const std::vector<std::int64_t> opened = secure::flatten(masked.sum),
                                    added = secure::flatten(expected);
    SumCheck check{clear.uploads.size(), added.size(), 0, contributors > 1 ? contributors : 0};
    for (std::size_t c = 0; c < added.size(); ++c) check.different += opened[c] != added[c] ? 1 : 0;
    check.items = expected.counts.size();
    check.few = static_cast<std::size_t>(std::ranges::count_if(
        expected.counts, [](std::int64_t count) { return count > 0 && count < few_users; }));
    if (variant.privacy.noise_q8 == 0) return check;
    double squares = 0;
    for (std::size_t c = 0; c < clear.sum.rows.size(); ++c)
        squares += std::pow(static_cast<double>(masked.sum.rows[c] - clear.sum.rows[c]), 2);
    check.noise = std::sqrt(squares / static_cast<double>(clear.sum.rows.size()));
    check.promised =
        std::sqrt(static_cast<double>(noise_of(variant)[0].variance * clear.uploads.size()));
    return check;
}

std::string sum_text(const SumCheck& check) {
    if (check.users == 0) return "Of this round no masked sum was opened.";
    const std::string users = report::counted(check.users, "masked upload", "masked uploads");
    const std::string integers = report::counted(check.integers, "integer", "integers");
    const std::string released =
        check.contributors == 0
            ? ""
            : fmt::format(", with nothing of items with fewer than {} contributors",
                          check.contributors);
    if (check.promised > 0)
        return fmt::format(
            "{} add up to what they do in clear and noise: in rows of standard deviation {:.1f}, "
            "where {:.1f} are promised.",
            users, check.noise, check.promised);
    if (check.different > 0)
        return fmt::format("{} do NOT add up to what they do in clear: {} of {} differ{}.", users,
                           report::count_text(check.different), integers, released);
    return fmt::format(
        "{} add up to what they do in clear: {}, all equal{}; {:.1f} % of items are sums of fewer "
        "than {} users.",
        users, integers, released,
        100 * static_cast<double>(check.few) / static_cast<double>(check.items), few_users);
}

Questioned question_users(const server::ObservedSum& masked, const ClearRound& clear) {
    const AggregateShape& shape = clear.sum.shape;
    // Each item is asked about for one of its users, for whom the fewest are yet.
    constexpr std::size_t nobody = ~std::size_t{0};
    std::vector<std::size_t> whose(shape.items, nobody), asked(clear.uploads.size());
    std::vector<std::vector<std::size_t>> users_of(shape.items);
    for (std::size_t u = 0; u < clear.uploads.size(); ++u)
        for (const ItemId item : clear.uploads[u].items) users_of[index(item)].push_back(u);
    for (std::size_t i = 0; i < shape.items; ++i) {
        if (users_of[i].empty()) continue;
        whose[i] =
            *std::ranges::min_element(users_of[i], {}, [&](std::size_t u) { return asked[u]; });
        ++asked[whose[i]];
    }
    Stream random = stream(2, Purpose::audit);
    Questioned questioned;
    for (std::size_t u = 0; u < clear.uploads.size(); ++u) {
        if (asked[u] == 0) continue;
        const server::Observation& own = clear.uploads[u];
        const bool present = (random() & 1) != 0;
        attacks::Candidate candidate{.user = own.user};
        for (std::size_t j = 0; j < own.items.size(); ++j) {
            const std::size_t i = index(own.items[j]);
            if (whose[i] != u) continue;
            // The other uploads are taken off; then the own one is all that is left beside noise.
            const auto add = [&](std::int64_t entry, std::int64_t opened, std::int64_t all,
                                 std::vector<std::int64_t>& upload,
                                 std::vector<std::int64_t>& left) {
                upload.push_back(entry);
                left.push_back(opened - all + (present ? entry : 0));
            };
            for (std::size_t a = 0; a < shape.width; ++a)
                add(own.rows[j * shape.width + a], masked.sum.rows[i * shape.width + a],
                    clear.sum.rows[i * shape.width + a], candidate.rows, candidate.rows_left);
            add(1, masked.sum.counts[i], clear.sum.counts[i], candidate.counts,
                candidate.counts_left);
            add(own.weights[j], masked.sum.weights[i], clear.sum.weights[i], candidate.weights,
                candidate.weights_left);
        }
        questioned.candidates.push_back(std::move(candidate));
        questioned.present.push_back(present);
    }
    return questioned;
}

}  // namespace fedhash::scenarios
