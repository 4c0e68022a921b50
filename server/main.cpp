// fedhash-server: the coordinator process. Started by `fedhash`, which writes its options as one
// line to standard input and keeps that pipe open: when it closes, whoever started the run is gone
// and the run stops. Started by hand, with the options that `fedhash deal` left in a file, it runs
// to its end and writes summary.json itself. Events go to standard output, one JSON object a line.
#include <malloc.h>
#include <sys/resource.h>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/signal_set.hpp>
#include <asio/streambuf.hpp>
#include <boost/program_options.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/errors.hpp"
#include "common/private_file.hpp"
#include "common/wire/endpoint.hpp"
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

/// Beside what `fedhash deal` wrote about the method and the data.
void write_summary(const std::filesystem::path& folder, const nlohmann::json& summary) {
    nlohmann::json whole = nlohmann::json::object();
    if (std::ifstream in(folder / "summary.json"); in) whole = nlohmann::json::parse(in);
    whole.update(summary);
    errno = 0;
    std::ofstream out(folder / "summary.json");
    out << whole.dump(2) << '\n' << std::flush;
    if (!out) fail_writing(folder / "summary.json", errno);
}

void note_failure(const std::filesystem::path& folder, const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        write_summary(folder, {{"outcome", "failed"}, {"outcome_detail", error.what()}});
    }
}

server::Options options_from_stdin() {
    std::string line;
    if (!std::getline(std::cin, line))
        throw UsageError(
            "no options on standard input, where fedhash writes them; by hand: fedhash-server "
            "--options FILE --run FOLDER [--listen tcp:ADDRESS:PORT]");
    return server::options_from_text(line);
}

/// What `fedhash deal` left, and where to listen and to write.
server::Options options_from_file(const boost::program_options::variables_map& given) {
    const std::string file = given["options"].as<std::string>();
    std::ifstream in(file);
    std::string text;
    if (!std::getline(in, text)) throw UsageError(file + ": cannot be read, or empty");
    server::Options options = server::options_from_text(text);
    if (given.count("listen") != 0) {
        const wire::Endpoint where = wire::parse_endpoint(given["listen"].as<std::string>());
        options.transport = where.tcp ? "tcp" : "unix";
        if (where.tcp) {
            options.address = where.host;
            options.port = where.port;
        } else {
            options.socket_path = where.path;
        }
    }
    if (given.count("run") != 0) options.run_folder = given["run"].as<std::string>();
    if (!std::filesystem::is_directory(options.run_folder))
        throw UsageError("--run " + options.run_folder + ": no such folder");
    return options;
}

boost::program_options::variables_map read_arguments(int argc, char** argv) {
    namespace options = boost::program_options;
    options::options_description known(
        "fedhash-server --options FILE --run FOLDER [--listen tcp:ADDRESS:PORT|unix:PATH]");
    known.add_options()("help", "this text")("options", options::value<std::string>(),
                                             "what fedhash deal left in server.json")(
        "run", options::value<std::string>(), "the folder for the run's records")(
        "listen", options::value<std::string>(), "where clients connect");
    options::variables_map given;
    try {
        options::store(options::parse_command_line(argc, argv, known), given);
    } catch (const options::error& error) {
        throw UsageError(std::string(error.what()) + "; see --help");
    }
    if (given.count("help") != 0) std::cout << known;
    return given;
}

int run(int argc, char** argv) {
    const boost::program_options::variables_map given = read_arguments(argc, argv);
    if (given.count("help") != 0) return exit_ok;
    const bool by_hand = given.count("options") != 0;
    const server::Options options = by_hand ? options_from_file(given) : options_from_stdin();
    allow_connections(options.clients);

    asio::io_context io(1);
    server::Coordinator coordinator(
        io, options, [](const nlohmann::json& event) { std::cout << event << std::endl; });
    std::unique_ptr<server::Door> door;
    try {
        door = server::open_door(io, options, coordinator.roster());
    } catch (const Error&) {
        coordinator.discard_records();  // so that another port may be tried
        throw;
    }
    std::cout << nlohmann::json{{"event", "listening"}, {"endpoint", door->endpoint()}}
              << std::endl;

    std::optional<Lifeline> lifeline;
    if (!by_hand) lifeline.emplace(io, coordinator, options.run_folder);
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&coordinator](const asio::error_code& error, int) {
        if (!error) coordinator.interrupt();
    });
    std::exception_ptr failure;
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        failure = error;
        door->close();
        if (lifeline) lifeline->close();
        signals.cancel();
        io.stop();
    });
    io.run();
    if (failure && by_hand) note_failure(options.run_folder, failure);
    if (failure) std::rethrow_exception(failure);
    const nlohmann::json summary = coordinator.summary();
    if (by_hand) write_summary(options.run_folder, summary);
    std::cout << nlohmann::json{{"event", "finished"}, {"summary", summary}} << std::endl;
    return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    // What a round needs for itself goes back to the system after it, whatever small thing stays.
    mallopt(M_MMAP_THRESHOLD, 32 * 1024);
    std::signal(SIGPIPE, SIG_IGN);
    int code = fedhash::exit_run_failed;
    std::string message;
    try {
        return run(argc, argv);
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
