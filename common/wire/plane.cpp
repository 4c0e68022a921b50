#include "common/wire/plane.hpp"

#include <cassert>

#include "common/bits.hpp"
#include "common/exchange.hpp"
#include "common/relaxed.hpp"
#include "common/wire/bit_stream.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash::wire {

namespace {

constexpr std::uint32_t most_columns = 1024;

std::uint32_t codebook_rows(const Variant& variant) {
    const std::uint32_t g = variant.group_bits;
    return g == 0 || g > 8 ? 0 : variant.bits / g << g;
}

bool sizes_fit(PlaneId id, const Plane& plane, const Variant& variant, std::uint32_t items) {
    switch (id) {
        case PlaneId::factors:
            return plane.rows == items &&
                   (variant.learner == "counts"
                        ? plane.cols == 1
                        : plane.cols == variant.bits || plane.cols == variant.teacher.factors);
        case PlaneId::mixing:
            return plane.rows == vector_width(variant) && plane.cols == variant.teacher.factors;
        case PlaneId::codebook:
            return plane.cols == variant.teacher.factors && plane.rows == codebook_rows(variant);
        case PlaneId::rotation: {
            const std::uint32_t q = is_relaxed(variant) ? variant.bits : variant.teacher.factors;
            return plane.rows == variant.bits && (plane.cols == q || plane.cols == q + 1);
        }
        case PlaneId::scales:
        case PlaneId::item_weights:
        case PlaneId::bias:
            return plane.rows == items && plane.cols == 1;
        case PlaneId::bit_weights:
            return plane.rows == 1 && plane.cols == variant.bits;
        case PlaneId::whitening:
            return plane.rows == variant.bits && plane.cols == variant.bits + 1;
    }
    return false;
}

std::size_t plane_bytes(std::size_t rows, std::size_t cols) {
    return 32 + 2 * rows + 2 * rows * cols + 1;
}

void read_codes(ByteReader& from, CodesKind kind, const Variant& variant, std::uint32_t items,
                Tables& tables) {
    Codes& codes = tables.codes;
    if (kind == CodesKind::full) {
        const View bytes = from.take(bytes_for(variant.bits) * items);
        if (codes.rows == 0) codes = Codes(variant.bits, items);
        unpack(bytes, codes);
        return;
    }
    if (codes.rows != items) throw DecodeError("a change of codes that were never published");
    std::vector<ItemId> flipped;
    read_item_set(from, items * variant.bits, flipped);
    for (ItemId position : flipped)
        flip(codes.row(index(position) / variant.bits), index(position) % variant.bits);
}

Buffer code_bytes(const Tables* before, const Tables& now) {
    Buffer full;
    {
        ByteWriter to(full);
        to(static_cast<std::uint8_t>(CodesKind::full));
        const Bytes packed = pack(now.codes);
        to.append(packed.data(), packed.size());
    }
    if (before == nullptr || before->codes.rows != now.codes.rows) return full;
    std::vector<ItemId> flipped;
    const std::uint32_t bits = now.codes.bits;
    for (std::size_t i = 0; i < now.codes.rows; ++i)
        for (std::uint32_t a = 0; a < bits; ++a)
            if (bit(now.codes.row(i), a) != bit(before->codes.row(i), a))
                flipped.push_back(ItemId{static_cast<std::uint32_t>(i * bits + a)});
    Buffer delta;
    ByteWriter to(delta);
    to(static_cast<std::uint8_t>(CodesKind::delta));
    write_item_set(to, flipped);
    return delta.size() < full.size() ? delta : full;
}

template <class Wanted>
void write_planes(ByteWriter& to, const Wanted& wanted, const Tables& tables) {
    std::uint8_t count = 0;
    for (std::size_t p = 0; p < plane_count; ++p)
        if (wanted(PlaneId(p))) ++count;
    to(count);
    for (std::size_t p = 0; p < plane_count; ++p)
        if (wanted(PlaneId(p))) write_plane(to, PlaneId(p), tables.planes[p]);
}

}  // namespace

void write_plane(ByteWriter& to, PlaneId id, const Plane& plane) {
    const std::uint64_t steps = plane.steps.size();
    to(static_cast<std::uint8_t>(id), varint(plane.rows));
    if (plane.empty()) return;
    to(varint(plane.cols), plane.fraction, plane.width, varint(steps));
    to.append(plane.steps.data(), 2 * plane.steps.size());
    BitWriter bits(to);
    const std::uint64_t mask = (std::uint64_t{1} << plane.width) - 1;
    for (std::size_t j = 0; j < plane.values.size(); ++j) {
        const std::int32_t step = plane.steps[steps == 1 ? 0 : j / plane.cols];
        const std::int32_t level = plane.values[j] / step;
        assert(level * step == plane.values[j]);
        bits.put(static_cast<std::uint64_t>(static_cast<std::int64_t>(level)) & mask, plane.width);
    }
    bits.finish();
}

