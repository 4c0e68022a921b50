// The device's half of a round of secure aggregation (common/secure/words.hpp).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "common/secure/words.hpp"

namespace fedhash::client {

/// What a device has from whoever set the run up, and not from the coordinator: the secret with
/// which its user signs, and by user the keys that everybody's signatures are known by.
struct Identity {
    secure::Key secret{};
    std::span<const secure::Key> known;
};

class SecureUser {
  public:
    /// All keys follow from `secret`, which must be fresh for every round, and from the context.
    /// `identity.known` stays with the caller. `blocks`: that it takes part in, where there are
    /// any.
    SecureUser(UserId user, const secure::Terms& round, const secure::Key& secret,
               const Identity& identity, secure::BlockSet blocks = {});

    secure::Advert advertise() const;
    const secure::Terms& round() const { return round_; }
    const secure::BlockSet& blocks() const { return blocks_; }

    /// To these neighbours, who must be different others, at least two, and have signed their keys;
    /// and from now on with them. Throws Refusal.
    std::vector<secure::SealedShares> share(std::span<const secure::Advert> neighbours);

    /// What neighbours keep with this user. Throws Refusal that names who sent something that does
    /// not open: somebody changed it on the way. From whom
    /// nothing comes it goes on without; throws TooFewLeft where too few keep its own shares.
    void keep(std::span<const secure::SealedShares> sealed);

    /// Its integers, as many as the round has cells, masked. Throws std::invalid_argument for a
    /// value that the ring cannot tell from another, or one that is outside its blocks and not 0.
    std::vector<std::uint64_t> mask(std::span<const std::int64_t> values) const;

    /// Once. Throws Refusal for somebody who is in both lists, or keeps nothing here, and for this
    /// user in the second.
    secure::Revealed reveal(const secure::Question& question);

  private:
    struct Neighbour {
        secure::Key sealing{}, masking{};  // agreed
        secure::BlockSet blocks;
        std::optional<std::pair<secure::Share, secure::Share>> kept;
    };
    secure::Key pair_key(const secure::Key& agreed) const;

    void check(const secure::Advert& advert) const;

    UserId user_;
    secure::Terms round_;
    Identity identity_;
    secure::BlockSet blocks_;
    secure::Key self_, sealing_, masking_;  // secrets of this round
    std::map<UserId, Neighbour> neighbours_;
    bool revealed_ = false;
};

}  // namespace fedhash::client
