// fedhash-shuffler: the process that takes the names off uploads. Started by `fedhash`; also by
// hand, to join a coordinator.
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <boost/program_options.hpp>
#include <iostream>

#include "common/errors.hpp"
#include "common/member.hpp"
#include "common/wire/blocking_channel.hpp"
#include "common/wire/endpoint.hpp"
#include "shuffler/session.hpp"

namespace {

using namespace fedhash;

int run(int argc, char** argv) {
    namespace options = boost::program_options;
    options::options_description known(
        "fedhash-shuffler --keys FILE --connect tcp:IPV4-ADDRESS:PORT|unix:PATH [--wait SECONDS]");
    known.add_options()("help", "this text")("keys", options::value<std::string>(),
                                             "its secret, as dealt by fedhash")(
        "connect", options::value<std::string>(), "the coordinator")(
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
    if (given.count("keys") == 0 || given.count("connect") == 0)
        throw UsageError("--keys and --connect are needed");
    const shuffler::KeyFile keys = shuffler::read_key_file(given["keys"].as<std::string>());
    std::unique_ptr<wire::Channel> channel =
        wire::connect_blocking(wire::parse_endpoint(given["connect"].as<std::string>()),
                               wire::patience_ms(given["wait"].as<std::int64_t>()));
    std::exception_ptr failure;
    asio::io_context io(1);  // only to resume coroutines: the channel blocks
    asio::co_spawn(io, shuffler::run_session(std::move(channel), keys),
                   [&failure](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
    return run_member([argc, argv] { return run(argc, argv); });
}
