#include "common/wire/plane.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "common/denoise.hpp"
#include "common/exchange.hpp"
#include "common/relaxed.hpp"
#include "common/secure/messages.hpp"
#include "common/wire/bit_stream.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"

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

template <class Wanted>
void write_planes(ByteWriter& to, const Wanted& wanted, const Tables& tables,
                  const Tables* held = nullptr) {
    std::uint8_t count = 0;
    for (std::size_t p = 0; p < plane_count; ++p)
        if (wanted(PlaneId(p))) ++count;
    to(count);
    for (std::size_t p = 0; p < plane_count; ++p)
        if (wanted(PlaneId(p)))
            write_plane(to, PlaneId(p), tables.planes[p],
                        held == nullptr ? nullptr : &held->planes[p]);
}

constexpr std::array coders{
    PlaneCoder{"full", false, "all entries, each in the plane's width"},
    PlaneCoder{"delta", true, "differences from the plane that is held, in a Rice code"},
};

constexpr std::uint8_t by_difference = 64;  // added to the width

std::int32_t step_of(const Plane& plane, std::size_t j) {
    return plane.steps[plane.steps.size() == 1 ? 0 : j / plane.cols];
}

/// What a held entry comes to in other steps: the nearest multiple, halves away from zero.
std::int32_t level_in(std::int32_t value, std::int32_t step) {
    return value >= 0 ? (2 * value + step) / (2 * step) : -((-2 * value + step) / (2 * step));
}

bool comparable(const Plane& a, const Plane& b) {
    return a.rows == b.rows && a.cols == b.cols && a.fraction == b.fraction;
}

void write_levels(ByteWriter& to, const Plane& plane) {
    BitWriter bits(to);
    const std::uint64_t mask = (std::uint64_t{1} << plane.width) - 1;
    for (std::size_t j = 0; j < plane.values.size(); ++j) {
        const std::int32_t step = step_of(plane, j), level = plane.values[j] / step;
        assert(level * step == plane.values[j]);
        bits.put(static_cast<std::uint64_t>(static_cast<std::int64_t>(level)) & mask, plane.width);
    }
    bits.finish();
}

// A plane of one column is one list: a parameter for each of its rows would cost more than it
// saves.
std::size_t list_length(const Plane& plane) {
    return plane.cols == 1 ? plane.values.size() : plane.cols;
}

void write_differences(ByteWriter& to, const Plane& plane, const Plane& held) {
    std::vector<std::int64_t> differences(plane.values.size());
    for (std::size_t j = 0; j < differences.size(); ++j) {
        const std::int32_t step = step_of(plane, j);
        differences[j] = plane.values[j] / step - level_in(held.values[j], step);
    }
    const std::size_t length = list_length(plane);
    for (std::size_t at = 0; at < differences.size(); at += length)
        number_coders()[1].write(to, std::span(differences).subspan(at, length));
}

void read_levels(ByteReader& from, Plane& plane) {
    const std::size_t entries = std::size_t{plane.rows} * plane.cols;
    BitReader bits(from.peek());
    plane.values.resize(entries);
    const std::int32_t half = 1 << (plane.width - 1);
    for (std::size_t j = 0; j < entries; ++j) {
        auto level = static_cast<std::int32_t>(bits.take(plane.width));
        if (level >= half) level -= 2 * half;
        const std::int32_t value = level * step_of(plane, j);
        if (value > 32767 || value < -32767) throw DecodeError("an entry of a plane is too large");
        plane.values[j] = static_cast<std::int16_t>(value);
    }
    from.take(bits.finish());
}

void read_differences(ByteReader& from, const Plane& held, Plane& plane) {
    constexpr std::int64_t most = 1 << 17;
    std::vector<std::int64_t> differences(held.values.size());
    const std::size_t length = list_length(held);
    for (std::size_t at = 0; at < differences.size(); at += length)
        number_coders()[1].read(from, most, std::span(differences).subspan(at, length));
    plane.values.resize(differences.size());
    for (std::size_t j = 0; j < differences.size(); ++j) {
        const std::int32_t step = step_of(plane, j);
        const std::int64_t value = (level_in(held.values[j], step) + differences[j]) * step;
        if (value > 32767 || value < -32767) throw DecodeError("an entry of a plane is too large");
        plane.values[j] = static_cast<std::int16_t>(value);
    }
}

}  // namespace

