// The coordinator's door: accepts connections and hands them to the roster.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "server/options.hpp"
#include "server/roster.hpp"

namespace fedhash::server {

class Door {
  public:
    virtual ~Door() = default;
    /// Where clients connect, as common/wire/endpoint.hpp writes it.
    virtual std::string endpoint() const = 0;
    virtual void close() = 0;
};

/// Binds to the address of the options (TCP; loopback unless told otherwise) or a unix socket of
/// mode 0600. Throws NetworkError: the port is in use, and what to do.
std::unique_ptr<Door> open_door(asio::io_context& io, const Options& options, Roster& roster);

}  // namespace fedhash::server
