#include "server/listen.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

#include "common/errors.hpp"
#include "common/wire/endpoint.hpp"
#include "common/wire/socket_channel.hpp"

namespace fedhash::server {

namespace {

template <class Protocol>
class ListeningDoor final : public Door {
  public:
    ListeningDoor(asio::io_context& io, Roster& roster, const typename Protocol::endpoint& where,
                  wire::Endpoint label)
        : acceptor_(io), roster_(roster), label_(std::move(label)) {
        asio::error_code error;
        acceptor_.open(where.protocol(), error);
        if (!error && label_.tcp)
            acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(where, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error)
            throw NetworkError(
                "cannot listen on " + wire::to_string(label_) + ": " + error.message() +
                (error == asio::error::address_in_use
                     ? "; choose another port (run.port, --listen), or 0 for any free "
                       "one"
                     : ""));
        if constexpr (std::is_same_v<Protocol, asio::ip::tcp>)
            label_.port = acceptor_.local_endpoint().port();
        accept_next();
    }
    ~ListeningDoor() override {
        if (!label_.tcp) unlink(label_.path.c_str());
    }
    std::string endpoint() const override { return wire::to_string(label_); }
    void close() override {
        asio::error_code ignored;
        acceptor_.close(ignored);
    }

  private:
    void accept_next() {
        acceptor_.async_accept(
            [this](const asio::error_code& error, typename Protocol::socket socket) {
                if (error == asio::error::operation_aborted) return;
                if (!error) {
                    asio::error_code ignored;
                    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>)
                        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
                    roster_.admit(wire::make_socket_channel(wire::Socket(std::move(socket))));
                } else {
                    roster_.reject("accept: " + error.message());
                }
                accept_next();
            });
    }

    typename Protocol::acceptor acceptor_;
    Roster& roster_;
    wire::Endpoint label_;
};

}  // namespace

std::unique_ptr<Door> open_door(asio::io_context& io, const Options& options, Roster& roster) {
    if (options.transport == "unix") {
        const mode_t before = umask(0177);  // the socket is the owner's alone
        struct Restore {
            mode_t mask;
            ~Restore() { umask(mask); }
        } restore{before};
        return std::make_unique<ListeningDoor<asio::local::stream_protocol>>(
            io, roster, asio::local::stream_protocol::endpoint(options.socket_path),
            wire::Endpoint{false, "", 0, options.socket_path});
    }
    asio::error_code error;
    const auto address = asio::ip::make_address_v4(options.address, error);
    if (error) throw UsageError("'" + options.address + "' is not an IPv4 address to listen on");
    return std::make_unique<ListeningDoor<asio::ip::tcp>>(
        io, roster, asio::ip::tcp::endpoint(address, options.port),
        wire::Endpoint{true, options.address, options.port, ""});
}

}  // namespace fedhash::server
