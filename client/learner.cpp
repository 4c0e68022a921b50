#include "client/learner.hpp"

#include <array>
#include <string>

#include "client/code_learner.hpp"
#include "client/counts_learner.hpp"
#include "client/polar_learner.hpp"
#include "client/relaxed_learner.hpp"
#include "client/ridge_learner.hpp"
#include "common/errors.hpp"

namespace fedhash::client {

namespace {

constexpr std::array learner_table{
    LearnerEntry{"code", make_code_learner, "code", "the user's code, by discrete optimisation"},
    LearnerEntry{"scaled-code", make_scaled_code_learner, "scaled code",
                 "a code, its scale and, with an item bias, two reals: exact but for the code"},
    LearnerEntry{"vector", make_vector_learner, "vector",
                 "an exact real vector on item codes that grow out of reals"},
    // Its rounds are the teacher's; afterwards it only fits codes to be measured.
    LearnerEntry{"teacher", make_vector_learner, "",
                 "real factors alone; codes, if any, by a quantiser at the end"},
    LearnerEntry{"real", make_relaxed_learner, "gradients",
                 "a real vector by gradients, nothing binary (FedMF)"},
    LearnerEntry{"forward", make_relaxed_learner, "gradients",
                 "by gradients through a tanh that sharpens"},
    LearnerEntry{"backward", make_relaxed_learner, "gradients",
                 "by gradients through signs with a surrogate slope, on both sides"},
    LearnerEntry{"backward-real", make_relaxed_learner, "gradients",
                 "the same on the items' side, a plain real vector on the user's"},
    LearnerEntry{"mixed", make_relaxed_learner, "gradients",
                 "by gradients through a lottery of tanh and signs, more and more signs (HashGNN)"},
    LearnerEntry{"polar", make_polar_learner, "image",
                 "the image of the user's items, whitened over all users (collaborative hashing)"},
    LearnerEntry{"counts", make_counts_learner, "item set",
                 "nothing: says the item set, ranks by what the server counts (popularity)"},
};

}  // namespace

std::span<const LearnerEntry> learners() { return learner_table; }

const LearnerEntry& find_learner(std::string_view name) {
    std::string known;
    for (const LearnerEntry& entry : learner_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.learner: unknown learner '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash::client
