#include "common/wire/memory_channel.hpp"

#include <asio/dispatch.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

namespace fedhash::wire {

namespace {

// Who reads a pipe: its timer is touched on its own executor alone, cancelled when a frame or the
// end comes.
struct Reader {
    explicit Reader(const asio::any_io_executor& executor_)
        : executor(executor_), arrived(executor_, asio::steady_timer::time_point::max()) {}
    asio::any_io_executor executor;
    asio::steady_timer arrived;
};

// One direction. The ends may live on different threads; a reader that is gone is not woken.
struct Pipe {
    std::mutex mutex;
    std::deque<Encoded> frames;
    bool closed = false, waited_for = false;
    std::weak_ptr<Reader> reader;

    /// False when nobody will read it.
    bool push(Encoded frame) {
        {
            const std::lock_guard lock(mutex);
            if (closed) return false;
            frames.push_back(std::move(frame));
        }
        wake();
        return true;
    }
    void end() {
        {
            const std::lock_guard lock(mutex);
            closed = true;
        }
        wake();
    }
    /// The next frame; null when there is none yet, and the reader then waits. Throws Closed.
    Encoded take() {
        const std::lock_guard lock(mutex);
        if (frames.empty()) {
            if (closed) throw Closed("closed by peer");
            waited_for = true;
            return nullptr;
        }
        Encoded frame = std::move(frames.front());
        frames.pop_front();
        return frame;
    }

  private:
    void wake() {
        std::shared_ptr<Reader> waiting;
        {
            const std::lock_guard lock(mutex);
            if (!waited_for) return;
            waited_for = false;
            waiting = reader.lock();
        }
        // Runs after the reader's coroutine was suspended: that happens on the same executor.
        if (waiting) asio::dispatch(waiting->executor, [waiting] { waiting->arrived.cancel(); });
    }
};

class MemoryChannel final : public Channel {
  public:
    MemoryChannel(const asio::any_io_executor& executor, std::shared_ptr<Pipe> in,
                  std::shared_ptr<Pipe> out)
        : reader_(std::make_shared<Reader>(executor)), in_(std::move(in)), out_(std::move(out)) {
        in_->reader = reader_;
    }
    ~MemoryChannel() override { MemoryChannel::close(); }

    asio::awaitable<Frame> receive() override {
        const std::shared_ptr<Reader> reader = reader_;
        const std::shared_ptr<Pipe> in = in_;
        Encoded next = in->take();
        while (!next) {
            asio::error_code cancelled;
            co_await reader->arrived.async_wait(
                asio::redirect_error(asio::use_awaitable, cancelled));
            next = in->take();
        }
        held_ = std::move(next);
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
        const std::size_t size = frame->size();
        if (out_->push(std::move(frame))) traffic_.sent += size;
    }

    asio::awaitable<void> drained() override { co_return; }
    void allow(const Caps& caps) override { caps_ = caps; }
    void close() override {
        in_->end();
        out_->end();
    }
    std::size_t queued_bytes() const override {
        const std::lock_guard lock(out_->mutex);
        std::size_t bytes = 0;
        for (const Encoded& frame : out_->frames) bytes += frame->size();
        return bytes;
    }
    Traffic traffic() const override { return traffic_; }
    std::optional<Traffic> kernel_traffic() const override { return std::nullopt; }

  private:
    std::shared_ptr<Reader> reader_;
    std::shared_ptr<Pipe> in_, out_;
    Encoded held_;
    Caps caps_;
    Traffic traffic_;
};

}  // namespace

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> make_memory_channels(
    const asio::any_io_executor& first, const asio::any_io_executor& second) {
    auto there = std::make_shared<Pipe>();
    auto back = std::make_shared<Pipe>();
    return {std::make_unique<MemoryChannel>(first, there, back),
            std::make_unique<MemoryChannel>(second, back, there)};
}

}  // namespace fedhash::wire
