// The real thing: one coordinator process and many client processes on this machine. This process
// deals the shards, starts the others, relays the coordinator's events, and sees to it that nobody
// is left behind.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/read_until.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/streambuf.hpp>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <unordered_map>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/temporary_folder.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/process_costs.hpp"
#include "scenarios/launch/processes.hpp"
#include "scenarios/launch/program_folder.hpp"
#include "scenarios/launch/stop_signals.hpp"

namespace fedhash::scenarios {

namespace {

constexpr std::uint32_t starts_at_once = 64;  // between two looks at what else has happened
constexpr std::chrono::milliseconds leave_grace{1500};  // for clients to end by themselves
constexpr std::uint64_t memory_samples = 16;            // clients whose memory is looked at

class Launch {
  public:
    explicit Launch(const Job& job)
        : job_(job), events_(io_), children_(io_, SIGCHLD), grace_(io_), stop_(io_, [this] {
              interrupt();
          }) {}
    ~Launch() { kill_all(); }

    nlohmann::json run() {
        deal_shards();
        start_server();
        watch_children();
        io_.run();
        if (failure_) std::rethrow_exception(failure_);
        add_exits_to_losses();
        add_costs();
        return summary_;
    }

  private:
    // Shards go to disk before the coordinator exists: nothing that can fail for want of space
    // happens after.
    void deal_shards() {
        const Identities identities = identities_for(job_.options);
        for (std::uint32_t c = 0; c < job_.options.clients; ++c)
            client::write_shard(shard_file(c), deal(*job_.data, c, job_.options, identities));
        if (identities.shuffler)
            shuffler::write_key_file(key_file(), shuffler_keys(job_.options, identities));
        log_path_ = job_.run_folder / "logs" / "clients.log";
        log_ = open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (log_ < 0)
            throw RunError(log_path_.string() + ": cannot write: " + std::strerror(errno));
        process_list_.open(job_.run_folder / "processes.csv");
        process_list_ << "role,client,pid\n";
    }

    void start_server() {
        server::Options options = job_.options;
        options.run_folder = job_.run_folder.string();
        server_ = start(program_folder() / "fedhash-server", {},
                        {to_server_.read_end(), from_server_.write_end(), log_});
        process_list_ << "server,," << server_ << std::endl;
        to_server_.close_read();
        from_server_.close_write();
        send(server::to_text(options));
        events_.assign(dup(from_server_.read_end()));
        from_server_.close_read();
        read_events();
    }

    void send(const std::string& line) {
        const std::string text = line + "\n";
        std::size_t sent = 0;
        while (sent < text.size()) {
            const ssize_t n = write(to_server_.write_end(), text.data() + sent, text.size() - sent);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return;  // it died: the end of its events says so
            sent += static_cast<std::size_t>(n);
        }
    }

    void read_events() {
        asio::async_read_until(
            events_, buffer_, '\n', [this](const asio::error_code& error, std::size_t) {
                std::istream lines(&buffer_);
                std::string line;
                if (!error && std::getline(lines, line)) {
                    guard([this, &line] { take_event(nlohmann::json::parse(line)); });
                    return read_events();
                }
                server_closed_ = true;
                leave_soon();
            });
    }

    void take_event(const nlohmann::json& event) {
        const std::string kind = event.at("event");
        if (kind == "listening") {
            endpoint_ = event.at("endpoint");
            start_shuffler();
            start_clients();
        } else if (kind == "ready") {
            ready_ = true;
        } else if (kind == "round" && event.at("round") == event.at("rounds")) {
            sample_memory();
        } else if (kind == "finished") {
            summary_ = event.at("summary");
            finished_ = true;
            goodbye_ = std::chrono::steady_clock::now();
            return;
        } else if (kind == "failed") {
            throw Error(static_cast<ExitCode>(event.at("code").get<int>()),
                        event.at("message").get<std::string>());
        }
        if (job_.on_event) job_.on_event(event);
    }

    // It is reaped as the client whose number is its place.
    void start_shuffler() {
        if (!find_exchange(job_.options.variant.exchange).shuffled) return;
        const pid_t pid =
            start(program_folder() / "fedhash-shuffler",
                  {"--keys", key_file().string(), "--connect", endpoint_}, {-1, -1, log_});
        clients_.emplace(pid, job_.options.clients);
        process_list_ << "shuffler,," << pid << '\n';
    }

    void start_clients() {
        for (std::uint32_t n = 0;
             n < starts_at_once && started_ < job_.options.clients && !server_closed_;
             ++n, ++started_) {
            std::vector<std::string> arguments{"--shard", shard_file(started_).string(),
                                               "--connect", endpoint_};
            if (job_.user_codes) {
                arguments.push_back("--leave");
                arguments.push_back((job_.run_folder / "private").string());
            }
            const pid_t pid = start(program_folder() / "fedhash-client", arguments, {-1, -1, log_});
            clients_.emplace(pid, started_);
            process_list_ << "client," << started_ << ',' << pid << '\n';
        }
        if (started_ < job_.options.clients && !server_closed_)
            asio::post(io_, [this] { guard([this] { start_clients(); }); });
        else
            process_list_.flush();
    }

    void watch_children() {
        children_.async_wait([this](const asio::error_code& error, int) {
            if (error) return;
            reap();
            watch_children();
        });
    }

