// `filler`: 2,048 bytes that mean nothing. Measures what the protocol alone costs; the server
// learns nothing from it.
#include <array>

#include "common/uplinks/uplinks.hpp"

namespace fedhash {

namespace {

constexpr std::size_t filler_bytes = 2048;

class FillerUplink final : public Uplink {
  public:
    void say(wire::ByteWriter& to, const Said&, const Codes&) const override {
        static const std::array<std::uint8_t, filler_bytes> filler{};
        to.append(filler.data(), filler.size());
    }
    void hear(wire::ByteReader& from, const Codes&, Aggregate& sum) const override {
        from.take(filler_bytes);
        from.finish();
        ++sum.users;
    }
};

std::unique_ptr<const Uplink> make(const Variant&) { return std::make_unique<FillerUplink>(); }
std::size_t max_bytes(std::uint32_t, std::uint32_t) { return filler_bytes; }

}  // namespace

const UplinkEntry filler_uplink{
    "filler", make, max_bytes, true, false, "2,048 bytes of nothing: for measuring the protocol"};

}  // namespace fedhash
