#include "scenarios/launch/processes.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/errors.hpp"

extern char** environ;

namespace fedhash::scenarios {

pid_t start(const std::filesystem::path& program, const std::vector<std::string>& arguments,
            const Streams& streams) {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int given[] = {streams.in, streams.out, streams.error};
    for (int fd = 0; fd < 3; ++fd) {
        if (given[fd] >= 0)
            posix_spawn_file_actions_adddup2(&actions, given[fd], fd);
        else
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
                                             fd == 0 ? O_RDONLY : O_WRONLY, 0);
    }
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t nothing, defaults;
    sigemptyset(&nothing);
    sigemptyset(&defaults);
    for (int signal : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD}) sigaddset(&defaults, signal);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &nothing);
    posix_spawnattr_setsigdefault(&attributes, &defaults);

    pid_t pid = -1;
    const int error =
        posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0)
        throw RunError("cannot start " + program.string() + ": " + std::strerror(error) +
                       (error == EAGAIN
                            ? "; too many processes: raise `ulimit -u`, or use fewer run.clients"
                            : ""));
    return pid;
}

std::string describe_exit(int status) {
    if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
    const char* name = sigabbrev_np(WTERMSIG(status));
    return std::string("killed by SIG") +
           (name != nullptr ? name : std::to_string(WTERMSIG(status)).c_str());
}

Pipe::Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0)
        throw RunError(std::string("cannot make a pipe: ") + std::strerror(errno));
}
Pipe::~Pipe() {
    close_read();
    close_write();
}
void Pipe::close_read() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
}
void Pipe::close_write() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
}

}  // namespace fedhash::scenarios
