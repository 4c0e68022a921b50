// The objectives that the table in client/objective.cpp lists. A new one: a file here, a line here,
// a row there.
#pragma once

#include "client/objective.hpp"

namespace fedhash::client {

extern const Objective implicit_objective;
extern const Objective explicit_objective;
extern const Objective no_objective;

}  // namespace fedhash::client
