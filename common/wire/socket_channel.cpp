#include "common/wire/socket_channel.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <deque>

#include "common/wire/frame_reader.hpp"

namespace fedhash::wire {

namespace {

// struct tcp_info up to the fields we need; glibc 2.36's own declaration ends before them.
struct KernelTcpInfo {
    tcp_info old;
    std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
};

// What completion handlers may touch after the channel itself is gone.
struct State {
    explicit State(Socket s)
        : socket(std::move(s)),
          idle(socket.get_executor(), asio::steady_timer::time_point::max()) {}

    Socket socket;
    asio::steady_timer idle;  // cancelled when the last queued frame has left
    FrameReader reader;
    Traffic traffic;
    std::deque<Encoded> queue;     // waiting, not yet handed to the kernel
    std::vector<Encoded> leaving;  // in the write under way
    std::size_t queued_bytes = 0;
    bool writing = false;  // a write is under way or about to be
};

void write_queued(std::shared_ptr<State> state) {
    state->leaving.assign(state->queue.begin(), state->queue.end());
    state->queue.clear();
    std::vector<asio::const_buffer> buffers;
    for (const Encoded& frame : state->leaving) buffers.emplace_back(frame->data(), frame->size());
    asio::async_write(state->socket, buffers,
                      [state](const asio::error_code& error, std::size_t bytes) {
                          state->traffic.sent += bytes;
                          for (const Encoded& frame : state->leaving)
                              state->queued_bytes -= frame->size();
                          state->leaving.clear();
                          if (error) {  // the reader finds out and says so
                              asio::error_code ignored;
                              state->socket.shutdown(Socket::shutdown_both, ignored);
                              for (const Encoded& frame : state->queue)
                                  state->queued_bytes -= frame->size();
                              state->queue.clear();
                          }
                          state->writing = !state->queue.empty();
                          if (state->writing)
                              write_queued(state);
                          else
                              state->idle.cancel();
                      });
}

class SocketChannel final : public Channel {
  public:
    explicit SocketChannel(Socket socket) : state_(std::make_shared<State>(std::move(socket))) {}
    ~SocketChannel() override { SocketChannel::close(); }

    asio::awaitable<Frame> receive() override {
        State& s = *state_;
        while (true) {
            if (const std::optional<Frame> frame = s.reader.next()) co_return *frame;
            const std::span<std::uint8_t> room = s.reader.room();
            asio::error_code error;
            const std::size_t bytes =
                co_await s.socket.async_read_some(asio::buffer(room.data(), room.size()),
                                                  asio::redirect_error(asio::use_awaitable, error));
            if (error) throw Closed(error == asio::error::eof ? "closed by peer" : error.message());
            s.traffic.received += bytes;
            s.reader.filled(bytes);
        }
    }

    void post(Encoded frame) override {
        if (!state_->socket.is_open()) return;
        state_->queued_bytes += frame->size();
        state_->queue.push_back(std::move(frame));
        if (state_->writing) return;
        // Not at once: a table and the request that goes with it are to leave in one write and wake
        // their reader once.
        state_->writing = true;
        asio::post(state_->socket.get_executor(), [state = state_] { write_queued(state); });
    }

    asio::awaitable<void> drained() override {
        while (state_->writing) {
            asio::error_code cancelled;
            co_await state_->idle.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
    }

    void allow(const Caps& caps) override { state_->reader.allow(caps); }

    void close() override {
        asio::error_code ignored;
        state_->socket.close(ignored);
    }

    std::size_t queued_bytes() const override { return state_->queued_bytes; }
    Traffic traffic() const override { return state_->traffic; }

    std::optional<Traffic> kernel_traffic() const override {
        if (!state_->socket.is_open()) return std::nullopt;
        std::optional<KernelTcpInfo> info = tcp_info_now();
        // The kernel reads the state before it takes the lock under which it reads the counts, so
        // that a FIN may arrive in between: only two equal answers in a row are one moment's.
        while (info) {
            const std::optional<KernelTcpInfo> again = tcp_info_now();
            const bool same = again && again->old.tcpi_state == info->old.tcpi_state &&
                              again->bytes_received == info->bytes_received;
            info = again;
            if (same) break;
        }
        if (!info) return std::nullopt;
        // A FIN that has arrived counts as one received byte. (So does, at the connecting end, the
        // SYN as one acknowledged byte; at the accepting end, which asks here, it does not.)
        const bool fin = info->old.tcpi_state == TCP_CLOSE_WAIT;
        return Traffic{info->bytes_acked, info->bytes_received - (fin ? 1 : 0)};
    }

  private:
    std::optional<KernelTcpInfo> tcp_info_now() const {
        KernelTcpInfo info{};
        socklen_t size = sizeof info;
        if (getsockopt(state_->socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
            size < sizeof info)
            return std::nullopt;
        return info;
    }

    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Channel> make_socket_channel(Socket socket) {
    return std::make_unique<SocketChannel>(std::move(socket));
}

}  // namespace fedhash::wire
