// `nothing`: an answer without a body. The server learns who is there.
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"

namespace fedhash {

namespace {

class NothingUplink final : public Uplink {
  public:
    AggregateShape shape(std::size_t items) const override { return {0, items, 0, false}; }

    void say(wire::ByteWriter&, const Said&, const Tables&) const override {}

    void hear(wire::ByteReader& from, const Tables&, Aggregate& sum) const override {
        from.finish();
        ++sum.users;
    }
};

std::unique_ptr<const Uplink> make(const Variant&) { return std::make_unique<NothingUplink>(); }
std::size_t max_bytes(const Variant&, std::uint32_t) { return 0; }

}  // namespace

const UplinkEntry nothing_uplink{
    "nothing", make, max_bytes, "", false, "an empty answer: the server learns who is there"};

}  // namespace fedhash
