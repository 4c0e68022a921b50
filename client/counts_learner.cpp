#include "client/counts_learner.hpp"

#include "client/ridge_learner.hpp"

namespace fedhash::client {

namespace {

class CountsLearner final : public Learner {
  public:
    void start(const UserData&, Learnt&) const override {}

    Said learn(const UserData& user, const Shared&, std::uint32_t, Learnt& learnt,
               Workspace& work) const override {
        list_observed(user, work);
        learnt.learnt = true;
        Said said;
        said.items = work.listed.items;
        return said;
    }

    // There are no codes to fit to.
    void fit_code(const UserData&, const Shared&, Learnt&, Workspace&) const override {}
};

}  // namespace

std::unique_ptr<const Learner> make_counts_learner(const Variant&, std::uint64_t) {
    return std::make_unique<CountsLearner>();
}

}  // namespace fedhash::client
