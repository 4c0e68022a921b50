// Starting one of the built programs as a person would, and seeing to it that nothing of it stays
// behind.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace fedhash::e2e {

using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

struct Ended {
    int code = -1;  // the exit code, or minus the signal that killed it
    std::string out, err;
};

/// A running program with pipes for its output. It inherits PATH and the sanitizers' options alone,
/// so that a developer's FEDHASH_* settings change no test; caches go to `cache_home`. Every
/// process that descends from it carries a mark in its environment, which is how `family` finds
/// those that outlive it.
class Program {
  public:
    Program(const std::string& file, const Words& arguments, const Environment& extra = {});
    ~Program();  // kills it and its family
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pid_t pid() const { return pid_; }

    /// Collects the output until both pipes close, then the exit code. Once.
    Ended wait();

    /// Living processes that descend from it, itself included.
    std::vector<pid_t> family() const;

    /// Returns when the family is gone; ctest's TIMEOUT is the limit.
    void wait_for_family() const;

    /// Readable when the program has ended (a pidfd).
    int ended_descriptor() const { return pidfd_; }

  private:
    std::string mark_;
    pid_t pid_ = -1;
    int pidfd_ = -1, out_ = -1, err_ = -1;
    bool reaped_ = false;
};

/// Starts, waits, and checks that nothing is left running.
Ended run(const std::string& file, const Words& arguments, const Environment& extra = {});

/// The folder of the built programs: $FEDHASH_BIN, or the build folder. `program("fedhash")` is the
/// path of one.
std::string program(const std::string& name);

/// `fedhash ARGUMENTS`, from start to end.
Ended run_fedhash(const Words& arguments, const Environment& extra = {});

/// Blocks until the process has ended; it need not be a child.
void wait_for_end(pid_t pid);

/// What /proc/PID/NAME holds; empty when the process is gone.
std::string proc_file(pid_t pid, const std::string& name);

}  // namespace fedhash::e2e
