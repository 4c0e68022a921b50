// What can go wrong because of somebody else, and the exit code that each kind maps to. Bugs are
// asserts; expected outcomes (a late user, a solver that stopped early) are returned values; these
// four are for main to print once.
#pragma once

#include <stdexcept>
#include <string>

namespace fedhash {

enum ExitCode : int {
    exit_ok = 0,
    exit_run_failed = 1,
    exit_usage = 2,  // command line, scenario file, setting
    exit_data = 3,
    exit_network = 4,
    exit_interrupted = 130,
};

/// An error for a person: one line that says what, where and how to mend it. `what()` is printed
/// after "error: ".
class Error : public std::runtime_error {
  public:
    Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

struct UsageError : Error {
    explicit UsageError(const std::string& message) : Error(exit_usage, message) {}
};
struct DataError : Error {
    explicit DataError(const std::string& message) : Error(exit_data, message) {}
};
struct NetworkError : Error {
    explicit NetworkError(const std::string& message) : Error(exit_network, message) {}
};
struct RunError : Error {
    explicit RunError(const std::string& message) : Error(exit_run_failed, message) {}
};

}  // namespace fedhash
