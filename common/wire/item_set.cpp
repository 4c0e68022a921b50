#include "common/wire/item_set.hpp"

#include <cassert>

#include "common/wire/bit_stream.hpp"

namespace fedhash::wire {

namespace {

constexpr unsigned max_parameter = 31;

std::uint64_t cost_bits(std::span<const ItemId> items, unsigned parameter) {
    std::uint64_t bits = 0;
    std::uint32_t next = 0;
    for (ItemId item : items) {
        const auto id = static_cast<std::uint32_t>(item);
        bits += ((id - next) >> parameter) + 1 + parameter;
        next = id + 1;
    }
    return bits;
}

unsigned best_parameter(std::span<const ItemId> items) {
    unsigned best = 0;
    std::uint64_t best_bits = cost_bits(items, 0);
    for (unsigned parameter = 1; parameter <= max_parameter; ++parameter) {
        const std::uint64_t bits = cost_bits(items, parameter);
        if (bits >= best_bits) break;  // the cost is convex in the parameter
        best = parameter;
        best_bits = bits;
    }
    return best;
}

}  // namespace

void write_item_set(ByteWriter& ar, std::span<const ItemId> items) {
    const std::uint64_t count = items.size();
    const unsigned parameter = best_parameter(items);
    ar(varint(count), static_cast<std::uint8_t>(parameter));
    BitWriter bits(ar);
    std::uint32_t next = 0;
    for (ItemId item : items) {
        const auto id = static_cast<std::uint32_t>(item);
        assert(id >= next);
        const std::uint32_t gap = id - next;
        for (std::uint32_t ones = gap >> parameter; ones > 0; --ones) bits.put(1, 1);
        bits.put(0, 1);
        bits.put(gap & ((std::uint64_t{1} << parameter) - 1), parameter);
        next = id + 1;
    }
    bits.finish();
}

void read_item_set(ByteReader& ar, std::uint32_t limit, std::vector<ItemId>& items) {
    std::uint64_t count = 0;
    std::uint8_t parameter = 0;
    ar(varint(count), parameter);
    if (parameter > max_parameter) throw DecodeError("bad Rice parameter");
    if (count > limit || count > 8 * static_cast<std::uint64_t>(ar.left()))
        throw DecodeError("an item set is larger than it can be");
    items.clear();
    items.reserve(count);
    BitReader bits(
        ar.peek());  // what follows the set belongs to the uplink: take only what was used
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t gap = 0;
        while (bits.next())
            if ((++gap << parameter) + next >= limit)
                throw DecodeError("an item id is out of range");
        gap <<= parameter;
        gap |= bits.take(parameter);
        if (next + gap >= limit) throw DecodeError("an item id is out of range");
        items.push_back(static_cast<ItemId>(next + gap));
        next += gap + 1;
    }
    ar.take(bits.finish());
}

std::size_t max_item_set_bytes(std::uint32_t limit) {
    // With parameter 0 a set costs at most one bit an id (gap in unary, plus its end); the writer
    // never does worse.
    return 10 + 1 + (limit + 7) / 8 + 1;
}

}  // namespace fedhash::wire
