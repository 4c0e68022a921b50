// Popularity: an item's one factor is n_i, the number of users of the sums that list it. Exact up
// to 32,767 raters of an item; where one has more, all counts are rounded to a step that fits 16
// bits.
#include "server/item_steps/item_steps.hpp"

namespace fedhash::server {

namespace {

class Counts final : public ItemStep {
  public:
    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress) override {
        const std::vector<double> counts(sums.counts.begin(), sums.counts.end());
        tables.plane(PlaneId::factors) =
            quantise(counts, static_cast<std::uint32_t>(counts.size()), 1, 0, 16, false);
        return 0;
    }
};

}  // namespace

std::unique_ptr<ItemStep> make_counts(const Variant&, std::size_t) {
    return std::make_unique<Counts>();
}

}  // namespace fedhash::server
