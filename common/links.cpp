#include "common/links.hpp"

#include <cmath>

#include "common/portable.hpp"
#include "common/random.hpp"

namespace fedhash {

namespace {

constexpr std::int64_t segment_bytes = 1448, header_bytes = 66;

template <class Row>
const Row& pick(const std::vector<Row>& rows, std::uint64_t draw) {
    std::uint64_t all = 0;
    for (const Row& row : rows) all += row.share;
    std::uint64_t at = draw % all;
    for (const Row& row : rows) {
        if (at < row.share) return row;
        at -= row.share;
    }
    return rows.back();
}

/// rate * 2^(spread * u), u uniform in [-1, 1).
std::int64_t spread(std::int64_t rate, std::uint32_t spread_q8, std::uint64_t draw) {
    const double u = static_cast<double>(static_cast<std::int64_t>(draw)) * 0x1p-63;
    const double octaves = u * spread_q8 / 256;
    const double factor = portable::exp(octaves * 0.6931471805599453);
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(rate) * factor));
}

const LinkRow fibre{20'000'000, 5'000'000, 2'000, 1'000, 0, 1};
const LinkRow lte{12'000'000, 12'000'000, 35'000, 10'000, 0, 1};
const LinkRow four_g{9'000'000, 9'000'000, 85'000, 20'000, 1'000, 1};
const LinkRow three_g{1'600'000, 768'000, 150'000, 50'000, 5'000, 1};
const LinkRow two_g{280'000, 256'000, 400'000, 100'000, 10'000, 1};

LinkRow with_share(LinkRow row, std::uint32_t share) {
    row.share = share;
    return row;
}

}  // namespace

Link link_of(const LinkModel& model, std::uint64_t seed, UserId user) {
    Stream random = stream(seed, Purpose::link, index(user));
    Link link;
    link.row = pick(model.rows, random());
    link.row.down_bps = spread(link.row.down_bps, model.spread_q8, random());
    link.row.up_bps = spread(link.row.up_bps, model.spread_q8, random());
    const std::uint32_t slowness =
        model.devices.empty() ? 256 : pick(model.devices, random()).slowness_q8;
    link.compute_us = model.compute_us * slowness / 256;
    return link;
}

std::int64_t with_headers(std::int64_t bytes) {
    return bytes + (bytes + segment_bytes - 1) / segment_bytes * header_bytes;
}

std::int64_t transfer_ns(const Link& link, Way way, std::size_t bytes, std::uint32_t draw) {
    if (bytes == 0) return 0;
    const LinkRow& row = link.row;
    const std::int64_t rate = way == Way::down ? row.down_bps : row.up_bps;
    const std::int64_t on_link =
        with_headers(static_cast<std::int64_t>(bytes)) * 1'000'000 / (1'000'000 - row.loss_ppm);
    // Seconds and the rest apart: the product must stay within 63 bits.
    const std::int64_t bits = 8 * on_link;
    const std::int64_t sending =
        bits / rate * 1'000'000'000 + bits % rate * 1'000'000 / rate * 1'000;
    const std::int64_t jitter_ns = row.jitter_us * 1'000 / 1'024 * (draw >> 22);
    return row.latency_us * 1'000 + jitter_ns + sending;
}

std::span<const NamedLinks> named_links() {
    static const std::vector<NamedLinks> named{
        {"fibre", {fibre}, "20 Mbit/s down, 5 up, 2 ms one way"},
        {"lte", {lte}, "12 Mbit/s, 35 ms one way"},
        {"4g", {four_g}, "9 Mbit/s, 85 ms one way, 0.1 % lost"},
        {"3g", {three_g}, "1.6 Mbit/s down, 0.77 up, 150 ms one way, 0.5 % lost"},
        {"2g", {two_g}, "0.28 Mbit/s down, 0.26 up, 400 ms one way, 1 % lost"},
        {"mixed",
         {with_share(fibre, 40), with_share(lte, 30), with_share(four_g, 20),
          with_share(three_g, 8), with_share(two_g, 2)},
         "40 % fibre, 30 % lte, 20 % 4g, 8 % 3g, 2 % 2g"}};
    return named;
}

}  // namespace fedhash
