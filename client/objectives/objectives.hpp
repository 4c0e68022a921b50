// The objectives that the table in client/objective.cpp lists. A new one: a file here, a line here,
// a row there.
#pragma once

#include "client/objective.hpp"

namespace fedhash::client {

extern const Objective square_objective;
extern const Objective linear_objective;
extern const Objective logistic_objective;
extern const Objective auc_objective;
extern const Objective bpr_objective;
extern const Objective listnet_objective;
extern const Objective neuralsort_objective;
extern const Objective mix_objective;
extern const Objective no_objective;

}  // namespace fedhash::client
