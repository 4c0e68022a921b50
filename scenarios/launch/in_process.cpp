// The in-process transport: the same coordinator, sessions, coders and frames, joined by memory
// instead of sockets. The coordinator runs on the caller's thread; the clients run on threads of
// their own, or with it. Uploads then arrive in another order, which no sum depends on.
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/session.hpp"
#include "common/wire/memory_channel.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/stop_signals.hpp"
#include "server/coordinator.hpp"
#include "shuffler/session.hpp"

namespace fedhash::scenarios {

namespace {

// The threads that clients run on, a strand each; none: they run on the coordinator's.
class Crew {
  public:
    explicit Crew(asio::io_context& coordinator) : coordinator_(coordinator) {}
    ~Crew() {
        halt();
        join();
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// What one client runs on, if there will be `threads`.
    asio::any_io_executor seat(std::uint32_t threads) {
        if (threads == 0) return coordinator_.get_executor();
        return asio::make_strand(clients_);
    }
    /// To be called once all clients have something to do.
    void start(std::uint32_t threads) {
        for (std::uint32_t t = 0; t < threads; ++t)
            threads_.emplace_back([this] { clients_.run(); });
    }
    /// Waits for the clients to finish.
    void join() { threads_.clear(); }
    /// Clients that wait for somebody wait no more.
    void halt() { clients_.stop(); }

  private:
    asio::io_context& coordinator_;
    asio::io_context clients_;
    std::vector<std::jthread> threads_;
};

// The first failure of any thread.
class Failure {
  public:
    void keep(std::exception_ptr error) {
        const std::lock_guard lock(mutex_);
        if (error && !first_) first_ = std::move(error);
    }
    void rethrow() const {
        if (first_) std::rethrow_exception(first_);
    }

  private:
    std::mutex mutex_;
    std::exception_ptr first_;
};

}  // namespace

std::uint32_t client_threads(std::uint32_t wanted, std::uint32_t clients) {
    const std::uint32_t all = std::max(1u, std::thread::hardware_concurrency());
    const std::uint32_t threads = std::min(wanted == 0 ? all : wanted, clients);
    return threads <= 1 ? 0 : threads;
}

nlohmann::json run_in_one_process(const Job& job) {
    asio::io_context io(1);
    server::Options options = job.options;
    options.run_folder = job.run_folder.string();
    Failure failure;
    server::Coordinator coordinator(io, options, job.on_event);
    // Last, so that it goes first: clients hold channels to a coordinator that is still there.
    Crew crew(io);
    const std::uint32_t threads = client_threads(job.threads, options.clients);
    const Identities identities = identities_for(options);
    const auto session_over = [&failure](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const wire::Closed&) {  // the coordinator parted from it, and its records say why
        } catch (const std::exception&) {
            failure.keep(std::current_exception());
        }
    };
    for (std::uint32_t c = 0; c < options.clients; ++c) {
        const asio::any_io_executor seat = crew.seat(threads);
        auto [here, there] = wire::make_memory_channels(io.get_executor(), seat);
        coordinator.roster().admit(std::move(here));
        client::SessionOptions session;
        if (job.user_codes) session.private_folder = job.run_folder / "private";
        asio::co_spawn(
            seat,
            client::run_session(std::move(there), deal(*job.data, c, options, identities), session),
            session_over);
    }
    if (identities.shuffler) {
        auto [here, there] = wire::make_memory_channels(io.get_executor(), io.get_executor());
        coordinator.roster().admit(std::move(here));
        asio::co_spawn(io,
                       shuffler::run_session(std::move(there), shuffler_keys(options, identities)),
                       session_over);
    }
    StopSignals signals(io, [&coordinator] { coordinator.interrupt(); });
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        failure.keep(error);
        signals.cancel();
        if (!error) return;
        io.stop();  // nobody will speak to the clients any more
        crew.halt();
    });
    crew.start(threads);
    io.run();
    crew.join();
    failure.rethrow();
    return coordinator.summary();
}

}  // namespace fedhash::scenarios