void read_plane(ByteReader& from, Tables& tables) {
    std::uint8_t id = 0;
    Plane plane;
    std::uint64_t steps = 0;
    from(id, varint(plane.rows));
    if (id >= plane_count) throw DecodeError("a plane of an unknown kind");
    if (plane.rows == 0) {
        tables.plane(PlaneId(id)) = {};
        return;
    }
    from(varint(plane.cols), plane.fraction, plane.width, varint(steps));
    const std::uint64_t entries = std::uint64_t{plane.rows} * plane.cols;
    if (plane.cols == 0 || plane.cols > most_columns || plane.width < 2 || plane.width > 16 ||
        plane.fraction > 30 || (steps != 1 && steps != plane.rows))
        throw DecodeError("a plane of an impossible shape");
    if (entries > 8 * std::uint64_t{from.left()} / plane.width)
        throw DecodeError("a plane is longer than its message");
    plane.steps = from.take_numbers<std::uint16_t>(steps);
    BitReader bits(from.peek());
    plane.values.resize(entries);
    const std::int32_t half = 1 << (plane.width - 1);
    for (std::size_t j = 0; j < entries; ++j) {
        auto level = static_cast<std::int32_t>(bits.take(plane.width));
        if (level >= half) level -= 2 * half;
        const std::int32_t value = level * plane.steps[steps == 1 ? 0 : j / plane.cols];
        if (value > 32767 || value < -32767) throw DecodeError("an entry of a plane is too large");
        if (value < 0 && static_cast<PlaneId>(id) == PlaneId::item_weights)
            throw DecodeError("a weight of an item is below zero");
        plane.values[j] = static_cast<std::int16_t>(value);
    }
    from.take(bits.finish());
    for (std::uint16_t step : plane.steps)
        if (step == 0) throw DecodeError("a plane of an impossible shape");
    tables.plane(static_cast<PlaneId>(id)) = std::move(plane);
}

std::size_t max_publish_bytes(const Variant& variant, std::uint32_t items) {
    const std::size_t k = variant.bits,
                      q = variant.teacher.rounds > 0 ? variant.teacher.factors : 0;
    return 64 + bytes_for(variant.bits) * items + plane_bytes(items, std::max(k, q)) +
           plane_bytes(k, q) + plane_bytes(k, std::max(k, q) + 1) +
           plane_bytes(codebook_rows(variant), q) + 3 * plane_bytes(items, 1) + plane_bytes(1, k) +
           plane_bytes(k, k + 1);
}

std::size_t max_request_body_bytes(const Variant& variant, std::uint32_t items) {
    return find_exchange(variant.exchange).by_bit ? max_item_set_bytes(items) : 0;
}

Buffer encode_start(std::uint64_t seed, bool teaching, const Tables& now) {
    Buffer body;
    ByteWriter to(body);
    to(varint(now.version), true, static_cast<std::uint8_t>(CodesKind::seed), teaching, seed);
    write_planes(
        to, [&](PlaneId id) { return id != PlaneId::factors && !now.plane(id).empty(); }, now);
    return body;
}

Buffer encode_tables(const Tables* before, const Tables& now) {
    // Codes can change but not go away: whoever holds some that are gone starts anew.
    if (before != nullptr && before->codes.rows > 0 && now.codes.rows == 0) before = nullptr;
    Buffer body;
    ByteWriter to(body);
    to(varint(now.version), before == nullptr);
    if (now.codes.rows == 0 || (before != nullptr && before->codes == now.codes)) {
        to(static_cast<std::uint8_t>(CodesKind::same));
    } else {
        const Buffer codes = code_bytes(before, now);
        to.append(codes.data(), codes.size());
    }
    write_planes(
        to,
        [&](PlaneId id) {
            // What a codebook decodes to, the reader makes itself.
            if (id == PlaneId::factors && !now.plane(PlaneId::codebook).empty()) return false;
            return before == nullptr ? !now.plane(id).empty()
                                     : !(before->plane(id) == now.plane(id));
        },
        now);
    return body;
}

void apply_tables(View body, const Variant& variant, std::uint32_t items, Tables& tables) {
    ByteReader from(body);
    std::uint32_t version = 0;
    std::uint8_t kind = 0, count = 0;
    bool anew = false;
    from(varint(version), anew, kind);
    if (anew) tables = {};
    if (kind > static_cast<std::uint8_t>(CodesKind::delta))
        throw DecodeError("codes of an unknown kind");
    if (kind == static_cast<std::uint8_t>(CodesKind::seed)) {
        std::uint64_t seed = 0;
        bool teaching = false;
        from(teaching, seed);
        tables = initial_tables(seed, variant, items, teaching);
    } else if (kind != static_cast<std::uint8_t>(CodesKind::same)) {
        read_codes(from, static_cast<CodesKind>(kind), variant, items, tables);
    }
    from(count);
    if (count > plane_count) throw DecodeError("too many planes");
    for (; count > 0; --count) read_plane(from, tables);
    from.finish();
    for (std::size_t p = 0; p < plane_count; ++p)
        if (!tables.planes[p].empty() &&
            !sizes_fit(static_cast<PlaneId>(p), tables.planes[p], variant, items))
            throw DecodeError("a plane of the wrong size");
    if (const Plane& codebook = tables.plane(PlaneId::codebook); !codebook.empty()) {
        if (tables.codes.rows != items) throw DecodeError("a codebook without codes");
        tables.plane(PlaneId::factors) = decode(tables.codes, codebook, variant.group_bits);
    }
    tables.version = version;
}

}  // namespace fedhash::wire
