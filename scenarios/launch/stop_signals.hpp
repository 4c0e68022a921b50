// Ctrl-C and its kin: the first asks the run to finish what it has, the second ends it at once.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <utility>

namespace fedhash::scenarios {

class StopSignals {
  public:
    StopSignals(asio::io_context& io, std::function<void()> stop)
        : signals_(io, SIGINT, SIGTERM), stop_(std::move(stop)) {
        wait();
    }
    void cancel() {
        asio::error_code ignored;
        signals_.cancel(ignored);
    }

  private:
    void wait() {
        signals_.async_wait([this](const asio::error_code& error, int signal) {
            if (error) return;
            stop_();
            std::signal(signal, SIG_DFL);
        });
    }

    asio::signal_set signals_;
    std::function<void()> stop_;
};

}  // namespace fedhash::scenarios
