#include "common/wire/item_set.hpp"

#include <array>
#include <cassert>

#include "common/wire/bit_stream.hpp"

namespace fedhash::wire {

namespace {

constexpr unsigned max_parameter = 31;
constexpr unsigned elias_fano = max_parameter + 1;

std::uint32_t id_of(ItemId item) { return static_cast<std::uint32_t>(item); }

std::uint64_t rice_bits(std::span<const ItemId> items, unsigned parameter) {
    std::uint64_t bits = 0;
    std::uint32_t next = 0;
    for (ItemId item : items) {
        const std::uint32_t id = id_of(item);
        bits += ((id - next) >> parameter) + 1 + parameter;
        next = id + 1;
    }
    return bits;
}

unsigned best_rice(std::span<const ItemId> items) {
    unsigned best = 0;
    std::uint64_t best_bits = rice_bits(items, 0);
    for (unsigned parameter = 1; parameter <= max_parameter; ++parameter) {
        const std::uint64_t bits = rice_bits(items, parameter);
        if (bits >= best_bits) break;  // the cost is convex in the parameter
        best = parameter;
        best_bits = bits;
    }
    return best;
}

void put_head(ByteWriter& ar, std::size_t size, unsigned parameter) {
    const std::uint64_t count = size;
    ar(varint(count), static_cast<std::uint8_t>(parameter));
}

void put_unary(BitWriter& bits, std::uint32_t value) {
    for (; value > 0; --value) bits.put(1, 1);
    bits.put(0, 1);
}

std::uint64_t low_mask(unsigned parameter) { return (std::uint64_t{1} << parameter) - 1; }

void write_rice_as(ByteWriter& ar, std::span<const ItemId> items, unsigned parameter) {
    put_head(ar, items.size(), parameter);
    BitWriter bits(ar);
    std::uint32_t next = 0;
    for (ItemId item : items) {
        assert(id_of(item) >= next);
        const std::uint32_t gap = id_of(item) - next;
        put_unary(bits, gap >> parameter);
        bits.put(gap & low_mask(parameter), parameter);
        next = id_of(item) + 1;
    }
    bits.finish();
}

void write_rice(ByteWriter& ar, std::span<const ItemId> items) {
    write_rice_as(ar, items, best_rice(items));
}

void write_bitmap(ByteWriter& ar, std::span<const ItemId> items) { write_rice_as(ar, items, 0); }

/// n (l + 1) + (last >> l) bits are least with this l.
unsigned best_low(std::span<const ItemId> items) {
    if (items.empty()) return 0;
    const std::uint32_t last = id_of(items.back());
    unsigned low = 0;
    while (low < max_parameter && (last >> low) - (last >> (low + 1)) > items.size()) ++low;
    return low;
}

void write_elias_fano(ByteWriter& ar, std::span<const ItemId> items) {
    const unsigned low = best_low(items);
    put_head(ar, items.size(), elias_fano + low);
    BitWriter bits(ar);
    for (ItemId item : items) bits.put(id_of(item) & low_mask(low), low);
    std::uint32_t high = 0;
    for (ItemId item : items) {
        put_unary(bits, (id_of(item) >> low) - high);
        high = id_of(item) >> low;
    }
    bits.finish();
}

/// A value of at most `most`.
std::uint64_t take_unary(BitReader& bits, std::uint64_t most) {
    std::uint64_t value = 0;
    while (bits.next())
        if (++value > most) throw DecodeError("an item id is out of range");
    return value;
}

void read_rice(BitReader& bits, unsigned parameter, std::uint64_t count, std::uint32_t limit,
               std::vector<ItemId>& items) {
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t high = take_unary(bits, limit >> parameter);
        const std::uint64_t id = next + (high << parameter | bits.take(parameter));
        if (id >= limit) throw DecodeError("an item id is out of range");
        items.push_back(static_cast<ItemId>(id));
        next = id + 1;
    }
}

void read_elias_fano(BitReader& bits, unsigned low, std::uint64_t count, std::uint32_t limit,
                     std::vector<ItemId>& items) {
    for (std::uint64_t i = 0; i < count; ++i) items.push_back(static_cast<ItemId>(bits.take(low)));
    std::uint64_t high = 0, next = 0;
    for (ItemId& item : items) {
        high += take_unary(bits, (limit >> low) - high);
        const std::uint64_t id = high << low | id_of(item);
        if (id < next || id >= limit) throw DecodeError("an item id is out of range");
        item = static_cast<ItemId>(id);
        next = id + 1;
    }
}

constexpr std::array table{
    SetCoder{"smallest", write_rice, "the smallest of the others: Rice, for every set"},
    SetCoder{"rice", write_rice, "gaps in a Rice code with the best parameter"},
    SetCoder{"elias-fano", write_elias_fano, "low bits as they are, high bits in unary"},
    SetCoder{"bitmap", write_bitmap, "a bit for each id up to the last member"},
};

}  // namespace

std::span<const SetCoder> set_coders() { return table; }

void write_item_set(ByteWriter& ar, std::span<const ItemId> items) {
    (ar.coders().sets == nullptr ? table[0] : *ar.coders().sets).write(ar, items);
}

void read_item_set(ByteReader& ar, std::uint32_t limit, std::vector<ItemId>& items) {
    std::uint64_t count = 0;
    std::uint8_t parameter = 0;
    ar(varint(count), parameter);
    if (parameter > elias_fano + max_parameter) throw DecodeError("a set of an unknown coder");
    if (count > limit || count > 8 * static_cast<std::uint64_t>(ar.left()))
        throw DecodeError("an item set is larger than it can be");
    if (count > ar.coders().most_items) throw DecodeError("more rows than a user may say");
    items.clear();
    items.reserve(count);
    BitReader bits(ar.peek());  // what follows the set belongs to others: take what was used
    if (parameter < elias_fano)
        read_rice(bits, parameter, count, limit, items);
    else
        read_elias_fano(bits, parameter - elias_fano, count, limit, items);
    // One way of writing a set for each coder, so that nobody can say more than it holds.
    const bool canonical = parameter >= elias_fano
                               ? parameter == elias_fano + best_low(items)
                               : parameter == 0 || parameter == best_rice(items);
    if (!canonical) throw DecodeError("a set with another parameter than its best");
    ar.take(bits.finish());
}

std::size_t max_item_set_bytes(std::uint32_t limit) {
    // A bitmap costs at most one bit an id, and Rice never more; Elias-Fano two.
    return 10 + 1 + (2 * std::size_t{limit} + 7) / 8 + 1;
}

}  // namespace fedhash::wire
