#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "scenarios/data/dataset.hpp"
#include "scenarios/data/formats.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t most_bars = 12;

class Page {
  public:
    void line(std::string_view key, const std::string& value) {
        text_ += fmt::format("{:<14}{}\n", key, value);
    }
    void lines(std::string_view key, const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            line(key, value);
            key = "";
        }
    }
    std::string text() const { return text_; }

  private:
    std::string text_;
};

std::vector<std::size_t> sorted_counts(const std::vector<Interaction>& rows,
                                       std::uint32_t Interaction::*side, std::size_t n) {
    std::vector<std::size_t> counts(n, 0);
    for (const Interaction& row : rows) ++counts[row.*side];
    std::sort(counts.begin(), counts.end());
    return counts;
}

/// 0: all alike; towards 1: everything on one. G = 2 sum_i i x_i / (n sum x) - (n + 1) / n, x
/// ascending, i from 1.
double gini(const std::vector<std::size_t>& ascending) {
    double weighted = 0, total = 0;
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        weighted += static_cast<double>(i + 1) * static_cast<double>(ascending[i]);
        total += static_cast<double>(ascending[i]);
    }
    const auto n = static_cast<double>(ascending.size());
    return total > 0 ? 2 * weighted / (n * total) - (n + 1) / n : 0;
}

std::string spread(const std::vector<std::size_t>& ascending) {
    const std::size_t n = ascending.size();
    double total = 0;
    for (std::size_t count : ascending) total += static_cast<double>(count);
    const double median =
        (static_cast<double>(ascending[(n - 1) / 2]) + static_cast<double>(ascending[n / 2])) / 2;
    return fmt::format("min {}, median {}, mean {:.1f}, max {}", grouped(ascending.front()), median,
                       total / static_cast<double>(n), grouped(ascending.back()));
}

void ratings(const std::vector<Interaction>& rows, Page& page) {
    const auto by_rating = [](const Interaction& a, const Interaction& b) {
        return a.rating < b.rating;
    };
    const auto [least, most] = std::minmax_element(rows.begin(), rows.end(), by_rating);
    std::map<double, std::size_t> histogram;
    for (const Interaction& row : rows) {
        ++histogram[row.rating];
        if (histogram.size() > most_bars) break;
    }
    page.line("ratings", fmt::format("{} to {}", least->rating, most->rating));
    if (histogram.size() > most_bars) return;
    std::size_t highest = 0;
    for (const auto& [rating, count] : histogram) highest = std::max(highest, count);
    for (const auto& [rating, count] : histogram)
        page.line("", fmt::format("{:>7.4g} {:>11}  {}", rating, grouped(count),
                                  std::string(1 + 40 * count / highest, '#')));
}

std::string moment(double seconds) {
    constexpr double year_1980 = 315532800, year_2100 = 4102444800;
    if (seconds < year_1980 || seconds > year_2100) return fmt::format("{}", seconds);
    return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void times(const std::vector<Interaction>& rows, Page& page) {
    double first = std::numeric_limits<double>::infinity(), last = -first;
    for (const Interaction& row : rows) {
        if (row.time == no_time) continue;
        first = std::min(first, row.time);
        last = std::max(last, row.time);
    }
    if (first <= last) page.line("times", fmt::format("{} to {}", moment(first), moment(last)));
}

void parts(const Dataset& data, Page& page) {
    if (!data.given_test) return;
    page.line("given split",
              fmt::format("training {}, validation {}, test {}", grouped(data.train.size()),
                          data.given_valid ? grouped(data.valid.size()) : "none",
                          grouped(data.test.size())));
    if (data.given_candidates)
        page.line("candidates",
                  fmt::format("given: {} for validation, {} for test",
                              data.valid_candidates.empty() ? "none of their own"
                                                            : grouped(data.valid_candidates.size()),
                              grouped(data.test_candidates.size())));
}

void attributes(std::string_view key, const std::vector<Attribute>& found, Page& page) {
    std::string names;
    for (const Attribute& attribute : found) names += (names.empty() ? "" : ", ") + attribute.name;
    if (!names.empty()) page.line(key, names);
}

}  // namespace

std::string describe(const DataSettings& settings) {
    Dataset data = load(settings);
    const std::size_t users = data.users.size(), items = data.items.size();
    const std::size_t repeats = keep_last_of_pairs(data.train, users);
    // A held-out rating may be on another scale; the popularity of items counts all parts.
    std::vector<Interaction> all = data.train;
    for (const auto* part : {&data.valid, &data.test})
        all.insert(all.end(), part->begin(), part->end());
    keep_last_of_pairs(all, users);

    Page page;
    page.line("data", data.label);
    page.lines("files", data.files);
    page.lines("columns", data.columns);
    page.line("users", grouped(users));
    page.line("items", grouped(items));
    page.line("interactions", fmt::format("{} distinct; {} repeated training rows",
                                          grouped(all.size()), grouped(repeats)));
    parts(data, page);
    const auto per_user = sorted_counts(all, &Interaction::user, users);
    const auto per_item = sorted_counts(all, &Interaction::item, items);
    page.line("density",
              fmt::format("{:.4f} %", 100.0 * static_cast<double>(all.size()) /
                                          static_cast<double>(users) / static_cast<double>(items)));
    page.line("Gini of items", fmt::format("{:.3f}", gini(per_item)));
    page.line("per user", spread(per_user));
    page.line("per item", spread(per_item));
    if (data.has_ratings) ratings(data.train, page);
    if (data.has_times) times(data.train, page);
    if (!data.item_titles.empty()) {
        const auto titled = std::count_if(data.item_titles.begin(), data.item_titles.end(),
                                          [](const std::string& title) { return !title.empty(); });
        page.line("titles", fmt::format("of {} items", grouped(static_cast<std::size_t>(titled))));
    }
    attributes("user facts", data.user_attributes, page);
    attributes("item facts", data.item_attributes, page);
    page.lines("notices", data.notices);
    return page.text();
}

}  // namespace fedhash::scenarios
