// A Channel over a TCP or unix stream socket.
#pragma once

#include <asio/generic/stream_protocol.hpp>
#include <memory>

#include "common/wire/channel.hpp"

namespace fedhash::wire {

using Socket = asio::generic::stream_protocol::socket;

std::unique_ptr<Channel> make_socket_channel(Socket socket);

}  // namespace fedhash::wire
