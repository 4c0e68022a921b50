// Starting and ending operating-system processes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fedhash::scenarios {

/// A child's standard streams; -1 = /dev/null.
struct Streams {
    int in = -1, out = -1, error = -1;
};

/// Starts a program in a process group of its own (a terminal's Ctrl-C reaches `fedhash` alone,
/// which tells the others). Throws RunError with the system's reason.
pid_t start(const std::filesystem::path& program, const std::vector<std::string>& arguments,
            const Streams& streams);

/// "exit code 4", "killed by SIGKILL".
std::string describe_exit(int wait_status);

/// A pipe whose ends are closed when it goes, and are not inherited.
class Pipe {
  public:
    Pipe();
    ~Pipe();
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int read_end() const { return ends_[0]; }
    int write_end() const { return ends_[1]; }
    void close_read();
    void close_write();

  private:
    int ends_[2] = {-1, -1};
};

}  // namespace fedhash::scenarios
