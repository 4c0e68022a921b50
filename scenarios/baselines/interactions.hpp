// The training interactions as two sparse tables, by user and by item, and a hold-out within them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "client/shard.hpp"

namespace fedhash::scenarios {

/// Rows of column numbers, ascending within a row.
struct SparseRows {
    std::vector<std::size_t> start;  // rows + 1
    std::vector<std::uint32_t> columns;

    std::size_t rows() const { return start.size() - 1; }
    std::span<const std::uint32_t> row(std::size_t i) const {
        return std::span(columns).subspan(start[i], start[i + 1] - start[i]);
    }
};

struct Interactions {
    SparseRows by_user;
    SparseRows by_item;

    std::size_t users() const { return by_user.rows(); }
    std::size_t items() const { return by_item.rows(); }
    std::size_t count() const { return by_user.columns.size(); }
};

Interactions interactions(std::span<const client::UserData> users, std::uint32_t items);

/// The same users with a validation part taken out of their training part, for data that come
/// without one: a tenth of a user's interactions but at least one and at most as many as its test
/// part has; users with fewer than three keep all. Where `ranking` is not full, each gets as many
/// candidates as its test part has, drawn from what it has not trained on. Seeded; deciles are left
/// at 0.
std::vector<client::UserData> hold_out(std::span<const client::UserData> users,
                                       const client::Ranking& ranking, std::uint64_t seed);

}  // namespace fedhash::scenarios
