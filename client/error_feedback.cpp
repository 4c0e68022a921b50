#include "client/error_feedback.hpp"

#include <algorithm>
#include <numeric>

#include "common/uplinks/steps.hpp"

namespace fedhash::client {

namespace {

/// The sum of two lists of rows, by item; both ascending.
Unsaid sum_of(const Said& said, const Unsaid& before, std::size_t width) {
    Unsaid all;
    all.items.reserve(said.items.size() + before.items.size());
    std::ranges::set_union(said.items, before.items, std::back_inserter(all.items));
    all.rows.resize(all.items.size() * width);
    const auto add = [&](std::span<const ItemId> items, std::span<const std::int32_t> rows) {
        std::size_t place = 0;
        for (std::size_t j = 0; j < items.size(); ++j) {
            while (all.items[place] != items[j]) ++place;
            for (std::size_t a = 0; a < width; ++a)
                all.rows[place * width + a] += rows[j * width + a];
        }
    };
    add(said.items, said.gradients);
    add(before.items, before.rows);
    return all;
}

/// The places of the `most` rows with the largest sums of squares, of equal ones the first;
/// ascending.
std::vector<std::size_t> largest(const Unsaid& all, std::size_t width, std::size_t most) {
    std::vector<std::int64_t> squares(all.items.size());
    for (std::size_t j = 0; j < squares.size(); ++j)
        for (std::size_t a = 0; a < width; ++a)
            squares[j] += std::int64_t{all.rows[j * width + a]} * all.rows[j * width + a];
    std::vector<std::size_t> places(all.items.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    if (most == 0 || most >= places.size()) return places;
    std::ranges::nth_element(places, places.begin() + static_cast<std::ptrdiff_t>(most),
                             [&squares](std::size_t a, std::size_t b) {
                                 return squares[a] != squares[b] ? squares[a] > squares[b] : a < b;
                             });
    places.resize(most);
    std::ranges::sort(places);
    return places;
}

}  // namespace

bool leaves_out(const Variant& variant) {
    return variant.top_rows > 0 || variant.gradient_bits < full_gradient_bits;
}

void leave_out(const Variant& variant, Said& said, Learnt& learnt, Workspace& work) {
    const std::size_t width =
        said.items.empty() ? variant.bits : said.gradients.size() / said.items.size();
    Unsaid all = sum_of(said, learnt.unsaid, width);
    const std::vector<std::size_t> places = largest(all, width, variant.top_rows);
    std::int64_t most = 0;
    for (const std::size_t place : places)
        most = std::max(most, largest_of(std::span<const std::int32_t>(all.rows).subspan(
                                  place * width, width)));
    const Steps steps = steps_for(std::min<std::int64_t>(most, 32767), variant.gradient_bits);
    work.said_items.clear();
    std::vector<std::int32_t> rows;
    rows.reserve(places.size() * width);
    for (const std::size_t place : places) {
        work.said_items.push_back(all.items[place]);
        for (std::size_t a = 0; a < width; ++a) {
            std::int32_t& left = all.rows[place * width + a];
            const auto now = static_cast<std::int32_t>(steps.multiple(left) * (1 << steps.shift));
            rows.push_back(now);
            left -= now;
        }
    }
    // Rows of which nothing is left are forgotten.
    learnt.unsaid.items.clear();
    learnt.unsaid.rows.clear();
    for (std::size_t j = 0; j < all.items.size(); ++j) {
        const auto row = std::span(all.rows).subspan(j * width, width);
        if (std::ranges::all_of(row, [](std::int32_t entry) { return entry == 0; })) continue;
        learnt.unsaid.items.push_back(all.items[j]);
        learnt.unsaid.rows.insert(learnt.unsaid.rows.end(), row.begin(), row.end());
    }
    work.gradients = std::move(rows);
    said.items = work.said_items;
    said.gradients = work.gradients;
}

}  // namespace fedhash::client
