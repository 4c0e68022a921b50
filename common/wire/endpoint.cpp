#include "common/wire/endpoint.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <charconv>

#include "common/errors.hpp"

namespace fedhash::wire {

namespace {

constexpr int connect_attempts = 200;
constexpr std::chrono::milliseconds connect_pause{25};

// A full listen queue answers EAGAIN on unix sockets and may time out on TCP; both pass.
bool worth_another_try(const asio::error_code& error) {
    return error == asio::error::try_again || error == asio::error::would_block || error == asio::error::timed_out;
}

template <class Protocol>
Socket connect_to(asio::io_context& io, const typename Protocol::endpoint& where, const std::string& label) {
    for (int attempt = 1;; ++attempt) {
        typename Protocol::socket socket(io);
        asio::error_code error;
        socket.connect(where, error);
        if (!error) {
            if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) socket.set_option(asio::ip::tcp::no_delay(true));
            return Socket(std::move(socket));
        }
        if (attempt == connect_attempts || !worth_another_try(error))
            throw NetworkError("cannot connect to " + label + ": " + error.message());
        asio::steady_timer pause(io, connect_pause);
        pause.wait();
    }
}

}  // namespace

Endpoint parse_endpoint(std::string_view text) {
    Endpoint endpoint;
    if (text.starts_with("unix:") && text.size() > 5) {
        endpoint.tcp = false;
        endpoint.path = text.substr(5);
        return endpoint;
    }
    const std::size_t colon = text.rfind(':');
    if (text.starts_with("tcp:") && colon != std::string_view::npos && colon > 4) {
        endpoint.host = text.substr(4, colon - 4);
        const std::string_view port = text.substr(colon + 1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
        asio::error_code bad_host;
        asio::ip::make_address(endpoint.host, bad_host);
        if (error == std::errc() && end == port.data() + port.size() && !bad_host) return endpoint;
    }
    throw UsageError("'" + std::string(text) + "' is not an endpoint; write tcp:ADDRESS:PORT or unix:PATH");
}

std::string to_string(const Endpoint& endpoint) {
    return endpoint.tcp ? "tcp:" + endpoint.host + ":" + std::to_string(endpoint.port) : "unix:" + endpoint.path;
}

Socket connect(asio::io_context& io, const Endpoint& endpoint) {
    if (endpoint.tcp)
        return connect_to<asio::ip::tcp>(io, {asio::ip::make_address(endpoint.host), endpoint.port}, to_string(endpoint));
    return connect_to<asio::local::stream_protocol>(io, {endpoint.path}, to_string(endpoint));
}

}  // namespace fedhash::wire
