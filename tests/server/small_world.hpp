// A population whose users really learn, without a wire between them: what the server's steps see
// in a run, one function call a round.
#pragma once

#include <map>

#include "client/learner.hpp"
#include "server/trainer.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

namespace fedhash::tests {

class SmallWorld {
  public:
    SmallWorld(const Variant& variant, std::uint64_t seed, std::uint32_t users, std::uint32_t items)
        : variant_(variant), made_(make_users(seed, users, items)) {
        learner_ = client::find_learner(variant.learner).make(variant, seed);
        if (variant.teacher.rounds > 0) teacher_ = client::make_teacher_learner(variant, seed);
        learnt_.resize(users);
        for (std::uint32_t u = 0; u < users; ++u) learner_->start(made_.users[u], learnt_[u]);
    }

    const Made& made() const { return made_; }
    const client::Learnt& learnt(std::size_t user) const { return learnt_[user]; }

    /// The users numbered `cohort` learn on `tables`; what the server heard.
    Aggregate round(std::uint32_t round, const Tables& tables,
                    const std::vector<std::uint32_t>& cohort) {
        client::Shared shared;
        shared.tables = tables;
        shared.derive();
        const auto uplink = uplink_of(variant_, round).make(variant_);
        Aggregate sum(uplink->shape(made_.ranking.items));
        const client::Learner& learner = variant_.teaching(round) ? *teacher_ : *learner_;
        for (std::uint32_t u : cohort) {
            const Said said = learner.learn(made_.users[u], shared, round, learnt_[u], work_);
            const wire::Buffer body = body_of(*uplink, said, tables);
            wire::ByteReader from(body);
            uplink->hear(from, tables, sum);
        }
        return sum;
    }
    std::vector<std::uint32_t> everybody() const {
        std::vector<std::uint32_t> all(made_.users.size());
        for (std::uint32_t u = 0; u < all.size(); ++u) all[u] = u;
        return all;
    }

  private:
    Variant variant_;
    Made made_;
    std::unique_ptr<const client::Learner> learner_, teacher_;
    std::vector<client::Learnt> learnt_;
    client::Workspace work_;
};

}  // namespace fedhash::tests
