#include "common/wire/socket_channel.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <deque>

namespace fedhash::wire {

namespace {

constexpr std::size_t first_read_bytes = 4096;

// struct tcp_info up to the fields we need; glibc 2.36's own declaration ends before them.
struct KernelTcpInfo {
    tcp_info old;
    std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
};

// What completion handlers may touch after the channel itself is gone.
struct State {
    explicit State(Socket s) : socket(std::move(s)), idle(socket.get_executor(), asio::steady_timer::time_point::max()) {}

    Socket socket;
    asio::steady_timer idle;  // cancelled when the last queued frame has left
    Caps caps;
    Traffic traffic;
    Buffer buffer = Buffer(first_read_bytes);
    std::size_t begin = 0, end = 0;  // unread bytes of the buffer
    std::deque<Encoded> queue;       // waiting, not yet handed to the kernel
    std::vector<Encoded> leaving;    // in the write under way
    std::size_t queued_bytes = 0;
};

void write_queued(std::shared_ptr<State> state) {
    state->leaving.assign(state->queue.begin(), state->queue.end());
    state->queue.clear();
    std::vector<asio::const_buffer> buffers;
    for (const Encoded& frame : state->leaving) buffers.emplace_back(frame->data(), frame->size());
    asio::async_write(state->socket, buffers, [state](const asio::error_code& error, std::size_t bytes) {
        state->traffic.sent += bytes;
        for (const Encoded& frame : state->leaving) state->queued_bytes -= frame->size();
        state->leaving.clear();
        if (error) {  // the reader finds out and says so
            asio::error_code ignored;
            state->socket.shutdown(Socket::shutdown_both, ignored);
            for (const Encoded& frame : state->queue) state->queued_bytes -= frame->size();
            state->queue.clear();
        }
        if (state->queue.empty())
            state->idle.cancel();
        else
            write_queued(state);
    });
}

class SocketChannel final : public Channel {
  public:
    explicit SocketChannel(Socket socket) : state_(std::make_shared<State>(std::move(socket))) {}
    ~SocketChannel() override { SocketChannel::close(); }

    asio::awaitable<Frame> receive() override {
        State& s = *state_;
        if (s.begin == s.end) s.begin = s.end = 0;
        while (s.end - s.begin < header_bytes) co_await read_more(header_bytes);
        const Header header = read_header(std::span<const std::uint8_t, header_bytes>(&s.buffer[s.begin], header_bytes));
        s.caps.check(header);
        const std::size_t size = header_bytes + header.length;
        while (s.end - s.begin < size) co_await read_more(size);
        const View body(s.buffer.data() + s.begin + header_bytes, header.length);
        s.begin += size;
        check_body(header, body);
        co_return Frame{header.type, body};
    }

    void post(Encoded frame) override {
        if (!state_->socket.is_open()) return;
        state_->queued_bytes += frame->size();
        state_->queue.push_back(std::move(frame));
        if (state_->leaving.empty()) write_queued(state_);
    }

    asio::awaitable<void> drained() override {
        while (!state_->leaving.empty()) {
            asio::error_code cancelled;
            co_await state_->idle.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
    }

    void allow(const Caps& caps) override { state_->caps = caps; }

    void close() override {
        asio::error_code ignored;
        state_->socket.close(ignored);
    }

    std::size_t queued_bytes() const override { return state_->queued_bytes; }
    Traffic traffic() const override { return state_->traffic; }

    std::optional<Traffic> kernel_traffic() const override {
        if (!state_->socket.is_open()) return std::nullopt;
        KernelTcpInfo info{};
        socklen_t size = sizeof info;
        const int fd = state_->socket.native_handle();
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < sizeof info) return std::nullopt;
        // A FIN that has arrived counts as one received byte. (So does, at the connecting end, the SYN as one acknowledged
        // byte; at the accepting end, which asks here, it does not.)
        const bool fin = info.old.tcpi_state == TCP_CLOSE_WAIT;
        return Traffic{info.bytes_acked, info.bytes_received - (fin ? 1 : 0)};
    }

  private:
    // Reads at least one byte, with room for `wanted` unread ones. The buffer grows only after the caps were checked.
    asio::awaitable<void> read_more(std::size_t wanted) {
        State& s = *state_;
        if (s.begin > 0 && s.begin + wanted > s.buffer.size()) {
            std::copy(s.buffer.begin() + static_cast<std::ptrdiff_t>(s.begin),
                      s.buffer.begin() + static_cast<std::ptrdiff_t>(s.end), s.buffer.begin());
            s.end -= s.begin;
            s.begin = 0;
        }
        // Some more than asked for, so that the small frame behind a large one comes with the same read.
        if (s.buffer.size() < s.begin + wanted) s.buffer.resize(s.begin + wanted + first_read_bytes);
        asio::error_code error;
        const std::size_t bytes =
            co_await s.socket.async_read_some(asio::buffer(s.buffer.data() + s.end, s.buffer.size() - s.end),
                                              asio::redirect_error(asio::use_awaitable, error));
        if (error) throw Closed(error == asio::error::eof ? "closed by peer" : error.message());
        s.traffic.received += bytes;
        s.end += bytes;
    }

    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Channel> make_socket_channel(Socket socket) {
    return std::make_unique<SocketChannel>(std::move(socket));
}

}  // namespace fedhash::wire
