// What the operator of a coordinator sees of single users: their uploads as the coordinator decodes
// them, and how long the frames were. Nothing else, and nothing of measurements. Privacy is
// measured by attacks on this (scenarios/attacks/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "common/aggregate.hpp"
#include "common/codes.hpp"
#include "common/denoise.hpp"
#include "common/ids.hpp"
#include "common/secure/statement.hpp"
#include "common/tables.hpp"
#include "common/wire/bytes.hpp"
#include "server/options.hpp"

namespace fedhash::server {

/// One upload, by what it would add to a round's sums (common/aggregate.hpp) if it were alone.
struct Observation {
    std::uint32_t round = 0;
    UserId user{};
    std::size_t frame_bytes = 0;
    std::vector<ItemId> items;          // that it has a row of, ascending
    std::vector<std::int64_t> rows;     // G_ui, width numbers an item: of all items in the round
                                        // that was asked for, of the first two in others
    std::vector<std::int64_t> weights;  // W_ui, of the same items
};

/// What a round's uploads add up to, as the coordinator gets it; of masked ones this alone.
struct ObservedSum {
    std::uint32_t round = 0;
    Aggregate sum;
    std::vector<UserId> users;  // whose uploads are in it, where they are masked; ascending
};

/// What another user takes off the sum of these users' uploads (common/denoise.hpp).
struct ObservedDecoys {
    std::uint32_t round = 0;
    std::vector<UserId> users;
    denoise::Decoys decoys;
};

class Observer {
  public:
    /// `rows_of`: the round whose rows are wanted; of others item sets and lengths are kept, and
    /// two rows.
    explicit Observer(std::uint32_t rows_of) : rows_of_(rows_of) {}

    /// An upload came, and was decoded without error; `tables` are what its user learnt on. Of
    /// uploads under a mask the integers are what they are: noise, and every row is there.
    /// `scope`: what of a statement is asked for under masks. `lied_to`: the user learnt on tables
    /// that others were not shown (adversary.hpp); what it said is kept apart.
    void see(UserId user, wire::View upload, std::size_t frame_bytes, const Options& options,
             const Tables& tables, const secure::Scope& scope, bool lied_to);

    void see_decoys(std::uint32_t round, const std::vector<UserId>& users,
                    const denoise::Decoys& decoys);

    /// The sums of a round that counts; of round `rows_of` they are kept.
    void see_sum(std::uint32_t round, const Aggregate& sum, const std::vector<UserId>& users);

    struct Uploads {
        std::vector<Observation> seen;
        std::map<std::uint32_t, Codes> tables;  // the item codes that they were learnt on, by round
    };
    const Uploads& honest() const { return honest_; }
    const Uploads& victims() const { return victims_; }
    const ObservedSum& sum() const { return sum_; }
    /// Of round `rows_of`.
    const std::vector<ObservedDecoys>& decoys() const { return decoys_; }

  private:
    std::uint32_t rows_of_;
    Uploads honest_, victims_;
    ObservedSum sum_;
    std::vector<ObservedDecoys> decoys_;
    Aggregate alone_;  // all zero between uploads
};

}  // namespace fedhash::server