std::span<const PlaneCoder> plane_coders() { return coders; }

void write_plane(ByteWriter& to, PlaneId id, const Plane& plane, const Plane* held) {
    const std::uint64_t steps = plane.steps.size();
    to(static_cast<std::uint8_t>(id), varint(plane.rows));
    if (plane.empty()) return;
    Buffer levels, differences;
    ByteWriter to_levels(levels), to_differences(differences);
    write_levels(to_levels, plane);
    const bool compares = held != nullptr && comparable(plane, *held);
    if (compares) write_differences(to_differences, plane, *held);
    const bool differs = compares && differences.size() < levels.size();
    const auto width = static_cast<std::uint8_t>(plane.width + (differs ? by_difference : 0));
    to(varint(plane.cols), plane.fraction, width, varint(steps));
    to.append(plane.steps.data(), 2 * plane.steps.size());
    const Buffer& entries = differs ? differences : levels;
    to.append(entries.data(), entries.size());
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
    const bool differs = plane.width >= by_difference;
    if (differs) plane.width = static_cast<std::uint8_t>(plane.width - by_difference);
    const std::uint64_t entries = std::uint64_t{plane.rows} * plane.cols;
    if (plane.cols == 0 || plane.cols > most_columns || plane.width < 2 || plane.width > 16 ||
        plane.fraction > 30 || (steps != 1 && steps != plane.rows))
        throw DecodeError("a plane of an impossible shape");
    if (!differs && entries > 8 * std::uint64_t{from.left()} / plane.width)
        throw DecodeError("a plane is longer than its message");
    plane.steps = from.take_numbers<std::uint16_t>(steps);
    for (std::uint16_t step : plane.steps)
        if (step == 0) throw DecodeError("a plane of an impossible shape");
    if (differs) {
        const Plane& held = tables.plane(PlaneId(id));
        if (!comparable(plane, held)) throw DecodeError("a change of a plane that is not held");
        read_differences(from, held, plane);
    } else {
        read_levels(from, plane);
    }
    if (static_cast<PlaneId>(id) == PlaneId::item_weights &&
        std::ranges::any_of(plane.values, [](std::int16_t value) { return value < 0; }))
        throw DecodeError("a weight of an item is below zero");
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

std::size_t max_request_body_bytes(const Variant& variant, std::uint32_t items,
                                   std::size_t hosted_users) {
    if (find_exchange(variant.exchange).masked) return hosted_users * secure::max_question_bytes;
    if (find_exchange(variant.exchange).denoised)
        return denoise::max_question_bytes(variant, items, hosted_users);
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

Buffer encode_tables(const Tables* before, const Tables& now, const Coding& coding) {
    // Codes can change but not go away: whoever holds some that are gone starts anew.
    if (before != nullptr && before->codes.rows > 0 && now.codes.rows == 0) before = nullptr;
    Buffer body;
    ByteWriter to(body);
    to(varint(now.version), before == nullptr);
    if (now.codes.rows == 0 || (before != nullptr && before->codes == now.codes)) {
        to(static_cast<std::uint8_t>(CodesKind::same));
    } else {
        const Buffer codes =
            write_codes(before == nullptr ? nullptr : &before->codes, now.codes, coding);
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
        now, coding.planes == coders[1].name ? before : nullptr);
    return body;
}

void apply_tables(View body, const Variant& variant, std::uint32_t items, Tables& tables) {
    ByteReader from(body);
    std::uint32_t version = 0;
    std::uint8_t kind = 0, count = 0;
    bool anew = false;
    from(varint(version), anew, kind);
    if (anew) tables = {};
    if (kind > static_cast<std::uint8_t>(CodesKind::zstd))
        throw DecodeError("codes of an unknown kind");
    if (kind == static_cast<std::uint8_t>(CodesKind::seed)) {
        std::uint64_t seed = 0;
        bool teaching = false;
        from(teaching, seed);
        tables = initial_tables(seed, variant, items, teaching);
    } else if (kind != static_cast<std::uint8_t>(CodesKind::same)) {
        read_codes(from, static_cast<CodesKind>(kind), variant.bits, items, tables.codes);
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
