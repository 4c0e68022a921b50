#include "client/error_feedback.hpp"

#include <algorithm>
#include <numeric>

#include "common/uplinks/steps.hpp"

namespace fedhash::client {

namespace {

/// The sum of two lists of rows, by item; both ascending. Into memory that is used again.
void sum_up(const Said& said, const Unsaid& before, std::size_t width, Unsaid& all) {
    all.items.clear();
    std::ranges::set_union(said.items, before.items, std::back_inserter(all.items));
    all.rows.assign(all.items.size() * width, 0);
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
}

/// Of these places the `most` whose rows have the largest sums of squares, of equal ones the
/// first; ascending.
std::vector<std::size_t> largest(const Unsaid& all, std::vector<std::size_t> places,
                                 std::size_t width, std::size_t most) {
    if (most >= places.size()) return places;
    std::vector<std::int64_t> squares(all.items.size());
    for (const std::size_t j : places)
        for (std::size_t a = 0; a < width; ++a)
            squares[j] += std::int64_t{all.rows[j * width + a]} * all.rows[j * width + a];
    std::ranges::nth_element(places, places.begin() + static_cast<std::ptrdiff_t>(most),
                             [&squares](std::size_t a, std::size_t b) {
                                 return squares[a] != squares[b] ? squares[a] > squares[b] : a < b;
                             });
    places.resize(most);
    std::ranges::sort(places);
    return places;
}

/// Which rows are said: the largest, or with most = 0 those that are listed in this round. What is
/// left of others is small then, and waits until they are listed again.
std::vector<std::size_t> chosen(const Unsaid& all, std::span<const ItemId> listed,
                                std::size_t width, std::size_t most) {
    std::vector<std::size_t> places(all.items.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    if (most > 0) return largest(all, std::move(places), width, most);
    std::erase_if(places, [&](std::size_t place) {
        return !std::ranges::binary_search(listed, all.items[place]);
    });
    return places;
}

/// What is left, without rows of which nothing is: the largest `most`.
void keep_rest(const Unsaid& all, std::size_t width, std::size_t most, Unsaid& rest) {
    const auto row = [&](std::size_t place) {
        return std::span(all.rows).subspan(place * width, width);
    };
    std::vector<std::size_t> places;
    for (std::size_t j = 0; j < all.items.size(); ++j)
        if (std::ranges::any_of(row(j), [](std::int32_t entry) { return entry != 0; }))
            places.push_back(j);
    rest.items.clear();
    rest.rows.clear();
    for (const std::size_t place : largest(all, std::move(places), width, most)) {
        rest.items.push_back(all.items[place]);
        rest.rows.insert(rest.rows.end(), row(place).begin(), row(place).end());
    }
}

// A device of a user with few items may remember more than it lists at a time.
constexpr std::size_t least_memory = 64;

}  // namespace

bool leaves_out(const Variant& variant) {
    return variant.top_rows > 0 || variant.gradient_bits < full_gradient_bits;
}

void leave_out(const Variant& variant, Said& said, Learnt& learnt, Workspace& work) {
    const std::size_t width =
        said.items.empty() ? variant.bits : said.gradients.size() / said.items.size();
    Unsaid& all = work.unsaid;
    sum_up(said, learnt.unsaid, width, all);
    const std::vector<std::size_t> places = chosen(all, said.items, width, variant.top_rows);
    std::int64_t most = 0;
    for (const std::size_t place : places)
        most = std::max(most, largest_of(std::span<const std::int32_t>(all.rows).subspan(
                                  place * width, width)));
    const Steps steps = steps_for(std::min<std::int64_t>(most, 32767), variant.gradient_bits);
    work.said_items.clear();
    std::vector<std::int32_t>& rows = work.said_rows;
    rows.clear();
    for (const std::size_t place : places) {
        const std::size_t before = rows.size();
        bool any = false;
        for (std::size_t a = 0; a < width; ++a) {
            const auto now = static_cast<std::int32_t>(steps.multiple(all.rows[place * width + a]) *
                                                       (1 << steps.shift));
            rows.push_back(now);
            any = any || now != 0;
        }
        if (!any) {  // it waits until there is more of it
            rows.resize(before);
            continue;
        }
        work.said_items.push_back(all.items[place]);
        for (std::size_t a = 0; a < width; ++a) all.rows[place * width + a] -= rows[before + a];
    }
    keep_rest(all, width, std::max(said.items.size(), least_memory), learnt.unsaid);
    said.items = work.said_items;
    said.gradients = rows;
}

}  // namespace fedhash::client
