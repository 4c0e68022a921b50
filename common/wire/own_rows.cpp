#include "common/wire/own_rows.hpp"

#include <algorithm>

#include "common/wire/archive.hpp"
#include "common/wire/coders.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/plane.hpp"

namespace fedhash::wire {

namespace {

Tables rows_of(const Tables& tables, std::span<const ItemId> rows) {
    Tables some{tables.version, Codes(tables.codes.bits, 0), tables.planes};
    if (tables.codes.rows == 0) return some;
    gather(tables.codes, rows, some.codes);
    return some;
}

}  // namespace

bool sends_own_rows(const Variant& variant) { return variant.coding.rows == "own"; }

Buffer encode_needs(const ItemSets& needs, const Coding& coding) {
    Buffer body;
    ByteWriter to(body, coders_of(coding));
    for (const std::vector<ItemId>& set : needs) write_item_set(to, set);
    return body;
}

ItemSets decode_needs(View body, std::size_t users, std::uint32_t items, const Coding& coding) {
    ByteReader from(body, coders_of(coding));
    ItemSets needs(users);
    for (std::vector<ItemId>& set : needs) read_item_set(from, items, set);
    from.finish();
    return needs;
}

std::size_t max_needs_bytes(std::size_t users, std::uint32_t items) {
    return users * max_item_set_bytes(items);
}

std::vector<ItemId> all_of(const ItemSets& sets) {
    std::vector<ItemId> all;
    for (const std::vector<ItemId>& set : sets) all.insert(all.end(), set.begin(), set.end());
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

Buffer encode_rows(const Tables* before, const Tables& now, std::span<const ItemId> rows,
                   const Coding& coding) {
    if (before == nullptr) return encode_tables(nullptr, rows_of(now, rows), coding);
    const Tables held = rows_of(*before, rows);
    return encode_tables(&held, rows_of(now, rows), coding);
}

void apply_rows(View body, const Variant& variant, std::uint32_t items,
                std::span<const ItemId> rows, Tables& tables) {
    Tables some = rows_of(tables, rows);
    apply_tables(body, variant, static_cast<std::uint32_t>(rows.size()), some);
    if (some.codes.rows > 0 && tables.codes.rows != items)
        tables.codes = Codes(variant.bits, items);
    for (std::size_t j = 0; j < some.codes.rows; ++j)
        std::ranges::copy(some.codes.row(j), tables.codes.row(index(rows[j])).begin());
    tables.planes = std::move(some.planes);
    tables.version = some.version;
}

}  // namespace fedhash::wire
