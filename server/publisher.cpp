#include "server/publisher.hpp"

#include <algorithm>

#include "common/wire/own_rows.hpp"
#include "common/wire/plane.hpp"

namespace fedhash::server {

void Publisher::publish(Tables tables, bool starts_stage, bool teaching) {
    frames_.clear();
    if (history_.empty()) room_.assign(std::min(versions_, kept_versions), tables);
    if (!room_.empty()) room_.pop_back();
    history_.push_back({std::move(tables), starts_stage, teaching});
    if (history_.size() > kept_versions) history_.pop_front();
}

const Tables* Publisher::at(std::uint32_t version) const {
    const auto found = std::ranges::find_if(
        history_, [version](const Version& one) { return one.tables.version == version; });
    return found == history_.end() ? nullptr : &found->tables;
}

const wire::Encoded& Publisher::frame_from(std::uint32_t held) {
    wire::Encoded& frame = frames_[held];
    if (frame) return frame;
    const Version& last = history_.back();
    if (last.starts_stage) {
        frame =
            wire::frame(wire::Type::publish, wire::encode_start(seed_, last.teaching, last.tables));
        return frame;
    }
    frame = wire::frame(wire::Type::publish, wire::encode_tables(at(held), last.tables, coding_));
    return frame;
}

wire::Encoded Publisher::rows_from(std::uint32_t held, std::span<const ItemId> rows) const {
    return wire::frame(wire::Type::rows,
                       wire::encode_rows(at(held), history_.back().tables, rows, coding_));
}

}  // namespace fedhash::server
