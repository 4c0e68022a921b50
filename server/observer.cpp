#include "server/observer.hpp"

#include <algorithm>

#include "common/exchange.hpp"
#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::server {

namespace {

constexpr std::size_t rows_of_others = 2;

Aggregate masked(wire::View upload, const AggregateShape& shape, const Options& options,
                 const Tables& tables, const secure::Scope& scope) {
    const secure::Terms round = secure::statement_terms(options.variant, options.users,
                                                        options.items, options.seed, tables, scope);
    std::vector<std::int64_t> cells;
    wire::ByteReader from(upload);
    const secure::Masked masked = secure::read_masked(from, round, options.variant.privacy.blocks);
    for (const std::uint64_t cell : masked.cells) cells.push_back(round.ring.lift(cell));
    return secure::unflatten(shape, cells, scope);
}

}  // namespace

void Observer::see(UserId user, wire::View upload, std::size_t frame_bytes, const Options& options,
                   const Tables& tables, const secure::Scope& scope, bool lied_to) {
    const Variant& variant = options.variant;
    const auto uplink = uplink_of(variant, tables.version).make(variant);
    const AggregateShape shape = uplink->shape(options.items);
    if (alone_.shape != shape) alone_ = Aggregate(shape);
    if (find_exchange(variant.exchange).masked) {
        alone_ = masked(upload, shape, options, tables, scope);
    } else {
        wire::ByteReader from(upload, wire::coders_of(variant.coding));
        uplink->hear(from, tables, alone_);
    }

    Observation seen{tables.version, user, frame_bytes, {}, {}, {}};
    const bool with_rows = tables.version == rows_of_;
    Uploads& uploads = lied_to ? victims_ : honest_;
    uploads.tables.try_emplace(tables.version, tables.codes);
    for (std::size_t i = 0; i < shape.items; ++i) {
        if (alone_.counts[i] == 0) continue;
        seen.items.push_back(ItemId{static_cast<std::uint32_t>(i)});
        const std::span row = std::span(alone_.rows).subspan(i * shape.width, shape.width);
        if (with_rows || seen.items.size() <= rows_of_others) {
            seen.rows.insert(seen.rows.end(), row.begin(), row.end());
            seen.weights.push_back(alone_.weights[i]);
        }
        std::ranges::fill(row, 0);
        alone_.counts[i] = alone_.weights[i] = 0;
        if (shape.second)
            std::ranges::fill(std::span(alone_.second)
                                  .subspan(i * Aggregate::triangle(shape.width),
                                           Aggregate::triangle(shape.width)),
                              0);
    }
    for (auto* once : {&alone_.vectors, &alone_.gram, &alone_.cross}) std::ranges::fill(*once, 0);
    alone_.users = 0;
    uploads.seen.push_back(std::move(seen));
}

void Observer::see_sum(std::uint32_t round, const Aggregate& sum,
                       const std::vector<UserId>& users) {
    if (round == rows_of_) sum_ = {round, sum, users};
}

void Observer::see_decoys(std::uint32_t round, const std::vector<UserId>& users,
                          const denoise::Decoys& decoys) {
    if (round == rows_of_) decoys_.push_back({round, users, decoys});
}

}  // namespace fedhash::server
