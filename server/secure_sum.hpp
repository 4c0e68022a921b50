// The coordinator's half of a round of secure aggregation (common/secure/words.hpp): it comes to
// the sum of those who answered the third question, and to nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/secure/words.hpp"

namespace fedhash::server {

class SecureSum {
  public:
    /// `degree`: neighbours of a user, even; `seed`: of the graph.
    SecureSum(const secure::Terms& round, std::uint32_t degree, std::uint64_t seed)
        : round_(round), degree_(degree), seed_(seed) {}

    /// 1. All throw std::invalid_argument for what an honest device does not say: a user twice, or
    /// one that did not answer before, shares for others than its neighbours, cells beyond the
    /// ring.
    void advertise(const secure::Advert& advert);
    /// Nobody comes any more: lays the graph.
    void lay_graph();
    std::vector<secure::Advert> neighbours_of(UserId user) const;
    /// That it said it takes part in.
    const secure::BlockSet& blocks_of(UserId user) const { return parties_.at(user).advert.blocks; }

    /// 2.
    void take_shares(UserId from, std::vector<secure::SealedShares> shares);
    /// What neighbours that answered 2 keep with this user.
    std::vector<secure::SealedShares> shares_for(UserId user) const;

    /// 3.
    void take_masked(UserId from, std::span<const std::uint64_t> cells);

    /// 4.
    secure::Question question_for(UserId user) const;
    void take_revealed(const secure::Revealed& revealed);

    /// The sum of all users that answered 3, cell by cell; nothing where too few answered 4 for
    /// somebody's secret.
    std::optional<std::vector<std::int64_t>> sum() const;
    std::size_t contributors() const { return contributors_; }

  private:
    struct Party {
        secure::Advert advert;
        std::vector<UserId> neighbours;
        std::map<UserId, secure::Bytes> sealed;  // by whom they are for
        bool shared = false, masked = false, revealed = false;
        std::vector<secure::Share> self, masking;  // as neighbours reveal them
    };
    Party& party(UserId user);
    bool enough(const Party& party, const std::vector<secure::Share>& shares) const;

    secure::Terms round_;
    std::uint32_t degree_;
    std::uint64_t seed_;
    std::map<UserId, Party> parties_;
    std::vector<std::uint64_t> total_;
    std::size_t contributors_ = 0;
};

}  // namespace fedhash::server
