// The chosen pieces of a method and their options: what Welcome carries, and all that a device is
// told. What ends in a sum over users is an integer here; the doubles steer real-valued parts,
// which run on one side only and are rounded before they are said or published.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fedhash {

/// Targets, residuals and ratings are multiples of 1/16 of a code unit: whole units are too coarse
/// for short codes.
constexpr int unit_bits = 4;
constexpr std::int64_t unit = std::int64_t{1} << unit_bits;

/// A real-valued model that may be learnt first: federated implicit ALS (docs/methods.md).
struct TeacherVariant {
    std::uint32_t rounds = 0;  // the first so many rounds of the run; 0 = no teacher
    std::uint32_t factors = 64;
    std::uint32_t factor_bits = 8;  // of an item factor's entry on its way down
    bool coded = false;             // factors go down as codes and a codebook
    double interaction = 0.3;       // a0: weight of unseen pairs
    double ridge = 0.003;           // lambda
};

/// A scaled code's entries have at most so many bits.
constexpr std::uint32_t max_user_bits = 4;

/// A part of objective `mix`, in 1/256.
struct MixShare {
    std::string objective;
    std::uint32_t share_q8 = 0;
    friend bool operator==(const MixShare&, const MixShare&) = default;
};

/// How messages are written (common/wire/coders.hpp): lossless, so no code depends on it.
struct Coding {
    std::string codes = "delta";
    std::string planes = "full";
    std::string sets = "smallest";
    std::string numbers = "varint";
    std::string padding = "none";
    std::uint32_t padding_bytes = 256;
    std::string rows = "all";  // of the tables, that a device is sent: all, or its own items'
};

/// What hides a user in its uploads, and which of their sums are used (docs/privacy.md).
struct PrivacyVariant {
    std::string decoys = "none";       // which items are said that the user does not have
    std::uint32_t denoise_users = 10;  // exchange denoised: one of so many takes their decoys off
    std::uint32_t pieces = 1;          // exchange shuffled: an upload comes out as so many
    std::uint32_t decoys_q8 = 256;     // so many to an item that it has, in 1/256
    std::string code = "exact";        // how a code is said: "exact", "fresh", "permanent"
    std::uint32_t code_lie_q32 = 0;    // probability that a bit is said wrong, in 2^-32
    std::string items = "exact";       // how an item set is said: "exact", "unary", "subset"
    std::uint32_t items_lie_q32 = 0;   // that an item is said which the report is not about
    std::uint32_t items_true_q32 = 0;  // subset: that the one is said which it is about
    std::uint32_t items_said = 0;      // subset: so many, of the catalogue and the padding
    std::uint32_t items_padded = 1;    // subset: item sets are padded or cut to so many
    std::uint32_t ballots = 0;         // uplink ballots: so many votes
    std::uint32_t ballot_lie_q32 = 0;  // that one is said wrong
    std::uint32_t noise_q8 = 0;        // z of common/noise.hpp, in 1/256; 0 = no noise
    std::uint32_t noise_clip = 0;      // C of the same, in 1/16
    std::uint32_t noise_users = 1;     // whose noise is enough
    std::uint32_t blocks = 0;          // under masks: the catalogue is cut into so many
    std::uint32_t blocks_joined = 0;   // that a user takes part in, at least
    std::uint32_t row_cap = 0;         // items of a user in an upload; 0 = all
    std::uint32_t contributors = 0;    // users without whom an item's sums are not used
    std::uint32_t prior = 0;           // votes for the bits that an item has
};

/// Users who lie (client/adversary.hpp). A simulation's devices are told which of them play them.
struct AdversaryVariant {
    std::string clients = "none";  // what they do
    std::uint32_t users = 0;       // how many
    std::uint32_t target = 0;      // the item that they promote
};

struct Variant {
    std::uint32_t bits = 64;
    // The pieces, by name.
    std::string learner = "code";  // what a device solves for: its code, a real vector, ...
    std::string similarity = "hamming";
    std::string feedback = "implicit";
    std::string objective = "square";
    std::vector<MixShare> mix;  // of objective `mix`
    std::string regulariser = "none";
    std::string solver = "dcd";
    std::string uplink = "residual";
    std::string exchange = "one-shot";
    std::string item_rule = "curvature";
    std::string quantiser = "none";
    TeacherVariant teacher;

