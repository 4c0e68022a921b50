// One user, one round: lower the objective to a quadratic problem, solve it for the user's code,
// keep the result until the coordinator's next request says whether the upload was counted.
#pragma once

#include <array>

#include "client/objective.hpp"
#include "client/shard.hpp"
#include "common/codes.hpp"
#include "common/uplink.hpp"

namespace fedhash::client {

/// What the server published, as one process holds it for all its users.
struct Shared {
    std::uint32_t version = 0;
    Codes items;
    std::vector<std::int32_t> gram;     // sum over all items of d_i d_i', k x k
    std::vector<std::uint64_t> planes;  // the items as bit planes
    std::uint32_t derived = 0;          // the version that gram and planes are of

    /// To be called when `items` changed.
    void items_changed(std::uint32_t new_version);
    /// Makes `gram` be of the present items.
    void derive();
};

/// A user's code and its target. A device keeps two: the one that its last counted upload said, and
/// the newest.
struct Learnt {
    std::array<std::uint64_t, max_words> code{};
    std::int64_t target = 0;  // in 1/16
    friend bool operator==(const Learnt&, const Learnt&) = default;
};

struct UserState {
    Learnt counted;
    Learnt newest;
};

/// Scratch of one process, so that learning allocates nothing per user.
struct Workspace {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> planes;
    std::vector<std::int32_t> A;
    std::vector<std::int64_t> c;
    std::vector<std::int32_t> targets;
    std::vector<ItemId> items;
};

class Learner {
  public:
    /// Throws UsageError for an unknown objective.
    Learner(const Variant& variant, std::uint64_t seed);

    /// The state of a device that has not learnt yet: a random code of its own stream, and the
    /// target that n_u gives.
    UserState start(const UserData& user) const;

    /// Solves for the user's code on what is published, starting from `from`.
    Learnt solve(const UserData& user, const Shared& shared, const Learnt& from,
                 std::uint32_t sweeps, Workspace& work) const;

    /// Learns for one round: updates state.newest and returns what to upload; spans point into
    /// `work` and `state`.
    Said learn(const UserData& user, const Shared& shared, UserState& state, Workspace& work) const;

    /// The code to be measured: refitted to what is published now, more patiently than a round
    /// would. Changes nothing.
    Learnt measured(const UserData& user, const Shared& shared, const UserState& state,
                    Workspace& work) const;

    bool learns() const { return objective_->targets != nullptr; }

  private:
    std::int64_t initial_target(std::size_t count) const;

    Variant variant_;
    const Objective* objective_;
    std::uint64_t seed_;
};

}  // namespace fedhash::client
