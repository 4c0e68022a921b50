// fedhash-server: the coordinator process. Started by `fedhash`, which writes its options as one
// line to standard input and keeps that pipe open: when it closes, whoever started the run is gone
// and the run stops. Events go to standard output, one JSON object a line.
#include <sys/resource.h>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/signal_set.hpp>
#include <asio/streambuf.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "server/coordinator.hpp"
#include "server/listen.hpp"

namespace {

using namespace fedhash;

// One descriptor a client, and some to spare.
void allow_connections(std::uint32_t clients) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < clients + 64ull)
        throw UsageError("run.clients: " + std::to_string(clients) +
                         " connections need more open files than the limit of " +
                         std::to_string(limit.rlim_cur) +
                         "; raise it with `ulimit -Hn`, or use fewer clients");
}

// Lines from whoever started us: "dead N REASON" when the process of a client ended; the end of the
// stream means stop.
class Lifeline {
  public:
    Lifeline(asio::io_context& io, server::Coordinator& coordinator,
             std::filesystem::path run_folder)
        : input_(io, dup(0)), run_folder_(std::move(run_folder)), coordinator_(coordinator) {
        listen();
    }
    void close() {
        asio::error_code ignored;
        input_.close(ignored);
    }

  private:
    void listen() {
        asio::async_read_until(input_, buffer_, '\n',
                               [this](const asio::error_code& error, std::size_t) {
                                   if (error == asio::error::operation_aborted) return;
                                   if (error) return abandoned();
                                   std::istream lines(&buffer_);
                                   std::string word;
                                   std::uint32_t client = 0;
                                   std::string reason;
                                   lines >> word >> client;
                                   std::getline(lines, reason);
                                   if (word == "dead")
                                       coordinator_.roster().give_up(
                                           client, reason.empty() ? reason : reason.substr(1));
                                   listen();
                               });
    }

    // Nobody is left to clear up: the shards must not outlive the run.
    void abandoned() {
        std::error_code ignored;
        std::filesystem::remove_all(run_folder_ / "private", ignored);
        coordinator_.interrupt();
    }

    asio::posix::stream_descriptor input_;
    asio::streambuf buffer_{65536};
    std::filesystem::path run_folder_;
    server::Coordinator& coordinator_;
};

int run() {
    std::string line;
    if (!std::getline(std::cin, line))
        throw UsageError("no options on standard input; fedhash-server is started by fedhash");
    const server::Options options = server::options_from_text(line);
    allow_connections(options.clients);

    asio::io_context io(1);
    server::Coordinator coordinator(
        io, options, [](const nlohmann::json& event) { std::cout << event << std::endl; });
    const std::unique_ptr<server::Door> door = server::open_door(io, options, coordinator.roster());
    std::cout << nlohmann::json{{"event", "listening"}, {"endpoint", door->endpoint()}}
              << std::endl;

    Lifeline lifeline(io, coordinator, options.run_folder);
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&coordinator](const asio::error_code& error, int) {
        if (!error) coordinator.interrupt();
    });
    std::exception_ptr failure;
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        failure = error;
        door->close();
        lifeline.close();
        signals.cancel();
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    std::cout << nlohmann::json{{"event", "finished"}, {"summary", coordinator.summary()}}
              << std::endl;
    return exit_ok;
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    std::signal(SIGPIPE, SIG_IGN);
    int code = fedhash::exit_run_failed;
    std::string message;
    try {
        return run();
    } catch (const fedhash::Error& error) {
        code = error.code();
        message = error.what();
    } catch (const std::exception& error) {
        message = error.what();
    }
    std::cout << nlohmann::json{{"event", "failed"}, {"code", code}, {"message", message}}
              << std::endl;
    return code;
}
