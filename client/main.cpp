// fedhash-client: one process that hosts one or many users. Started by `fedhash`; also by hand, to
// join a coordinator.
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <boost/program_options.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "client/session.hpp"
#include "common/errors.hpp"
#include "common/member.hpp"
#include "common/wire/blocking_channel.hpp"
#include "common/wire/endpoint.hpp"

namespace {

using namespace fedhash;

// FEDHASH_HOLD="ROUND:FOLDER", for tests that kill a client while it learns: in that round the
// client leaves a file FOLDER/learning.PID and waits until somebody opens the pipe FOLDER/go for
// writing.
std::function<void(std::uint32_t)> hold_from_environment() {
    const char* hold = std::getenv("FEDHASH_HOLD");
    if (hold == nullptr) return {};
    char* colon = nullptr;
    const unsigned long round = std::strtoul(hold, &colon, 10);
    if (*colon != ':') throw UsageError("FEDHASH_HOLD must be ROUND:FOLDER");
    const std::string folder = colon + 1;
    return [round, folder](std::uint32_t now) {
        if (now != round) return;
        std::ofstream(folder + "/learning." + std::to_string(getpid())) << "learning\n";
        std::ifstream go(folder + "/go");
    };
}

int run(int argc, char** argv) {
    namespace options = boost::program_options;
    options::options_description known(
        "fedhash-client --shard FILE --connect tcp:IPV4-ADDRESS:PORT|unix:PATH [--leave FOLDER] "
        "[--wait SECONDS]");
    known.add_options()("help", "this text")("shard", options::value<std::string>(),
                                             "the users' data, as dealt by fedhash")(
        "connect", options::value<std::string>(), "the coordinator")(
        "leave", options::value<std::string>()->default_value(""),
        "leave the users' codes and metrics in this folder at the end")(
        "wait", options::value<std::int64_t>()->default_value(0),
        "seconds to wait for a coordinator that does not listen yet");
    options::variables_map given;
    try {
        options::store(options::parse_command_line(argc, argv, known), given);
    } catch (const options::error& error) {
        throw UsageError(std::string(error.what()) + "; see --help");
    }
    if (given.count("help") != 0) {
        std::cout << known;
        return exit_ok;
    }
    if (given.count("shard") == 0 || given.count("connect") == 0)
        throw UsageError("--shard and --connect are needed");

    client::Shard shard = client::read_shard(given["shard"].as<std::string>());
    const std::string leave = given["leave"].as<std::string>();
    if (!leave.empty() && !std::filesystem::is_directory(leave))
        throw UsageError("--leave " + leave + ": no such folder");
    client::SessionOptions session{
        given["leave"].as<std::string>(), hold_from_environment(),
        [](const std::string& note) { std::fprintf(stderr, "note: %s\n", note.c_str()); }};
    std::unique_ptr<wire::Channel> channel =
        wire::connect_blocking(wire::parse_endpoint(given["connect"].as<std::string>()),
                               wire::patience_ms(given["wait"].as<std::int64_t>()));
    std::exception_ptr failure;
    asio::io_context io(1);  // only to resume coroutines: the channel blocks
    asio::co_spawn(io,
                   client::run_session(std::move(channel), std::move(shard), std::move(session)),
                   [&failure](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
    return fedhash::run_member([argc, argv] { return run(argc, argv); });
}
