#include "common/wire/frame_reader.hpp"

#include <algorithm>

namespace fedhash::wire {

std::optional<Frame> FrameReader::next() {
    const std::size_t unread = end_ - begin_;
    if (!header_) {
        if (unread < header_bytes) return std::nullopt;
        const Header header = read_header(
            std::span<const std::uint8_t, header_bytes>(&buffer_[begin_], header_bytes));
        caps_.check(header);
        header_ = header;
    }
    if (unread < header_bytes + header_->length) return std::nullopt;
    const Header header = *header_;
    const View body(buffer_.data() + begin_ + header_bytes, header.length);
    begin_ += header_bytes + header.length;
    header_.reset();
    check_body(header, body);
    return Frame{header.type, body};
}

std::span<std::uint8_t> FrameReader::room() {
    const std::size_t wanted = header_bytes + (header_ ? header_->length : 0);
    if (begin_ == end_) begin_ = end_ = 0;
    if (begin_ > 0 && begin_ + wanted > buffer_.size()) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    // Some more than was asked for, so that the small frame behind a large one comes with the same
    // read.
    if (buffer_.size() < begin_ + wanted) buffer_.resize(begin_ + wanted + first_bytes);
    return std::span(buffer_).subspan(end_);
}

}  // namespace fedhash::wire
