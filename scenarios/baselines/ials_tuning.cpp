#include "scenarios/baselines/ials_tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <compare>
#include <map>

#include "scenarios/baselines/factor_scores.hpp"

namespace fedhash::scenarios {
namespace {

using client::Part;

constexpr std::uint32_t trial_epochs = 5;
constexpr double full_ranking_votes =
    1e8;  // scores per validation: more users than this allows do not vote

/// A point of the grid, in quarter decades.
struct Point {
    std::uint32_t factors = 0;
    int a0 = 0;
    int lambda = 0;
    auto operator<=>(const Point&) const = default;
};

constexpr int a0_from = -16, a0_to = 6, lambda_from = -24, lambda_to = 0;
constexpr int typical_a0 = -3, typical_lambda = -9;

bool inside(const Point& p) {
    return p.a0 >= a0_from && p.a0 <= a0_to && p.lambda >= lambda_from && p.lambda <= lambda_to;
}

double decades(int quarters) { return std::pow(10.0, quarters / 4.0); }

class Search {
  public:
    Search(std::span<const client::UserData> users, const client::Ranking& ranking,
           const IalsSearch& settings, const std::function<void(std::string_view)>& progress)
        : users_(users),
          ranking_(ranking),
          settings_(settings),
          progress_(progress),
          data_(interactions(users, ranking.items)),
          voters_(voters()) {}

    TunedIals run() {
        const std::uint32_t all = settings_.factors;
        const double finals = 2.0 * settings_.epochs * epoch_cost(data_, all);
        const double climbing = std::max(settings_.cost_limit / 4, settings_.cost_limit - finals);
        Point best{0, typical_a0, typical_lambda};
        best = climb(best, std::max(1U, all / 4), 2, climbing / 4);
        best = climb(best, std::max(1U, all / 2), 1, climbing / 4);
        best = climb(best, all, 1, climbing / 2);

        TunedIals result = finish(best);
        if (finals <= settings_.cost_limit / 2)
            if (const Point other = runner_up(best); other != best) {
                TunedIals second = finish(other);
                if (second.choice.ndcg > result.choice.ndcg) result = std::move(second);
            }
        result.choice.tried = static_cast<std::uint32_t>(tried_.size());
        result.choice.cut_short = cut_short_;
        return result;
    }

  private:
    /// The users who vote, thinned evenly where ranking the whole catalogue for all would cost too
    /// much.
    std::vector<std::uint32_t> voters() const {
        std::vector<std::uint32_t> all = scored_users(users_, Part::valid);
        if (!ranking_.full) return all;
        const double scores = static_cast<double>(all.size()) * static_cast<double>(ranking_.items);
        const auto step =
            static_cast<std::size_t>(std::max(1.0, std::ceil(scores / full_ranking_votes)));
        std::vector<std::uint32_t> some;
        for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
        return some;
    }

    IalsOptions options(const Point& p) const {
        return {p.factors, decades(p.a0), decades(p.lambda), settings_.seed, settings_.threads};
    }

    double ndcg(const Ials& model) const {
        const std::array cutoffs{settings_.cutoff};
        const std::vector<MetricSpec> specs = metric_specs(cutoffs);
        const auto at =
            std::find(specs.begin(), specs.end(), MetricSpec{Metric::ndcg, settings_.cutoff});
        const MetricSums sums = measure_factors(model.users(), model.items(), users_, voters_,
                                                Part::valid, ranking_, cutoffs, settings_.threads);
        return sums.mean(sums.values[static_cast<std::size_t>(at - specs.begin())].expected);
    }

    double trial(const Point& p) {
        if (const auto known = tried_.find(p); known != tried_.end()) return known->second;
        Ials model(data_, options(p));
        for (std::uint32_t epoch = 0; epoch < std::min(trial_epochs, settings_.epochs); ++epoch)
            model.epoch();
        const double value = ndcg(model);
        tried_.emplace(p, value);
        best_seen_ = std::max(best_seen_, value);
        report(fmt::format("iALS: {} settings tried, best validation NDCG@{} {:.4f}", tried_.size(),
                           settings_.cutoff, best_seen_));
        return value;
    }

    /// From `start` to a point that no neighbour beats. At least the start is tried, whatever it
    /// costs.
    Point climb(Point start, std::uint32_t factors, int step, double budget) {
        const double price = epoch_cost(data_, factors) * std::min(trial_epochs, settings_.epochs);
        double spent = 0;
        Point best = start;
        best.factors = factors;
        const auto value = [&](const Point& p) {
            if (!tried_.contains(p)) spent += price;
            return trial(p);
        };
        double best_value = value(best);
        for (bool moved = true; moved;) {
            moved = false;
            const Point centre = best;
            for (const auto& [a, l] :
                 {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}}) {
                const Point p{factors, centre.a0 + a * step, centre.lambda + l * step};
                if (!inside(p)) continue;
                // Corners are for the summit: while an edge improves, go there first.
                if (moved && a != 0 && l != 0) break;
                if (!tried_.contains(p) && spent + price > budget) {
                    cut_short_ = true;
                    return best;
                }
                if (const double v = value(p); v > best_value) {
                    best = p;
                    best_value = v;
                    moved = true;
                }
            }
        }
        return best;
    }

    /// The best point tried, other than `best`.
    Point runner_up(const Point& best) const {
        Point result = best;
        double value = -1;
        for (const auto& [point, ndcg_at] : tried_)
            if (point != best && ndcg_at > value) {
                result = point;
                value = ndcg_at;
            }
        return result;
    }

    /// All epochs; the factors of the best one.
    TunedIals finish(const Point& p) {
        TunedIals result;
        Ials model(data_, options(p));
        for (std::uint32_t epoch = 1; epoch <= settings_.epochs; ++epoch) {
            model.epoch();
            const double value = ndcg(model);
            report(fmt::format("iALS: {} factors, epoch {} of {}, validation NDCG@{} {:.4f}",
                               p.factors, epoch, settings_.epochs, settings_.cutoff, value));
            if (epoch > 1 && value <= result.choice.ndcg) continue;
            result.choice = {
                .options = options(p), .epochs = epoch, .cutoff = settings_.cutoff, .ndcg = value};
            result.users = model.users();
            result.items = model.items();
        }
        return result;
    }

    void report(const std::string& line) const {
        if (progress_) progress_(line);
    }

    std::span<const client::UserData> users_;
    const client::Ranking& ranking_;
    const IalsSearch& settings_;
    const std::function<void(std::string_view)>& progress_;
    Interactions data_;
    std::vector<std::uint32_t> voters_;
    std::map<Point, double> tried_;
    double best_seen_ = 0;
    bool cut_short_ = false;
};

}  // namespace

std::uint32_t tuning_cutoff(std::span<const std::uint32_t> cutoffs) {
    assert(!cutoffs.empty());
    const auto at =
        std::find_if(cutoffs.begin(), cutoffs.end(), [](std::uint32_t k) { return k >= 10; });
    return at != cutoffs.end() ? *at : *std::max_element(cutoffs.begin(), cutoffs.end());
}

TunedIals tune_ials(std::span<const client::UserData> users, const client::Ranking& ranking,
                    const IalsSearch& search,
                    const std::function<void(std::string_view)>& progress) {
    assert(!users.empty() && search.epochs > 0 && search.factors > 0);
    return Search(users, ranking, search, progress).run();
}

}  // namespace fedhash::scenarios
