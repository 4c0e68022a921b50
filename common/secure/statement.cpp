#include "common/secure/statement.hpp"

#include <algorithm>

#include "common/uplink.hpp"
#include "common/wire/archive.hpp"

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

/// The parts of a sum that a statement has, in its order.
template <class Sum, class Visit>
void each_part(Sum& sum, Visit visit) {
    for (auto* part : {&sum.rows, &sum.counts, &sum.weights, &sum.vectors, &sum.gram}) visit(*part);
}

}  // namespace

std::uint64_t clip_of(const Variant& variant) {
    if (variant.similarity != "hamming") return 0;
    if (variant.uplink == "residual")
        return static_cast<std::uint64_t>(std::max(max_pull(variant), max_curvature(variant)));
    if (variant.uplink == "gradients") return 2'000'000'000;
    return 0;
}

std::size_t statement_cells(const Variant& variant, std::uint32_t items) {
    return std::size_t{items} * (variant.bits + 2) + variant.bits +
           std::size_t{variant.bits} * variant.bits + 1;
}

Terms statement_terms(const Variant& variant, std::uint32_t users, std::uint32_t items,
                      std::uint64_t seed, const Tables& tables) {
    Bytes session;
    wire::ByteWriter to(session);
    to(seed, users, items, variant.bits);
    return {round_context(session, tables.version, hash_of(tables)),
            ring_for(users, clip_of(variant)), statement_cells(variant, items)};
}

std::vector<std::int64_t> flatten(const Aggregate& sum) {
    std::vector<std::int64_t> cells{static_cast<std::int64_t>(sum.users)};
    each_part(sum, [&](const std::vector<std::int64_t>& part) {
        cells.insert(cells.end(), part.begin(), part.end());
    });
    return cells;
}

Aggregate unflatten(const AggregateShape& shape, std::span<const std::int64_t> cells) {
    Aggregate sum(shape);
    sum.users = static_cast<std::uint64_t>(cells[0]);
    std::size_t at = 1;
    each_part(sum, [&](std::vector<std::int64_t>& part) {
        for (std::int64_t& value : part) value = cells[at++];
    });
    return sum;
}

void check_sum(const Aggregate& sum, std::uint64_t users) {
    const auto impossible = [users](std::int64_t count) {
        return count < 0 || static_cast<std::uint64_t>(count) > users;
    };
    if (sum.users != users || std::ranges::any_of(sum.counts, impossible))
        throw wire::DecodeError("masked values that these users do not add up to");
}

}  // namespace fedhash::secure
