// Targeted poisoning of codes (after PIECK, arXiv 2502.12958, and A-ra, IJCAI 2022): what most
// popular items agree on is near most users, so the target is pulled there, with all the weight
// that the format lets one row have.
#include <algorithm>
#include <numeric>

#include "client/adversaries/adversaries.hpp"
#include "common/bits.hpp"

namespace fedhash::client {

namespace {

/// The bits that most of the hundredth of items that is most popular have; +1 where it is even.
std::vector<std::uint64_t> popular_code(const Lie& lie) {
    const Codes& codes = lie.tables.codes;
    std::vector<std::uint32_t> items(codes.rows);
    std::iota(items.begin(), items.end(), 0u);
    const auto popularity = [&](std::uint32_t item) {
        return item < lie.ranking.popularity.size() ? lie.ranking.popularity[item] : 0;
    };
    const std::size_t count = std::min(codes.rows, std::max<std::size_t>(10, codes.rows / 100));
    std::ranges::partial_sort(
        items, items.begin() + static_cast<std::ptrdiff_t>(count),
        [&](std::uint32_t a, std::uint32_t b) {
            return popularity(a) != popularity(b) ? popularity(a) > popularity(b) : a < b;
        });
    std::vector<std::uint64_t> code(words_for(codes.bits));
    for (std::uint32_t a = 0; a < codes.bits; ++a) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < count; ++j) sum += sign(codes.row(items[j]), a);
        if (sum >= 0) flip(code, a);
    }
    return code;
}

}  // namespace

void promote(const Lie& lie, Said& said, Workspace& work) {
    work.said_code = popular_code(lie);
    work.shown_items = {ItemId{lie.variant.adversary.target}};
    said.code = work.said_code;
    said.items = work.shown_items;
    said.target = max_target(lie.variant);
    if (said.pulls.empty()) return;  // residuals that follow from the target
    work.shown_pulls = {static_cast<std::int32_t>(max_pull(lie.variant))};
    work.shown_weights = {0};
    said.pulls = work.shown_pulls;
    said.weights = work.shown_weights;
}

}  // namespace fedhash::client
