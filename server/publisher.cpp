#include "server/publisher.hpp"

#include <algorithm>

#include "common/wire/plane.hpp"

namespace fedhash::server {

void Publisher::publish(Tables tables, bool starts_stage, bool teaching) {
    frames_.clear();
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

}  // namespace fedhash::server
