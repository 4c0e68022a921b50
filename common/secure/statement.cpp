#include "common/secure/statement.hpp"

#include <algorithm>
#include <type_traits>

#include "common/noise.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash::secure {

namespace {

Key hash_of(const Tables& tables) {
    Bytes bytes;
    wire::ByteWriter to(bytes);
    to(tables.version, tables.codes.bits, static_cast<std::uint64_t>(tables.codes.rows));
    to.append(tables.codes.words.data(), tables.codes.words.size() * sizeof(std::uint64_t));
    for (const Plane& plane : tables.planes) {
        to(plane.rows, plane.cols, plane.fraction);
        to.append(plane.values.data(), plane.values.size() * sizeof(std::int16_t));
    }
    return hash(bytes);
}

/// The integers of a sum that are asked for, in their order.
template <class Sum, class Visit>
void each_cell(Sum& sum, const Scope& scope, Visit visit) {
    visit(sum.users);
    const auto all = [&](auto& part) {
        for (auto& value : part) visit(value);
    };
    if (scope.kind == Scope::counts) return all(sum.counts);
    if (scope.kind == Scope::everything) {
        all(sum.rows);
        all(sum.counts);
        all(sum.weights);
    } else {
        const std::size_t width = sum.shape.width;
        for (const ItemId item : scope.items) {
            for (std::size_t a = 0; a < width; ++a) visit(sum.rows[index(item) * width + a]);
            visit(sum.counts[index(item)]);
            visit(sum.weights[index(item)]);
        }
    }
    all(sum.vectors);
    all(sum.gram);
}

}  // namespace

namespace {

/// By the order of each_cell.
std::vector<std::uint16_t> block_of_cells(const Variant& variant, std::uint64_t seed,
                                          std::uint32_t items, const Scope& scope) {
    std::vector<std::uint16_t> blocks;
    if (variant.privacy.blocks == 0) return blocks;
    const std::vector<std::uint16_t> of_item = blocks_of_items(variant.privacy.blocks, seed, items);
    blocks.assign(statement_cells(variant, items, scope), of_everybody);
    std::size_t at = 1;  // behind the number of users
    const auto cells = [&](std::uint16_t block, std::size_t count) {
        for (std::size_t j = 0; j < count; ++j) blocks[at++] = block;
    };
    if (scope.kind == Scope::some) {
        for (const ItemId item : scope.items) cells(of_item[index(item)], variant.bits + 2);
        return blocks;
    }
    // Counts alone, or rows, counts and weights.
    if (scope.kind == Scope::everything)
        for (const std::uint16_t block : of_item) cells(block, variant.bits);
    for (std::size_t part = scope.kind == Scope::counts ? 1 : 0; part < 2; ++part)
        for (const std::uint16_t block : of_item) cells(block, 1);
    return blocks;
}

}  // namespace

std::uint64_t clip_of(const Variant& variant) {
    if (variant.similarity != "hamming") return 0;
    const bool noisy = variant.privacy.noise_q8 > 0;
    std::int64_t row = 0, other = 0;
    if (variant.uplink == "residual") {
        row = max_pull(variant);
        other = max_curvature(variant);
    } else if (variant.uplink == "gradients") {
        row = max_gradient(variant);
    } else {
        return 0;
    }
    if (noisy) row = std::min<std::int64_t>(row, variant.privacy.noise_clip);
    return static_cast<std::uint64_t>(std::max(row, other)) + (noisy ? most_noise(variant) : 0);
}

std::size_t statement_cells(const Variant& variant, std::uint32_t items, const Scope& scope) {
    if (scope.kind == Scope::counts) return std::size_t{items} + 1;
    const std::size_t rows = scope.kind == Scope::some ? scope.items.size() : items;
    return rows * (variant.bits + 2) + variant.bits + std::size_t{variant.bits} * variant.bits + 1;
}

Terms statement_terms(const Variant& variant, std::uint32_t users, std::uint32_t items,
                      std::uint64_t seed, const Tables& tables, const Scope& scope) {
    Bytes session;
    wire::ByteWriter to(session);
    to(seed, users, items, variant.bits);
    write_scope(to, scope);
    const std::uint64_t clip = scope.kind == Scope::counts ? 1 : clip_of(variant);
    return {round_context(session, tables.version, hash_of(tables)), ring_for(users, clip),
            statement_cells(variant, items, scope), block_of_cells(variant, seed, items, scope)};
}

std::vector<std::int64_t> flatten(const Aggregate& sum, const Scope& scope) {
    std::vector<std::int64_t> cells;
    each_cell(sum, scope, [&](auto value) { cells.push_back(static_cast<std::int64_t>(value)); });
    return cells;
}

Aggregate unflatten(const AggregateShape& shape, std::span<const std::int64_t> cells,
                    const Scope& scope) {
    Aggregate sum(shape);
    std::size_t at = 0;
    each_cell(sum, scope, [&](auto& value) {
        value = static_cast<std::remove_reference_t<decltype(value)>>(cells[at++]);
    });
    return sum;
}

void write_scope(wire::ByteWriter& to, const Scope& scope) {
    if (scope.kind == Scope::everything) return;
    to(static_cast<std::uint8_t>(scope.kind));
    if (scope.kind == Scope::some) wire::write_item_set(to, scope.items);
}

Scope read_scope(wire::ByteReader& from, std::uint32_t items) {
    if (from.left() == 0) return {};
    std::uint8_t kind = 0;
    from(kind);
    if (kind != Scope::counts && kind != Scope::some)
        throw wire::DecodeError("asked for an unknown part of a statement");
    Scope scope{static_cast<Scope::Kind>(kind), {}};
    if (scope.kind == Scope::some) wire::read_item_set(from, items, scope.items);
    return scope;
}

void check_sum(const Variant& variant, const Aggregate& sum, std::uint64_t users) {
    const auto impossible = [users](std::int64_t count) {
        return count < 0 || static_cast<std::uint64_t>(count) > users;
    };
    const bool exact = variant.privacy.noise_q8 == 0;
    if (sum.users != users || (exact && std::ranges::any_of(sum.counts, impossible)))
        throw wire::DecodeError("masked values that these users do not add up to");
}

}  // namespace fedhash::secure
