#include "common/wire/memory_channel.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>

namespace fedhash::wire {

namespace {

// One direction.
struct Pipe {
    explicit Pipe(asio::any_io_executor executor)
        : arrived(std::move(executor), asio::steady_timer::time_point::max()) {}
    std::deque<Encoded> frames;
    asio::steady_timer arrived;  // cancelled when a frame or the end comes
    bool closed = false;

    void end() {
        closed = true;
        arrived.cancel();
    }
};

class MemoryChannel final : public Channel {
  public:
    MemoryChannel(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
        : in_(std::move(in)), out_(std::move(out)) {}
    ~MemoryChannel() override { MemoryChannel::close(); }

    asio::awaitable<Frame> receive() override {
        const std::shared_ptr<Pipe> in = in_;
        while (in->frames.empty()) {
            if (in->closed) throw Closed("closed by peer");
            asio::error_code cancelled;
            co_await in->arrived.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        held_ = std::move(in->frames.front());
        in->frames.pop_front();
        const View bytes(*held_);
        if (bytes.size() < header_bytes) throw DecodeError("truncated header");
        const Header header = read_header(bytes.first<header_bytes>());
        caps_.check(header);
        const View body = bytes.subspan(header_bytes);
        if (body.size() != header.length) throw DecodeError("truncated body");
        check_body(header, body);
        traffic_.received += bytes.size();
        co_return Frame{header.type, body};
    }

    void post(Encoded frame) override {
        if (out_->closed) return;
        traffic_.sent += frame->size();
        out_->frames.push_back(std::move(frame));
        out_->arrived.cancel();
    }

    asio::awaitable<void> drained() override { co_return; }
    void allow(const Caps& caps) override { caps_ = caps; }
    void close() override {
        in_->end();
        out_->end();
    }
    std::size_t queued_bytes() const override {
        std::size_t bytes = 0;
        for (const Encoded& frame : out_->frames) bytes += frame->size();
        return bytes;
    }
    Traffic traffic() const override { return traffic_; }
    std::optional<Traffic> kernel_traffic() const override { return std::nullopt; }

  private:
    std::shared_ptr<Pipe> in_, out_;
    Encoded held_;
    Caps caps_;
    Traffic traffic_;
};

}  // namespace

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> make_memory_channels(
    asio::any_io_executor executor) {
    auto there = std::make_shared<Pipe>(executor);
    auto back = std::make_shared<Pipe>(executor);
    return {std::make_unique<MemoryChannel>(there, back),
            std::make_unique<MemoryChannel>(back, there)};
}

}  // namespace fedhash::wire
