// What the server published, as one process holds it for all its users, and what follows from it
// alone.
#pragma once

#include <span>
#include <vector>

#include "common/tables.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::client {

struct Shared {
    Tables tables;

    // Of the present tables, once derive() was called:
    std::vector<std::int32_t> code_gram;   // sum over all items of d_i d_i', k x k
    std::vector<std::int64_t> code_sum;    // sum over all items of d_i, k
    std::vector<std::int64_t> bias_along;  // sum over all items of bias_i d_i, k
    std::int64_t bias_sum = 0, bias_square = 0;
    std::vector<double> factor_gram;  // sum over all items of g_i y_i y_i', reals, row-major
    std::uint32_t derived = 0;        // the version that these are of

    /// Takes over a publish body. Throws DecodeError.
    void take(wire::View body, const Variant& variant, std::uint32_t items);

    /// The same of the rows that this client named (common/wire/own_rows.hpp).
    void take_rows(wire::View body, const Variant& variant, std::uint32_t items,
                   std::span<const ItemId> rows);

    void derive();
};

}  // namespace fedhash::client
