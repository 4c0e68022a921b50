#include "tests/bench/contest.hpp"

#include <algorithm>
#include <stdexcept>

#include "client/feedback.hpp"
#include "common/kernels/kernels.hpp"

namespace fedhash::bench {

namespace {

constexpr std::uint64_t seed = 1;
constexpr std::uint32_t sweeps = 3;

Variant variant_of(const std::vector<client::UserData>& users, std::uint32_t bits,
                   std::string objective) {
    std::size_t interactions = 0;
    for (const client::UserData& user : users) interactions += user.train.size();
    Variant variant;
    variant.bits = bits;
    variant.sweeps = sweeps;
    variant.mean_count_q8 = static_cast<std::uint32_t>(256 * interactions / users.size());
    if (objective == "square") {
        variant.feedback = "explicit";
        variant.uplink = "statistics";
        variant.interaction = 0;
        variant.weight = 1;
    } else {
        variant.feedback = "implicit";
        variant.interaction = 1;
        variant.target_q16 = 2u << 16;
        variant.exponent_q16 = (3u << 16) / 10;
    }
    variant.objective = std::move(objective);
    return variant;
}

}  // namespace

Contest::Contest(const std::vector<client::UserData>& users, std::uint32_t items,
                 std::uint32_t bits, const char* objective)
    : users_(users), variant_(variant_of(users, bits, objective)) {
    shared_.tables.version = 1;
    shared_.tables.codes = initial_item_codes(seed, bits, items);
    shared_.derive();
    learner_ = client::find_learner(variant_.learner).make(variant_, seed);
    start_.resize(users.size());
    learnt_.resize(users.size());

    for (std::size_t i = 0; i < items; ++i)
        for (std::uint32_t a = 0; a < bits; ++a)
            items_.push_back(sign(shared_.tables.codes.row(i), a));
    gram_.assign(shared_.code_gram.begin(), shared_.code_gram.end());
    code_.resize(bits);
    std::size_t longest = 0;
    client::Listed listed;
    for (std::size_t u = 0; u < users.size(); ++u) {
        learner_->start(users[u], start_[u]);
        client::find_feedback(variant_.feedback)
            .list(users[u], items, variant_, start_[u].target, Stream(0), listed);
        rows_.emplace_back();
        goals_.emplace_back();
        for (std::size_t j = 0; j < listed.items.size(); ++j) {
            rows_[u].push_back(static_cast<std::uint32_t>(listed.items[j]));
            goals_[u].push_back(static_cast<double>(listed.goals[j]) / unit);
        }
        longest = std::max(longest, rows_[u].size());
    }
    scratch_.resize(peers::scratch_size(bits, longest));
}

void Contest::pass(Contestant who) {
    if (who == Contestant::ours)
        ours();
    else
        peers(who);
}

void Contest::ours() {
    for (std::size_t u = 0; u < users_.size(); ++u) {
        learnt_[u] = start_[u];
        learner_->learn(users_[u], shared_, 1, learnt_[u], work_);
    }
}

void Contest::peers(Contestant who) {
    const peers::Peers& peer =
        peers::peers_for(who == Contestant::uniform_scalar ? "scalar" : kernels().name);
    const std::uint32_t k = variant_.bits;
    for (std::size_t u = 0; u < users_.size(); ++u) {
        learnt_[u] = start_[u];
        const std::span<std::uint64_t> code(learnt_[u].code.data(), words_for(k));
        for (std::uint32_t a = 0; a < k; ++a) code_[a] = sign(code, a);
        const std::vector<std::uint32_t>& rows = rows_[u];
        const peers::Explicit given{items_.data(), k, rows.data(), goals_[u].data(), rows.size()};
        switch (who) {
            case Contestant::by_gram:
                peer.by_gram(given, sweeps, code_.data(), scratch_.data());
                break;
            case Contestant::by_blocked_gram:
                peer.by_blocked_gram(given, sweeps, code_.data(), scratch_.data());
                break;
            case Contestant::by_residuals:
                peer.by_residuals(given, sweeps, code_.data(), scratch_.data());
                break;
            case Contestant::uniform:
            case Contestant::uniform_scalar:
                peer.uniform({items_.data(), gram_.data(), k, rows.data(), rows.size(),
                              goals_[u].empty() ? 0 : goals_[u].front()},
                             sweeps, code_.data(), scratch_.data());
                break;
            case Contestant::ours:
                throw std::logic_error("ours is no peer");
        }
        for (std::uint32_t a = 0; a < k; ++a)
            if ((code_[a] > 0) != bit(code, a)) flip(code, a);
    }
}

std::uint32_t Contest::hash() const {
    std::uint32_t crc = 0;
    for (const client::Learnt& learnt : learnt_)
        crc = kernels().crc32c(crc, reinterpret_cast<const std::uint8_t*>(learnt.code.data()),
                               sizeof learnt.code);
    return crc;
}

}  // namespace fedhash::bench
