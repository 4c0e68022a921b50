#include "server/publisher.hpp"

#include <algorithm>

#include "common/wire/plane.hpp"

namespace fedhash::server {

namespace {

// Clients that are further behind get everything anew.
constexpr std::size_t kept_versions = 24;

}  // namespace

void Publisher::publish(Tables tables, bool starts_stage, bool teaching) {
    frames_.clear();
    history_.push_back({std::move(tables), starts_stage, teaching});
    if (history_.size() > kept_versions) history_.pop_front();
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
    const auto before = std::find_if(history_.begin(), history_.end(),
                                     [held](const Version& v) { return v.tables.version == held; });
    frame = wire::frame(wire::Type::publish,
                        wire::encode_tables(before == history_.end() ? nullptr : &before->tables,
                                            last.tables, coding_));
    return frame;
}

}  // namespace fedhash::server
