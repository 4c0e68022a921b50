#include "scenarios/exposure/shadow.hpp"

#include <algorithm>
#include <memory>

#include "client/learner.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::scenarios {

namespace {

class ShadowDevice {
  public:
    ShadowDevice(const Variant& variant, const std::map<std::uint32_t, Codes>& tables)
        : variant_(made_to_guess(variant)),
          tables_(tables),
          learner_(client::find_learner(variant_.learner).make(variant_, 0)),
          uplink_(find_uplink(variant_.uplink).make(variant_)) {}

    std::vector<std::int64_t> rows(std::uint32_t round, std::span<const ItemId> items,
                                   const std::vector<bool>& observed) {
        learn_on(round);
        client::UserData user;
        for (std::size_t j = 0; j < items.size(); ++j)
            user.train.push_back({items[j], observed[j] ? 1.0f : 0.0f});
        client::Learnt learnt;
        learner_->start(user, learnt);
        const Said said = learner_->learn(user, shared_, round, learnt, work_);
        wire::Buffer body;
        wire::ByteWriter to(body);
        uplink_->say(to, said, shared_.tables);
        wire::ByteReader from(body);
        uplink_->hear(from, shared_.tables, alone_);
        std::vector<std::int64_t> rows;
        for (const ItemId item : items) {
            const auto row = std::span(alone_.rows)
                                 .subspan(index(item) * alone_.shape.width, alone_.shape.width);
            rows.insert(rows.end(), row.begin(), row.end());
            std::ranges::fill(row, 0);
        }
        return rows;
    }

  private:
    static Variant made_to_guess(Variant variant) {
        variant.feedback = "shown";
        variant.privacy = {};
        return variant;
    }

    void learn_on(std::uint32_t round) {
        if (shared_.tables.version == round) return;
        shared_.tables = {};
        shared_.tables.version = round;
        shared_.tables.codes = tables_.at(round);
        shared_.derive();
        alone_ = Aggregate(uplink_->shape(shared_.tables.codes.rows));
    }

    Variant variant_;
    const std::map<std::uint32_t, Codes>& tables_;
    std::unique_ptr<const client::Learner> learner_;
    std::unique_ptr<const Uplink> uplink_;
    client::Shared shared_;
    client::Workspace work_;
    Aggregate alone_;
};

}  // namespace

attacks::Shadow shadow_device(const Variant& variant,
                              const std::map<std::uint32_t, Codes>& tables) {
    return [device = std::make_shared<ShadowDevice>(variant, tables)](
               std::uint32_t round, std::span<const ItemId> items,
               const std::vector<bool>& observed) { return device->rows(round, items, observed); };
}

}  // namespace fedhash::scenarios
