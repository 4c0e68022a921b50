// Quality against bytes: what else would one have to pay for something better?
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/report/comparison_tables.hpp"
#include "scenarios/report/format.hpp"

namespace fedhash::scenarios::report {
namespace {

struct Point {
    const ComparedLine* line = nullptr;
    double bytes = 0, quality = 0;
};

/// Nothing is as cheap and better, or as good and cheaper.
bool on_front(const Point& point, const std::vector<Point>& points) {
    return std::ranges::none_of(points, [&point](const Point& other) {
        return other.bytes <= point.bytes && other.quality >= point.quality &&
               (other.bytes < point.bytes || other.quality > point.quality);
    });
}

/// Lines with a quality and bytes; further ways of scoring cost what their row costs.
std::vector<Point> points_of(const Comparison& comparison, std::size_t metric) {
    std::vector<Point> points;
    std::string row;
    double bytes = 0;
    for (const ComparedLine& line : comparison.lines) {
        if (line.bytes_up && line.bytes_down) {
            row = line.label;
            bytes = *line.bytes_up + *line.bytes_down;
        }
        if (line.label == row && metric < line.metrics.size() && line.metrics[metric])
            points.push_back({&line, bytes, line.metrics[metric]->mean});
    }
    std::ranges::stable_sort(points, {}, &Point::bytes);
    return points;
}

}  // namespace

TitledTable front_table(const Comparison& comparison) {
    const auto found = std::ranges::find(comparison.metrics, comparison.headline);
    const auto metric = static_cast<std::size_t>(found - comparison.metrics.begin());
    TitledTable titled{comparison.headline + " against bytes",
                       {{{"bytes a user"},
                         {comparison.headline},
                         {"of ceiling"},
                         {"front"},
                         {"", false},
                         {"scored with", false}},
                        {}},
                       {}};
    if (found == comparison.metrics.end()) return titled;
    const std::vector<Point> points = points_of(comparison, metric);
    const auto share = [metric](const ComparedLine& line) {
        const auto& of_ceiling = line.of_ceiling[metric];
        return of_ceiling ? fmt::format("{:.0f}%", 100 * *of_ceiling) : std::string("-");
    };
    for (const Point& point : points) {
        const bool best = on_front(point, points);
        const Tone tone = best ? Tone::bold : Tone::plain;
        titled.table.rows.push_back({{bytes_text(point.bytes), tone},
                                     {fmt::format("{:.4f}", point.quality), tone},
                                     {share(*point.line)},
                                     {best ? "*" : ""},
                                     {point.line->label, tone},
                                     {point.line->scoring}});
    }
    for (const ComparedLine& line : comparison.lines) {
        const bool baseline = line.scoring.empty();
        if (!baseline || metric >= line.metrics.size() || !line.metrics[metric]) continue;
        titled.table.rows.push_back({{"-"},
                                     {fmt::format("{:.4f}", line.metrics[metric]->mean)},
                                     {share(line)},
                                     {""},
                                     {line.label},
                                     {""}});
    }
    titled.notes.push_back(
        "bytes a user: what a device of its own would have sent and received in the whole run, on "
        "average. *: on the front, that is, nothing here is as cheap and better.");
    return titled;
}

}  // namespace fedhash::scenarios::report
