// What the processes of a run that connect to a coordinator have in common.
#pragma once

#include <functional>

namespace fedhash {

/// The main of such a process: dies with the process that started it, where that says so
/// (FEDHASH_PARENT); runs `body`, prints what goes wrong, and returns the exit code.
int run_member(const std::function<int()>& body);

}  // namespace fedhash