    // Discrete learning.
    std::uint32_t interaction = 1;   // c0: weight of (b.d)^2 over all pairs
    std::uint32_t weight = 8;        // w: weight of an observed pair
    std::uint32_t target_q16 = 0;    // T, in 2^-16
    std::uint32_t exponent_q16 = 0;  // a, in 2^-16
    std::uint32_t mean_count_q8 =
        0;  // mean number of interactions of a user, in 2^-8 (an average over all devices)
    std::uint32_t group_bits = 1;  // of codes with a codebook: bits that pick a vector together
    bool refit_target = false;
    std::uint32_t negatives = 4;             // sampled by the device for each observed item
    std::uint32_t sharpness_q16 = 1u << 16;  // > 0; of logistic and listwise losses, in 2^-16
    std::uint32_t passes = 1;                // of majorise-minimise within a round
    std::uint32_t balance_units = 0;         // lambda * 16
    std::uint32_t balance_q16 = 0;     // the same lambda in 2^-16, where it breaks ties or scales
    std::uint32_t strength_units = 0;  // of the other regularisers, * 16
    std::uint32_t inertia = 0;         // LightFR's code: what its own-bit term counts beyond n_u
    bool weigh_users = false;          // a user's rows count n_u / mean
    std::uint32_t sweeps = 3;
    std::uint32_t search_steps = 60;   // of tabu search for a scaled code
    std::uint32_t user_bits = 1;       // of its entries: levels +-1, +-3, .. +-(2^user_bits - 1)
    std::uint32_t kicks = 0;           // of local search
    std::uint32_t own_bit_start = 64;  // rho of round 1, in 64ths
    std::uint32_t own_bit_end = 64;    // rho of the last rounds, in 64ths
    std::uint32_t memory_256 = 0;  // share of the running sums kept from round to round, in 256ths

    // Boxed item codes beside real (or scaled binary) users.
    double box_interaction = 0.2;  // a0
    double box_pull = 1.1;         // gamma at the end
    double prior = 0;              // kappa: share of the teacher's score that an unseen pair keeps
    std::uint32_t user_exponent_q16 = 0;  // a user counts (n_u / mean)^-this
    double item_exponent = 0;             // g_i = n_i^this / mean
    std::uint32_t factor_bits = 8;        // of a boxed code's entry on its way down

    // Gradient learning.
    double step = 0;                 // of the server's optimiser
    double user_step = 0;            // of the device's vector
    std::uint32_t epochs = 1;        // of the device's vector within a round
    std::uint32_t stage_rounds = 0;  // rounds after the teacher's: what schedules run over
    double sharpen_to = 0;           // forward: beta at the end
    double decay = 0;                // of both sides
    double norm = 0;                 // that vectors are pulled to; 0 = decay to nothing
    std::string surrogate = "clip";  // slope of a sign
    bool item_scale = false;         // an item's scores count mean |q_i| (published)
    std::uint32_t distil = 0;        // R: items that the teacher ranks first, learnt from

    // Scoring: measurement only, never part of a summed number.
    double scoring_interaction = 0.3;   // a0 of the private real vector
    double scoring_prior = 0;           // kappa of the same
    std::uint32_t rerank = 0;           // candidates by code that a real vector ranks; 0 = none
    std::uint32_t scoring_bits = 0;     // planes of an integer user vector; 0 = not scored
    std::uint32_t bias_bits = 0;        // of an item's bias; 0 = none
    std::uint32_t bit_weight_bits = 0;  // of a bit's weight; 0 = all the same
    std::uint32_t component_bits = 1;   // so many consecutive bits share a weight

    // What an upload loses, on purpose.
    std::uint32_t residual_bits = 0;   // of a residual; 0 = exact
    std::uint32_t top_rows = 0;        // of gradients: the largest so many; 0 = all
    std::uint32_t gradient_bits = 16;  // of their entries

    Coding coding;
    PrivacyVariant privacy;
    AdversaryVariant adversary;

    bool teaching(std::uint32_t round) const { return round <= teacher.rounds; }
};

/// Length of a user's vector on what an item is scored by: [d_i, 1, bias_i], or d_i without a bias.
constexpr std::uint32_t vector_width(const Variant& variant) {
    return variant.bits + (variant.bias_bits > 0 ? 2 : 0);
}

/// Bit weights lie in 1..most and are `one` on average; scores are in units of `one`.
constexpr std::int32_t most_bit_weight(const Variant& variant) {
    return variant.bit_weight_bits == 0 ? 1 : (1 << (variant.bit_weight_bits - 1)) - 1;
}
constexpr std::int32_t bit_weight_one(const Variant& variant) {
    return (most_bit_weight(variant) + 1) / 2;
}

/// Targets stay within four times the longest score of a code whose bits all weigh `one`, in 1/16.
constexpr std::int64_t max_target(const Variant& variant) {
    return 4 * std::int64_t{variant.bits} * unit * bit_weight_one(variant);
}

/// Curvatures of an honest device stay within this, in 1/16: parts of a mix are bounded one by one.
constexpr std::int64_t max_curvature(const Variant& variant) {
    return unit * (variant.mix.empty() ? 1 : 4) *
           (variant.weight > 0 ? std::int64_t{variant.weight} : 1);
}

/// Pulls (common/uplink.hpp) of an honest device stay within this, in 1/16. Square loss: a pull is
/// w (t - s) with |t| <= 4 k one, and scores are at most k (hamming), 3 k (projected: [-3k, k]) or
/// k most (weighted), so it is at most 5, 7 or (4 one / most + 1) <= 5 times w k most. Other losses
/// are cut off here (client/objectives/scale.hpp).
constexpr std::int64_t max_pull(const Variant& variant) {
    const std::int64_t weight = variant.weight > 0 ? variant.weight : 1;
    return 8 * weight * variant.bits * unit * most_bit_weight(variant);
}

}  // namespace fedhash
