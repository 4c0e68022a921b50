// LightFR's gradient aggregation: all bits of an item at once from the summed gradients (own terms
// included), less the balance term over the other items, in a fixed order of items so that the
// running column sums stay exact:
//   d_ik <- sign( sum_u g_uik - 2 lambda sum_{j != i} d_jk ),  the old bit stays at 0.
#include "common/kernels/kernels.hpp"
#include "server/item_steps/item_steps.hpp"

namespace fedhash::server {

namespace {

class Gradient final : public ItemStep {
  public:
    explicit Gradient(const Variant& variant) : variant_(variant) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress) override {
        Codes& items = tables.codes;
        std::vector<std::uint64_t> planes;
        bit_planes(items.words.data(), items.bits, items.rows, planes);
        // Gradients are in 1/256, lambda in 1/16.
        const std::int64_t balance = 2 * unit * std::int64_t{variant_.balance_units};
        std::vector<std::int64_t> column(items.bits);  // balance times sums over the items
        add_sums(planes, items.bits, items.rows, column);
        for (std::int64_t& sum : column) sum *= balance;
        std::uint64_t flips = 0;
        for (std::size_t i = 0; i < items.rows; ++i)
            flips += kernels().settle(&sums.rows[i * items.bits], balance, items.bits,
                                      column.data(), items.row(i).data());
        return flips;
    }

  private:
    Variant variant_;
};

// For measuring the protocol: the tables stay what they are.
class None final : public ItemStep {
  public:
    std::uint64_t step(Tables&, const Aggregate&, Progress) override { return 0; }
};

}  // namespace

std::unique_ptr<ItemStep> make_gradient(const Variant& variant, std::size_t) {
    return std::make_unique<Gradient>(variant);
}

std::unique_ptr<ItemStep> make_none(const Variant&, std::size_t) {
    return std::make_unique<None>();
}

}  // namespace fedhash::server
