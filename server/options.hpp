// All that a coordinator is told. Nothing in it is, or is derived from, a single user's ratings.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/ids.hpp"
#include "common/links.hpp"
#include "common/variant.hpp"
#include "common/wire/messages.hpp"
#include "server/asynchrony.hpp"
#include "server/attendance.hpp"

namespace fedhash::server {

struct Options {
    std::uint32_t users = 0;
    std::uint32_t items = 0;
    std::uint32_t clients = 1;
    std::uint64_t seed = 1;
    std::uint32_t rounds = 10;
    double participation = 1;
    Variant variant;
    std::string kernels = "auto";
    std::vector<std::uint32_t> cutoffs;
    std::uint32_t evaluate_every = 1;  // 0 = only at the end
    bool has_validation = false;
    bool asymmetric = true;
    bool test = true;  // false: the test part is left alone
    std::uint32_t patience = 0;
    std::uint32_t deadline_ms = 60000;
    std::uint32_t start_deadline_ms = 60000;
    std::string transport = "tcp";      // tcp, unix, in-process
    std::string address = "127.0.0.1";  // tcp: of this machine, on which to listen
    std::uint16_t port = 0;             // tcp; 0 = any
    std::string socket_path;            // unix
    std::string run_folder;
    bool record = false;  // of all that is said and heard (recorder.hpp)
    LinkModel links;
    AttendanceModel attendance;
    AsynchronyModel asynchrony;
    std::uint32_t secure_degree = 40;  // neighbours of a user, even (common/secure/graph.hpp)
    std::string lie = "none";          // of the coordinator to its victims (adversary.hpp)
    wire::Token token{};
    wire::Token shuffler_token{};  // who has this one alone may sit down as the shuffler
    // Replay: uploads that did not count when the run was recorded, and so must not now.
    std::vector<std::pair<std::uint32_t, UserId>> lost;  // (round, user)
};

std::string to_text(const Options& options);
/// Throws UsageError when the text is not what to_text wrote.
Options options_from_text(const std::string& text);

}  // namespace fedhash::server
