// The bodies of the messages. What a method says about items (the rest of Reply, after `user`)
// belongs to its uplink.
#pragma once

#include <array>

#include "common/ids.hpp"
#include "common/measures.hpp"
#include "common/scoring.hpp"
#include "common/variant.hpp"
#include "common/wire/archive.hpp"

namespace fedhash {

// Archive functions for types of the project's namespace.
template <class Archive>
void serialize(Archive& ar, TeacherVariant& v) {
    ar(v.rounds, v.factors, v.factor_bits, v.coded, v.interaction, v.ridge);
}
template <class Archive>
void serialize(Archive& ar, MixShare& s) {
    ar(s.objective, s.share_q8);
}
template <class Archive>
void serialize(Archive& ar, Coding& c) {
    ar(c.codes, c.planes, c.sets, c.numbers, c.padding, c.padding_bytes, c.rows);
}
template <class Archive>
void serialize(Archive& ar, PrivacyVariant& p) {
    ar(p.decoys, p.denoise_users, p.pieces, p.decoys_q8, p.code, p.code_lie_q32, p.items,
       p.items_lie_q32, p.items_true_q32, p.items_said, p.items_padded, p.ballots, p.ballot_lie_q32,
       p.noise_q8, p.noise_clip, p.noise_users, p.blocks, p.blocks_joined, p.row_cap,
       p.contributors, p.prior);
}
template <class Archive>
void serialize(Archive& ar, AdversaryVariant& a) {
    ar(a.clients, a.users, a.target);
}
template <class Archive>
void serialize(Archive& ar, Variant& v) {
    ar(v.bits, v.learner, v.similarity, v.feedback, v.objective, v.mix, v.regulariser, v.solver,
       v.uplink, v.exchange, v.item_rule, v.quantiser, v.teacher);
    ar(v.interaction, v.weight, v.target_q16, v.exponent_q16, v.mean_count_q8, v.group_bits,
       v.refit_target, v.negatives, v.sharpness_q16, v.passes, v.balance_units, v.balance_q16,
       v.strength_units, v.inertia, v.weigh_users, v.sweeps, v.search_steps, v.user_bits, v.kicks,
       v.own_bit_start, v.own_bit_end, v.memory_256);
    ar(v.box_interaction, v.box_pull, v.prior, v.user_exponent_q16, v.item_exponent, v.factor_bits);
    ar(v.step, v.user_step, v.epochs, v.stage_rounds, v.sharpen_to, v.decay, v.norm, v.surrogate,
       v.item_scale, v.distil);
    ar(v.scoring_interaction, v.scoring_prior, v.rerank, v.scoring_bits, v.bias_bits,
       v.bit_weight_bits, v.component_bits, v.residual_bits, v.top_rows, v.gradient_bits, v.coding,
       v.privacy, v.adversary);
}
template <class Archive, class T>
void serialize(Archive& ar, Bracket<T>& b) {
    ar(b.expected, b.optimistic, b.pessimistic);
}
template <class Archive>
void serialize(Archive& ar, MetricSums& s) {
    ar(s.users, s.values, s.decile_hits);
    for (auto& count : s.decile_items) ar(count);
}

}  // namespace fedhash

namespace fedhash::wire {

using Token = std::array<std::uint8_t, 32>;

struct Hello {
    Token token{};
    std::uint32_t client = 0;
    template <class Archive>
    void serialize(Archive& ar) {
        for (auto& byte : token) ar(byte);
        ar(client);
    }
};

struct Welcome {
    std::uint32_t users = 0, items = 0, clients = 0;
    std::uint64_t seed = 0;
    Variant variant;
    std::vector<std::uint32_t> cutoffs;
    bool asymmetric = false;
    std::string kernels;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(users, items, clients, seed, variant, cutoffs, asymmetric, kernels);
    }
};

/// Learn. `sampled` and `refused` are bit sets over the client's own users, in their order.
/// `refused`: the last upload of this user was not counted (late, lost, invalid), so the user takes
/// back what it had learnt with it; that keeps a device's state a function of the accepted uploads
/// alone.
/// `pending`: of this user nothing is known yet; an asynchronous round has its upload under way.
/// Most exchanges ask once a round (step 0); `body` belongs to the exchange.
struct Request {
    std::uint32_t round = 0;
    std::uint32_t step = 0;
    Buffer sampled;
    Buffer refused;
    Buffer body;
    Buffer pending{};
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(round), varint(step), sampled, refused, body, pending);
    }
};

/// What one user says; the uplink's body follows. Padded as a whole (padding.hpp).
constexpr std::size_t max_reply_head_bytes = 15;
struct ReplyHead {
    std::uint32_t round = 0;
    std::uint32_t step = 0;
    std::uint32_t user = 0;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(round), varint(step), varint(user));
    }
};

/// Measure everyone on version `version`, after round version - 1.
struct Evaluate {
    std::uint32_t version = 0;
    bool test = false;
    Buffer refused;  // as in Request
    Buffer pending{};
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(version), test, refused, pending);
    }
};

/// One sum for each way of scoring that the variant has (common/scoring.hpp), in its order; one
/// that cannot be scored on these tables has no users. Of a run under masks also what they cost:
/// how many uploads users have made so far, and how long these would have been in clear.
struct Scores {
    std::uint32_t version = 0;
    bool test = false;
    std::vector<MetricSums> sums;
    std::uint64_t clear_uploads = 0, clear_bytes = 0;
    template <class Archive>
    void serialize(Archive& ar) {
        auto count = static_cast<std::uint8_t>(sums.size());
        ar(varint(version), test, varint(clear_uploads), varint(clear_bytes), count);
        if (count > max_scorings) throw DecodeError("too many ways of scoring");
        sums.resize(count);
        for (MetricSums& sum : sums) ar(sum);
    }
};

/// From a client: what crossed its end of the connection before this frame. From the server: zeros.
struct Goodbye {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(bytes_sent, bytes_received);
    }
};

}  // namespace fedhash::wire
