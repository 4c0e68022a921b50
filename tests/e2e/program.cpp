#include "tests/e2e/program.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fedhash::e2e {

namespace {

constexpr const char* mark_name = "FEDHASH_E2E_MARK=";

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

int open_pidfd(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    for (std::string& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

// The parent's settings stay out, but for what a sanitizer build needs.
std::vector<std::string> environment(const std::string& mark, const Environment& extra) {
    Environment all;
    for (const char* name : {"PATH", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                             "LSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const char* value = std::getenv(name)) all[name] = value;
    all["HOME"] = "/nonexistent";
    for (const auto& [name, value] : extra) all[name] = value;
    std::vector<std::string> lines{mark};
    for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
    return lines;
}

bool ended(int pidfd) {
    pollfd one{pidfd, POLLIN, 0};
    return poll(&one, 1, 0) == 1;
}

}  // namespace

Program::Program(const std::string& file, const Words& arguments, const Environment& extra) {
    static int count = 0;
    mark_ = mark_name + std::to_string(getpid()) + "." + std::to_string(++count);
    std::vector<std::string> words{file};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> lines = environment(mark_, extra);
    const std::vector<char*> argv = pointers(words), envp = pointers(lines);

    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) fail("pipe");
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {                       // only system calls from here to execve
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // when ctest kills the test, its program goes too
        if (getppid() != parent) _exit(127);
        const int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
    pidfd_ = open_pidfd(pid_);
    if (pidfd_ < 0) fail("pidfd_open");
}

Program::~Program() {
    if (!reaped_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    for (pid_t pid : family()) kill(pid, SIGKILL);
    for (int descriptor : {pidfd_, out_, err_})
        if (descriptor >= 0) close(descriptor);
}

Ended Program::wait() {
    Ended result;
    std::array<pollfd, 2> pipes{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
    const std::array<std::string*, 2> texts{&result.out, &result.err};
    std::array<char, 65536> chunk{};
    while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
        if (poll(pipes.data(), pipes.size(), -1) < 0) {
            if (errno == EINTR) continue;
            fail("poll");
        }
        for (std::size_t i = 0; i < pipes.size(); ++i) {
            if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
            const ssize_t bytes = read(pipes[i].fd, chunk.data(), chunk.size());
            if (bytes > 0)
                texts[i]->append(chunk.data(), static_cast<std::size_t>(bytes));
            else
                pipes[i].fd = -1;
        }
    }
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) fail("waitpid");
    reaped_ = true;
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return result;
}

std::vector<pid_t> Program::family() const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size()) continue;
        const std::string text = '\0' + proc_file(pid, "environ");
        if (text.find('\0' + mark_ + '\0') != std::string::npos) found.push_back(pid);
    }
    return found;
}

void Program::wait_for_family() const {
    for (std::vector<pid_t> left = family(); !left.empty(); left = family())
        for (pid_t pid : left) wait_for_end(pid);
}

Ended run(const std::string& file, const Words& arguments, const Environment& extra) {
    Program started(file, arguments, extra);
    Ended result = started.wait();
    CHECK_MESSAGE(started.family().empty(), "processes outlived ", file);
    return result;
}

std::string program(const std::string& name) {
    const char* folder = std::getenv("FEDHASH_BIN");
    return std::string(folder != nullptr ? folder : FEDHASH_BUILD_FOLDER) + "/" + name;
}

Ended run_fedhash(const Words& arguments, const Environment& extra) {
    return run(program("fedhash"), arguments, extra);
}

void wait_for_end(pid_t pid) {
    const int pidfd = open_pidfd(pid);
    if (pidfd < 0) return;
    while (!ended(pidfd)) {
        pollfd one{pidfd, POLLIN, 0};
        poll(&one, 1, -1);
    }
    close(pidfd);
}

std::string proc_file(pid_t pid, const std::string& name) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace fedhash::e2e
