// The in-process transport: the same coordinator, sessions, coders and frames, joined by memory
// instead of sockets.
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "client/session.hpp"
#include "common/wire/memory_channel.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/stop_signals.hpp"
#include "server/coordinator.hpp"

namespace fedhash::scenarios {

nlohmann::json run_in_one_process(const Job& job) {
    asio::io_context io(1);
    server::Options options = job.options;
    options.run_folder = job.run_folder.string();
    server::Coordinator coordinator(io, options, job.on_event);
    std::exception_ptr failure;
    const auto keep_first = [&failure](std::exception_ptr error) {
        if (error && !failure) failure = error;
    };
    const auto session_over = [&keep_first](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const wire::Closed&) {  // the coordinator parted from it, and its records say why
        } catch (const std::exception&) {
            keep_first(error);
        }
    };
    for (std::uint32_t c = 0; c < options.clients; ++c) {
        auto [here, there] = wire::make_memory_channels(io.get_executor());
        coordinator.roster().admit(std::move(here));
        client::SessionOptions session;
        if (job.user_codes) session.private_folder = job.run_folder / "private";
        asio::co_spawn(
            io,
            client::run_session(std::move(there),
                                deal(*job.data, c, options.clients, options.token), session),
            session_over);
    }
    StopSignals signals(io, [&coordinator] { coordinator.interrupt(); });
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        keep_first(error);
        signals.cancel();
        if (error) io.stop();  // nobody will speak to the sessions any more
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return coordinator.summary();
}

}  // namespace fedhash::scenarios
