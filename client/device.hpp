// The users that one client process hosts: what they do when the coordinator asks. No socket in
// here.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "client/learner.hpp"
#include "client/retrieval/rank_counts.hpp"
#include "client/secure_user.hpp"
#include "client/shard_file.hpp"
#include "common/interactive.hpp"
#include "common/scoring.hpp"
#include "common/secure/statement.hpp"
#include "common/wire/frame.hpp"
#include "common/wire/own_rows.hpp"

namespace fedhash::client {

/// The items of each user: what it learns from needs no others (common/wire/own_rows.hpp).
wire::ItemSets needs_of(const Shard& shard);

class Device {
  public:
    /// Throws DecodeError when the coordinator's sizes do not match the shard, UsageError for an
    /// unknown piece.
    Device(Shard shard, const wire::Welcome& welcome);

    /// Takes over a version of the tables, or of the rows that its users need.
    void publish(wire::View body);
    void publish_rows(wire::View body);

    /// Every sampled user learns, or answers a question about one bit (common/interactive.hpp);
    /// `say` gets each user's Reply frame as soon as it is made.
    void learn(const wire::Request& request, const std::function<void(wire::Encoded)>& say);

    /// What users have to tell their owners since this was last asked: why they went no further.
    std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

    /// What the j-th user has learnt last, whether its upload counted or not.
    const Learnt& newest(std::size_t j) const { return states_[j].newest; }

    /// Of a masked round: what the j-th user's upload alone adds to the sums, without masks and
    /// noise. Nobody asks for it over the wire.
    Aggregate unmasked(std::size_t j) const;

    /// Measures every user on what is published.
    wire::Scores measure(const wire::Evaluate& evaluate);

    /// What stays behind for its owner: the measured codes of all users, in the client's order
    /// (codes-CLIENT: "FDHC" | client u32 | clients u32 | bits u32 | count u32 | words), and every
    /// user's metrics of the last measurement (metrics-CLIENT: "FDHM" | client u32 | clients u32 |
    /// ways u32 | metrics u32 | count u32 | float32 of way by way, user by user), NaN where a user
    /// was not scored. Private files.
    void write_private(const std::filesystem::path& folder);

  private:
    using Say = std::function<void(wire::Encoded)>;

    wire::Encoded framed(const wire::Buffer& body) const;

    void settle(const wire::Buffer& refused, const wire::Buffer& pending);
    void take_back(const wire::Buffer& refused);
    void learn_at_once(const wire::Request& request, const Say& say);
    void learn_by_bit(const wire::Request& request, const Say& say);
    void learn_shuffled(const wire::Request& request, const Say& say);
    void say_sealed(std::uint32_t round, std::size_t j, wire::ByteWriter& to);
    std::vector<wire::Buffer> cut_up(std::uint32_t round, std::size_t j, const Said& said);
    void learn_denoised(const wire::Request& request, const Say& say);
    void say_hidden(const wire::Request& request, std::size_t j, UserId denoiser,
                    wire::ByteWriter& to);
    void say_decoys(std::size_t j, wire::ByteReader& from, wire::ByteWriter& to);
    void learn_securely(const wire::Request& request, const Say& say);
    void learn_masked_round(const wire::Request& request);
    /// The blocks that the j-th user takes part in.
    secure::BlockSet blocks_for(std::size_t j) const;
    void put_on_masks(const wire::Request& request, const secure::Scope& scope);
    void answer_securely(std::uint32_t step, std::size_t j, wire::ByteReader& from,
                         wire::ByteWriter& to);
    void open(const wire::Request& request);
    void follow(const wire::Request& request);
    /// The j-th user learns.
    Said what_to_say(std::uint32_t round, std::size_t j);
    const Learner& learner(std::uint32_t round) const;
    void measure_by_scores(Scoring way, std::size_t j, Part part, MetricSums& sums,
                           std::span<float> own);
    void measure_by_counts(std::size_t j, Part part, RankCounts& counts, MetricSums& sums,
                           std::span<float> own);

    Shard shard_;
    wire::Welcome welcome_;
    wire::Coders coders_;
    std::size_t most_bytes_ = 0;  // of a reply
    std::unique_ptr<const Learner> learner_, teacher_;
    Shared shared_;
    std::vector<ItemId> rows_;  // that its users need, where a client is sent no others
    std::vector<UserState> states_;
    std::vector<bool> lies_;  // whose uploads are forged
    Workspace work_;
    std::vector<float> user_metrics_;
    // Of a round of several questions:
    std::uint32_t open_round_ = 0, last_step_ = 0;
    // masked:
    std::vector<std::optional<SecureUser>> secure_;
    std::vector<std::string> notes_;
    std::vector<wire::Buffer> unmasked_;
    std::uint64_t clear_uploads_ = 0, clear_bytes_ = 0;  // of frames with these, had they been sent
    secure::Scope scope_;
    // or interactive:
    Codes codes_;                                      // the items', as bits flip
    std::vector<std::optional<BitSpeaker>> speakers_;  // of the users that it asks
};

}  // namespace fedhash::client
