#include "scenarios/data/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "common/errors.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

template <class Keep>
void keep_rows(std::vector<Interaction>& rows, Keep keep) {
    std::erase_if(rows, [&](const Interaction& row) { return !keep(row); });
}

std::vector<std::uint32_t> counts_of(const std::vector<Interaction>& rows,
                                     std::uint32_t Interaction::*side, std::size_t n) {
    std::vector<std::uint32_t> counts(n, 0);
    for (const Interaction& row : rows) ++counts[row.*side];
    return counts;
}

void keep_popular(std::vector<Interaction>& rows, std::size_t items, std::size_t most) {
    const auto counts = counts_of(rows, &Interaction::item, items);
    std::vector<std::uint32_t> order(items);
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return counts[a] > counts[b]; });
    std::vector<bool> kept(items, false);
    for (std::size_t i = 0; i < std::min(most, items); ++i) kept[order[i]] = true;
    keep_rows(rows, [&](const Interaction& row) { return kept[row.item]; });
}

void keep_first_users(std::vector<Interaction>& rows, std::size_t users, std::size_t most) {
    const auto counts = counts_of(rows, &Interaction::user, users);
    std::vector<bool> kept(users, false);
    for (std::size_t u = 0, taken = 0; u < users && taken < most; ++u)
        if (counts[u] > 0) kept[u] = true, ++taken;
    keep_rows(rows, [&](const Interaction& row) { return kept[row.user]; });
}

/// The rows of each user or item, as numbers of rows: those of x are at [begin[x], begin[x + 1]).
struct RowsOf {
    std::vector<std::size_t> begin;
    std::vector<std::size_t> row;
};

RowsOf rows_of(const std::vector<Interaction>& rows, std::uint32_t Interaction::*side,
               std::size_t n) {
    RowsOf out{std::vector<std::size_t>(n + 1, 0), std::vector<std::size_t>(rows.size())};
    for (const Interaction& row : rows) ++out.begin[row.*side + 1];
    std::partial_sum(out.begin.begin(), out.begin.end(), out.begin.begin());
    std::vector<std::size_t> next(out.begin.begin(), out.begin.end() - 1);
    for (std::size_t r = 0; r < rows.size(); ++r) out.row[next[rows[r].*side]++] = r;
    return out;
}

std::vector<std::uint32_t> present(const std::vector<std::uint32_t>& counts) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0) out.push_back(i);
    return out;
}

std::vector<std::uint32_t> all_of_them(std::size_t n) {
    std::vector<std::uint32_t> out(n);
    std::iota(out.begin(), out.end(), 0U);
    return out;
}

}  // namespace

void keep_k_core(std::vector<Interaction>& rows, std::size_t users, std::size_t items,
                 std::uint32_t k) {
    // Users and items are the nodes of one graph, items behind the users; a node that falls below k
    // is queued once.
    const RowsOf by_user = rows_of(rows, &Interaction::user, users),
                 by_item = rows_of(rows, &Interaction::item, items);
    const auto rows_at = [&](std::size_t node) {
        return node < users
                   ? std::span(by_user.row)
                         .subspan(by_user.begin[node],
                                  by_user.begin[node + 1] - by_user.begin[node])
                   : std::span(by_item.row)
                         .subspan(by_item.begin[node - users],
                                  by_item.begin[node - users + 1] - by_item.begin[node - users]);
    };
    std::vector<std::size_t> degree(users + items), queue;
    std::vector<bool> dropped(rows.size(), false);
    for (std::size_t node = 0; node < degree.size(); ++node) {
        degree[node] = rows_at(node).size();
        if (degree[node] < k) queue.push_back(node);
    }
    while (!queue.empty()) {
        const std::size_t node = queue.back();
        queue.pop_back();
        for (std::size_t r : rows_at(node)) {
            if (dropped[r]) continue;
            dropped[r] = true;
            for (std::size_t end : {std::size_t{rows[r].user}, users + rows[r].item})
                if (degree[end]-- == k) queue.push_back(end);
        }
    }
    std::size_t kept = 0;
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (!dropped[r]) rows[kept++] = rows[r];
    rows.resize(kept);
}

Kept apply_filters(std::vector<Interaction>& rows, std::size_t users, std::size_t items,
                   const DataSettings& settings, std::vector<std::string>& notices) {
    bool filtered = false;
    const auto step = [&](bool wanted, const std::string& setting, auto&& filter) {
        if (!wanted) return;
        filtered = true;
        const std::size_t before = rows.size();
        filter();
        if (rows.empty())
            throw DataError(
                fmt::format("{} leaves none of the {} interactions; choose a lower value", setting,
                            grouped(before)));
        notices.push_back(fmt::format("{} dropped {} of {} interactions", setting,
                                      grouped(before - rows.size()), grouped(before)));
    };
    step(settings.threshold != 0, fmt::format("data.threshold={}", settings.threshold), [&] {
        keep_rows(rows, [&](const Interaction& row) { return row.rating >= settings.threshold; });
    });
    step(settings.max_items > 0, fmt::format("data.max_items={}", settings.max_items),
         [&] { keep_popular(rows, items, settings.max_items); });
    step(settings.max_users > 0, fmt::format("data.max_users={}", settings.max_users),
         [&] { keep_first_users(rows, users, settings.max_users); });
    step(settings.k_core > 0, fmt::format("data.k_core={}", settings.k_core),
         [&] { keep_k_core(rows, users, items, settings.k_core); });
    if (!filtered) return {all_of_them(users), all_of_them(items)};

    Kept kept{present(counts_of(rows, &Interaction::user, users)),
              present(counts_of(rows, &Interaction::item, items))};
    renumber(rows, kept, users, items);
    return kept;
}

void renumber(std::vector<Interaction>& rows, const Kept& kept, std::size_t users,
              std::size_t items) {
    std::vector<std::uint32_t> user_number(users), item_number(items);
    for (std::uint32_t i = 0; i < kept.users.size(); ++i) user_number[kept.users[i]] = i;
    for (std::uint32_t i = 0; i < kept.items.size(); ++i) item_number[kept.items[i]] = i;
    for (Interaction& row : rows) {
        row.user = user_number[row.user];
        row.item = item_number[row.item];
    }
}

}  // namespace fedhash::scenarios
