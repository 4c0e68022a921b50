// Child processes, a few at a time, and what Ctrl-C does to them.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fedhash::scenarios {

/// While it lives, SIGINT and SIGTERM are held for whoever waits for `descriptor`, instead of
/// ending this process.
class Interrupts {
  public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// Readable when a signal waits.
    int descriptor() const { return descriptor_; }
    /// How many there were until now.
    std::size_t count();

  private:
    sigset_t before_{};
    int descriptor_ = -1;
    std::size_t count_ = 0;
};

struct Child {
    std::vector<std::string> arguments;
    std::filesystem::path log;  // of both output streams; begun anew
};

/// Runs children 0, 1, ... of `program`, at most `at_once` at a time; `next` says what the one with
/// a number is, before it starts, and `ended` gets its wait status. With the first interrupt no
/// more are started, those that run get SIGINT and are waited for; a second one kills them. They
/// get SIGINT as well when this process dies. Returns false when it was interrupted. What `next` or
/// `ended` throws kills the others.
bool run_children(const std::filesystem::path& program, std::size_t count, std::size_t at_once,
                  Interrupts& interrupts, const std::function<Child(std::size_t)>& next,
                  const std::function<void(std::size_t, int wait_status)>& ended);

}  // namespace fedhash::scenarios
