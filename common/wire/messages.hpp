// The bodies of the messages. What a method says about items (the rest of Reply, after `user`)
// belongs to its uplink.
#pragma once

#include <array>

#include "common/ids.hpp"
#include "common/measures.hpp"
#include "common/variant.hpp"
#include "common/wire/archive.hpp"

namespace fedhash {

// Archive functions for types of the project's namespace.
template <class Archive>
void serialize(Archive& ar, Variant& v) {
    ar(v.bits, v.objective, v.uplink, v.item_rule, v.interaction, v.weight, v.target_q16,
       v.exponent_q16, v.mean_count_q8, v.refit_target, v.balance_units, v.weigh_users, v.sweeps,
       v.scoring_ridge);
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

/// A version of the shared tables. Version v is what round v works on; the random codes of version
/// 1 travel as a seed.
struct Publish {
    std::uint32_t version = 0;
    bool from_seed = false;
    std::uint64_t seed = 0;  // from_seed
    View codes;              // otherwise: bytes_for(bits) bytes an item, in the message itself
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(version), from_seed);
        if (from_seed)
            ar(seed);
        else
            ar(codes);
    }
};

/// Learn. `sampled` and `refused` are bit sets over the client's own users, in their order.
/// `refused`: the last upload of this user was not counted (late, lost, invalid), so the user takes
/// back what it had learnt with it; that keeps a device's state a function of the accepted uploads
/// alone.
struct Request {
    std::uint32_t round = 0;
    Buffer sampled;
    Buffer refused;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(round), sampled, refused);
    }
};

/// What one user says; the uplink's body follows.
struct ReplyHead {
    std::uint32_t round = 0;
    std::uint32_t user = 0;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(round), varint(user));
    }
};

/// Measure everyone on version `version`, after round version - 1.
struct Evaluate {
    std::uint32_t version = 0;
    bool test = false;
    Buffer refused;  // as in Request
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(version), test, refused);
    }
};

struct Scores {
    std::uint32_t version = 0;
    bool test = false;
    MetricSums symmetric;
    MetricSums asymmetric;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(version), test, symmetric, asymmetric);
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
