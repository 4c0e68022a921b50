#include "client/objective.hpp"

#include <array>
#include <string>

#include "client/objectives/objectives.hpp"
#include "client/relaxed_losses.hpp"
#include "common/errors.hpp"

namespace fedhash::client {

std::span<const Objective> objectives() {
    static const std::array table{square_objective,     linear_objective, logistic_objective,
                                  auc_objective,        bpr_objective,    listnet_objective,
                                  neuralsort_objective, mix_objective,    no_objective};
    return table;
}

const Objective& find_objective(std::string_view name) {
    std::string known;
    for (const Objective& entry : objectives()) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    if (is_relaxed_loss(name))
        throw UsageError("method.objective = \"" + std::string(name) +
                         "\" is a loss of learners that go by gradients (real, forward, backward, "
                         "backward-real, mixed); others take " +
                         known);
    throw UsageError("method.objective: unknown objective '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash::client
