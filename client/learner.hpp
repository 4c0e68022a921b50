// One user, one round: learn from what is published and the user's own items, keep the result until
// the coordinator's next request says whether the upload was counted, say what the uplink takes.
// What a device solves for is an axis: its code, a real vector, ...
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "client/feedback.hpp"
#include "client/shard.hpp"
#include "client/shared.hpp"
#include "common/uplink.hpp"

namespace fedhash::client {

/// Gradients that a device has not said yet (client/error_feedback.hpp), a row an item, ascending.
struct Unsaid {
    std::vector<ItemId> items;
    std::vector<std::int32_t> rows;
    friend bool operator==(const Unsaid&, const Unsaid&) = default;
};

/// What a device has learnt. It keeps two: the one that its last counted upload said, and the
/// newest.
struct Learnt {
    // Of a scaled code plane after plane, words_for(bits) words each, the plane of weight 1 first;
    // of others one plane.
    std::array<std::uint64_t, max_user_bits * max_words> code{};
    std::int64_t target = 0;           // in 1/16; of a scaled code, the scale in 2^-vector_fraction
    std::vector<std::int16_t> vector;  // private real vector, in 2^-vector_fraction; of a
                                       // scaled code [s, beta], in 2^-scale_fraction
    std::vector<std::int16_t> teacher;  // the same at the end of the teacher's rounds
    std::vector<std::uint32_t> ranked;  // unobserved items that the teacher ranked first, in order
    Unsaid unsaid;
    bool learnt = false;  // false: still what it started from
    friend bool operator==(const Learnt&, const Learnt&) = default;
};

struct UserState {
    Learnt counted;
    Learnt newest;
};

/// Scratch of one process, so that learning allocates next to nothing per user.
struct Workspace {
    Listed listed;
    std::vector<std::uint32_t> rows, order;
    std::vector<std::uint64_t> planes;
    std::vector<std::int32_t> A, gram, scores, pulls, weights;
    std::vector<std::int64_t> c, wide, goals, group_goals;
    std::vector<const std::int16_t*> factor_rows;
    std::vector<double> normal, right;  // of a ridge problem
    std::vector<std::int32_t> gradients;
    Unsaid unsaid;  // of an upload that leaves something out: all of it, and what is said
    std::vector<ItemId> said_items;
    std::vector<std::int32_t> said_rows;
    Codes chosen;                          // of listed or scored items
    std::vector<std::uint64_t> said_code;  // where it is not the code itself
    // Of an upload whose rows are not those that were listed (client/protection.hpp):
    std::vector<ItemId> shown_items;
    std::vector<std::int32_t> shown_pulls, shown_weights, shown_gradients;
    std::vector<std::int8_t> ballots;
    // Of gradient learning: listed item vectors, their scales, what pulls them.
    std::vector<double> item_rows, item_scales, pulls_real;
};

class Learner {
  public:
    virtual ~Learner() = default;

    /// What a device that has not learnt yet knows: a function of the seed and its user. Adds to
    /// `learnt` what this learner needs.
    virtual void start(const UserData& user, Learnt& learnt) const = 0;

    /// Learns for one round, from and into `learnt`. Returns what to upload; spans point into
    /// `learnt` and `work`.
    virtual Said learn(const UserData& user, const Shared& shared, std::uint32_t round,
                       Learnt& learnt, Workspace& work) const = 0;

    /// The user's code on the item codes that are published now, fitted more patiently than a round
    /// would.
    virtual void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                          Workspace& work) const = 0;
};

struct LearnerEntry {
    const char* name;
    std::unique_ptr<const Learner> (*make)(const Variant&, std::uint64_t seed);
    const char* says;  // what uplinks may take of it: "code", "vector", ..., "" (nothing)
    const char* about;
};

std::span<const LearnerEntry> learners();

/// Throws UsageError that lists the known names.
const LearnerEntry& find_learner(std::string_view name);

/// The learner of the teacher's rounds.
std::unique_ptr<const Learner> make_teacher_learner(const Variant& variant, std::uint64_t seed);

}  // namespace fedhash::client
