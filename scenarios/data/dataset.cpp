#include "scenarios/data/dataset.hpp"

#include <algorithm>

namespace fedhash::scenarios {
namespace {

std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> out(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) out[order[i]] = i;
    return out;
}

template <class Row>
void renumber(std::vector<Row>& rows, const std::vector<std::uint32_t>& users,
              const std::vector<std::uint32_t>& items) {
    for (Row& row : rows) {
        row.user = users[row.user];
        row.item = items[row.item];
    }
}

}  // namespace

FixedNames put_in_fixed_order(Dataset& data) {
    const auto user_order = data.users.fixed_order(), item_order = data.items.fixed_order();
    const auto user_number = inverse(user_order), item_number = inverse(item_order);
    for (auto* rows : {&data.train, &data.valid, &data.test})
        renumber(*rows, user_number, item_number);
    for (auto* rows : {&data.valid_candidates, &data.test_candidates})
        renumber(*rows, user_number, item_number);
    data.item_titles = selected(data.item_titles, item_order);
    for (Attribute& attribute : data.user_attributes)
        attribute.values = selected(attribute.values, user_order);
    for (Attribute& attribute : data.item_attributes)
        attribute.values = selected(attribute.values, item_order);
    if (data.planted) {
        const std::size_t words = (data.planted->bits + 63) / 64;
        data.planted->users = selected(data.planted->users, user_order, words);
        data.planted->items = selected(data.planted->items, item_order, words);
    }
    return {selected(data.users.list(), user_order), selected(data.items.list(), item_order)};
}

std::size_t keep_last_of_pairs(std::vector<Interaction>& rows, std::size_t users) {
    // A counting sort by user keeps the order of the file; what is left to sort is one user at a
    // time.
    std::vector<std::size_t> begin(users + 1, 0);
    for (const Interaction& row : rows) ++begin[row.user + 1];
    for (std::size_t u = 0; u < users; ++u) begin[u + 1] += begin[u];
    std::vector<Interaction> sorted(rows.size());
    std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
    for (const Interaction& row : rows) sorted[next[row.user]++] = row;

    std::size_t kept = 0;
    for (std::size_t u = 0; u < users; ++u) {
        const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(begin[u]);
        const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(begin[u + 1]);
        std::stable_sort(first, last, [](const Interaction& a, const Interaction& b) {
            return a.item != b.item ? a.item < b.item : a.time < b.time;
        });
        for (auto row = first; row != last; ++row)
            if (row + 1 == last || row->item != (row + 1)->item) rows[kept++] = *row;
    }
    const std::size_t dropped = rows.size() - kept;
    rows.resize(kept);
    return dropped;
}

}  // namespace fedhash::scenarios
