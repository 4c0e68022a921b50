#include "scenarios/experiments/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw RunError(what + ": " + std::strerror(errno));
}

/// posix_spawn (launch/processes.hpp) has no way to bind a child's life to ours, so this forks; the
/// child makes system calls only. Its own process group keeps a terminal's Ctrl-C away from it: it
/// gets one SIGINT, from us.
pid_t spawn(const std::filesystem::path& program, const Child& child) {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& word : child.arguments) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int log = open(child.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (null < 0 || log < 0) {
        if (null >= 0) close(null);
        fail(child.log.string() + ": cannot write");
    }
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGINT);
        if (getppid() != parent) _exit(127);
        setpgid(0, 0);
        dup2(null, STDIN_FILENO);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(null);
    close(log);
    if (pid < 0) fail("cannot start " + program.string());
    return pid;
}

struct Running {
    std::size_t number;
    pid_t pid;
    int pidfd;  // readable when it has ended
};

/// The children that run; none outlives it.
class Brood {
  public:
    Brood() = default;
    ~Brood() {
        signal_all(SIGKILL);
        for (const Running& one : running_) {
            waitpid(one.pid, nullptr, 0);
            close(one.pidfd);
        }
    }
    Brood(const Brood&) = delete;
    Brood& operator=(const Brood&) = delete;

    void start(std::size_t number, const std::filesystem::path& program, const Child& child) {
        const pid_t pid = spawn(program, child);
        const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
        if (pidfd < 0) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
            fail("pidfd_open");
        }
        running_.push_back({number, pid, pidfd});
    }

    void signal_all(int signal) const {
        for (const Running& one : running_) kill(one.pid, signal);
    }

    /// Blocks until a child has ended or `other` is readable; forgets and returns those that ended.
    std::vector<std::pair<std::size_t, int>> wait(int other) {
        std::vector<pollfd> watched{{other, POLLIN, 0}};
        for (const Running& one : running_) watched.push_back({one.pidfd, POLLIN, 0});
        while (poll(watched.data(), watched.size(), -1) < 0)
            if (errno != EINTR) fail("poll");
        std::vector<std::pair<std::size_t, int>> over;
        std::vector<Running> left;
        for (std::size_t i = 0; i < running_.size(); ++i) {
            if (watched[i + 1].revents == 0) {
                left.push_back(running_[i]);
                continue;
            }
            int status = 0;
            waitpid(running_[i].pid, &status, 0);
            close(running_[i].pidfd);
            over.emplace_back(running_[i].number, status);
        }
        running_ = std::move(left);
        return over;
    }

    std::size_t size() const { return running_.size(); }

  private:
    std::vector<Running> running_;
};

}  // namespace

Interrupts::Interrupts() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &before_);
    descriptor_ = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0) fail("signalfd");
}

Interrupts::~Interrupts() {
    count();  // those that wait have been heard, and must not end us now
    close(descriptor_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::size_t Interrupts::count() {
    signalfd_siginfo signal{};
    while (read(descriptor_, &signal, sizeof signal) == sizeof signal) ++count_;
    return count_;
}

bool run_children(const std::filesystem::path& program, std::size_t count, std::size_t at_once,
                  Interrupts& interrupts, const std::function<Child(std::size_t)>& next,
                  const std::function<void(std::size_t, int)>& ended) {
    assert(at_once > 0);
    Brood brood;
    std::size_t begun = 0;
    std::size_t heard = interrupts.count();
    while (true) {
        while (heard == 0 && begun < count && brood.size() < at_once) {
            brood.start(begun, program, next(begun));
            ++begun;
        }
        if (brood.size() == 0) return heard == 0;
        for (const auto& [number, status] : brood.wait(interrupts.descriptor()))
            ended(number, status);
        if (const std::size_t now = interrupts.count(); now > heard) {
            brood.signal_all(now > 1 ? SIGKILL : SIGINT);
            heard = now;
        }
    }
}

}  // namespace fedhash::scenarios