    void reap() {
        int status = 0;
        rusage usage{};
        for (pid_t pid; (pid = wait4(-1, &status, WNOHANG, &usage)) > 0;) {
            if (pid == server_) {
                server_cpu_ += cpu_seconds(usage);
                server_exit_ = describe_exit(status);
                server_ = -1;
                continue;
            }
            const auto found = clients_.find(pid);
            if (found == clients_.end()) continue;
            const bool mixes = found->second == job_.options.clients;
            (mixes ? shuffler_cpu_ : clients_cpu_) += cpu_seconds(usage);
            exits_.emplace(found->second, describe_exit(status));
            if (!ready_)
                send("dead " + std::to_string(found->second) +
                     " the process ended before it said hello: " + describe_exit(status));
            clients_.erase(found);
        }
        if (server_closed_ && clients_.empty() && server_ < 0) end();
    }

    // The coordinator has said its last word: whoever is still here after a moment (stopped, stuck)
    // is ended.
    void leave_soon() {
        to_server_.close_write();
        reap();
        if (ended_) return;
        grace_.expires_after(leave_grace);
        grace_.async_wait([this](const asio::error_code& cancelled) {
            if (!cancelled) kill_all();
        });
    }

    void end() {
        if (ended_) return;
        ended_ = true;
        if (!finished_ && !failure_)
            failure_ = std::make_exception_ptr(
                RunError("the coordinator process ended before the run did: " + server_exit_));
        grace_.cancel();
        stop_.cancel();
        asio::error_code ignored;
        children_.cancel(ignored);
        io_.stop();
    }

    void interrupt() {
        if (server_ > 0) kill(server_, SIGTERM);
    }

    void kill_all() {
        if (server_ > 0) kill(server_, SIGKILL);
        for (const auto& [pid, client] : clients_) {
            exits_.emplace(client, "still there at the end, and ended then");
            kill(pid, SIGKILL);
        }
    }

    template <class Action>
    void guard(Action action) {
        try {
            action();
        } catch (...) {
            if (!failure_) failure_ = std::current_exception();
            kill_all();
        }
    }

    // When the last round is over everybody still is there, with everything that it has needed.
    void sample_memory() {
        std::uint64_t sum = 0, count = 0;
        for (const auto& [pid, client] : clients_) {
            if (client == job_.options.clients) continue;  // the shuffler
            if (count == memory_samples) break;
            sum += proportional_set_bytes(pid);
            ++count;
        }
        memory_ = {{"pss_per_client_bytes", count == 0 ? 0 : sum / count},
                   {"pss_coordinator_bytes", proportional_set_bytes(server_)},
                   {"system_bytes", static_cast<std::int64_t>(available_before_) -
                                        static_cast<std::int64_t>(available_memory_bytes())}};
    }

    void add_costs() {
        summary_["memory"] = memory_;
        summary_["cpu_seconds"] = {{"coordinator", server_cpu_}, {"clients", clients_cpu_}};
        if (find_exchange(job_.options.variant.exchange).shuffled)
            summary_["cpu_seconds"]["shuffler"] = shuffler_cpu_;
        summary_["seconds"]["teardown"] =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - goodbye_).count();
    }

    void add_exits_to_losses() {
        for (nlohmann::json& loss : summary_["losses"]) {
            const auto found = exits_.find(loss["client"].get<std::uint32_t>());
            loss["process"] = found == exits_.end() ? "running" : found->second;
        }
        process_list_.close();
        close(log_);
        if (std::filesystem::file_size(log_path_) == 0) std::filesystem::remove(log_path_);
    }

    std::filesystem::path shard_file(std::uint32_t client) const {
        return job_.run_folder / "private" / ("shard-" + std::to_string(client));
    }

    std::filesystem::path key_file() const { return job_.run_folder / "private" / "shuffler"; }

    const Job& job_;
    asio::io_context io_{1};
    Pipe to_server_, from_server_;
    asio::posix::stream_descriptor events_;
    asio::streambuf buffer_;
    asio::signal_set children_;
    asio::steady_timer grace_;
    StopSignals stop_;
    pid_t server_ = -1;
    std::string server_exit_ = "no exit status";
    std::unordered_map<pid_t, std::uint32_t> clients_;  // those running
    std::unordered_map<std::uint32_t, std::string> exits_;
    std::uint32_t started_ = 0;
    std::string endpoint_;
    std::filesystem::path log_path_;
    int log_ = -1;
    std::ofstream process_list_;
    bool ready_ = false, finished_ = false, server_closed_ = false, ended_ = false;
    std::exception_ptr failure_;
    nlohmann::json summary_, memory_;
    double server_cpu_ = 0, clients_cpu_ = 0, shuffler_cpu_ = 0;
    const std::uint64_t available_before_ = available_memory_bytes();
    std::chrono::steady_clock::time_point goodbye_;
};

}  // namespace

nlohmann::json run_in_processes(const Job& job) {
    setenv("FEDHASH_PARENT", std::to_string(getpid()).c_str(), 1);
    std::signal(SIGPIPE, SIG_IGN);
    if (job.options.transport != "unix") return Launch(job).run();
    // Paths of Unix sockets are short (108 bytes); run folders need not be.
    const TemporaryFolder folder;
    Job with_socket = job;
    with_socket.options.socket_path = folder / "coordinator.sock";
    return Launch(with_socket).run();
}

}  // namespace fedhash::scenarios
