#include "common/wire/blocking_channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/errors.hpp"
#include "common/wire/frame_reader.hpp"

namespace fedhash::wire {

namespace {

class BlockingChannel final : public Channel {
  public:
    explicit BlockingChannel(int fd) : fd_(fd) {}
    ~BlockingChannel() override { BlockingChannel::close(); }

    asio::awaitable<Frame> receive() override {
        while (true) {
            if (const std::optional<Frame> frame = reader_.next()) co_return *frame;
            const std::span<std::uint8_t> room = reader_.room();
            const ssize_t bytes = recv(fd_, room.data(), room.size(), 0);
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes <= 0) throw Closed(bytes == 0 ? "closed by peer" : std::strerror(errno));
            traffic_.received += static_cast<std::size_t>(bytes);
            reader_.filled(static_cast<std::size_t>(bytes));
        }
    }

    // Sends at once. A failure shows at the next receive.
    void post(Encoded frame) override {
        for (std::size_t sent = 0; sent < frame->size();) {
            const ssize_t bytes =
                send(fd_, frame->data() + sent, frame->size() - sent, MSG_NOSIGNAL);
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes < 0) {
                shutdown(fd_, SHUT_RDWR);
                return;
            }
            sent += static_cast<std::size_t>(bytes);
            traffic_.sent += static_cast<std::size_t>(bytes);
        }
    }

    asio::awaitable<void> drained() override { co_return; }
    void allow(const Caps& caps) override { reader_.allow(caps); }
    void close() override {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    std::size_t queued_bytes() const override { return 0; }
    Traffic traffic() const override { return traffic_; }
    std::optional<Traffic> kernel_traffic() const override { return std::nullopt; }

  private:
    int fd_;
    FrameReader reader_;
    Traffic traffic_;
};

}  // namespace

std::uint32_t patience_ms(std::int64_t wait_s) {
    if (wait_s < 0 || wait_s > 86'400)
        throw UsageError("--wait " + std::to_string(wait_s) + ": from 0 to 86400 seconds");
    return static_cast<std::uint32_t>(1000 * wait_s);
}

std::unique_ptr<Channel> connect_blocking(const Endpoint& endpoint, std::uint32_t patience_ms) {
    return std::make_unique<BlockingChannel>(connect(endpoint, patience_ms));
}

}  // namespace fedhash::wire
