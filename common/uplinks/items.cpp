// `items`: the item set and nothing else: n_i += 1 for every item that the user has. Says in clear
// what a secure sum of zeros and ones would hide.
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class ItemsUplink final : public Uplink {
  public:
    AggregateShape shape(std::size_t items) const override { return {0, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        wire::write_item_set(to, said.items);
    }

    void hear(wire::ByteReader& from, const Tables&, Aggregate& sum) const override {
        std::vector<ItemId> observed;
        wire::read_item_set(from, static_cast<std::uint32_t>(sum.shape.items), observed);
        from.finish();
        for (ItemId item : observed) ++sum.counts[index(item)];
        ++sum.users;
    }
};

std::unique_ptr<const Uplink> make(const Variant&) { return std::make_unique<ItemsUplink>(); }
std::size_t max_bytes(const Variant&, std::uint32_t items) {
    return wire::max_item_set_bytes(items);
}

}  // namespace

const UplinkEntry items_uplink{"items",    make,  max_bytes,
                               "item set", false, "the item set, for the server to count"};

}  // namespace fedhash
