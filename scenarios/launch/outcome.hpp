// How a simulation is started and what comes back, whatever the transport.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "scenarios/data/prepared.hpp"
#include "server/options.hpp"

namespace fedhash::scenarios {

struct Job {
    const Prepared* data = nullptr;
    server::Options options;
    std::filesystem::path run_folder;
    bool user_codes = true;
    std::uint32_t threads = 0;  // in-process: for the clients (client_threads)
    std::function<void(const nlohmann::json& event)>
        on_event;  // "listening", "started", "ready", "round", "lost", ...
};

/// The coordinator's part of summary.json. Throws Error where there is none: the coordinator failed
/// or died.
nlohmann::json run_in_processes(const Job& job);
nlohmann::json run_in_one_process(const Job& job);

/// Threads that so many clients of one process run on beside the coordinator's, when `wanted` are
/// asked for (0 = one per processor). 0: all of it on the coordinator's, which is what one means.
std::uint32_t client_threads(std::uint32_t wanted, std::uint32_t clients);

/// Gathers the private code files that the clients left in `folder` into user_codes.npy (mode 0600)
/// and removes them. Returns the number of users whose client left none; their rows are zero.
std::uint32_t merge_user_codes(const std::filesystem::path& folder, const server::Options& options,
                               const std::filesystem::path& to);

/// Gathers the users' metrics of the last measurement into one float32 matrix (users x metrics, NaN
/// where a user was not scored) for each way of scoring, to/NAME.npy (mode 0600).
void merge_user_metrics(const std::filesystem::path& folder, const server::Options& options,
                        const std::filesystem::path& to);

}  // namespace fedhash::scenarios
