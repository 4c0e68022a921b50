// `filler`: 2,048 bytes that mean nothing. Measures what the protocol alone costs; the server
// learns nothing from it.
#include <array>

#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"

namespace fedhash {

namespace {

constexpr std::size_t filler_bytes = 2048;

class FillerUplink final : public Uplink {
  public:
    explicit FillerUplink(std::uint32_t bits) : bits_(bits) {}

    AggregateShape shape(std::size_t items) const override { return {bits_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said&, const Tables&) const override {
        static const std::array<std::uint8_t, filler_bytes> filler{};
        to.append(filler.data(), filler.size());
    }
    void hear(wire::ByteReader& from, const Tables&, Aggregate& sum) const override {
        from.take(filler_bytes);
        from.finish();
        ++sum.users;
    }

  private:
    std::uint32_t bits_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<FillerUplink>(variant.bits);
}
std::size_t max_bytes(const Variant&, std::uint32_t) { return filler_bytes; }

}  // namespace

const UplinkEntry filler_uplink{
    "filler", make, max_bytes, "", false, "2,048 bytes of nothing: for measuring the protocol"};

}  // namespace fedhash
