// Small synthetic users: two tastes that overlap, a few held-out items each.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "client/shard_file.hpp"
#include "common/population.hpp"
#include "common/random.hpp"

namespace fedhash::tests {

struct Made {
    client::Ranking ranking;
    std::vector<client::UserData> users;
};

/// Users rate about a third of the items of their own half of the catalogue and a tenth of the
/// others.
inline Made make_users(std::uint64_t seed, std::uint32_t users, std::uint32_t items) {
    Made made{{items, true}, {}};
    for (std::uint32_t u = 0; u < users; ++u) {
        Stream random = stream(seed, Purpose::generator, u);
        client::UserData user;
        user.user = UserId{u};
        for (std::uint32_t i = 0; i < items; ++i) {
            const bool own = (i < items / 2) == (u % 2 == 0);
            if (random() % 30 >= (own ? 12u : 3u)) continue;
            const auto rating = static_cast<float>(random() % 5) / 4.0f;
            client::HeldOut* part = i % 7 == 0 ? &user.valid : i % 7 == 3 ? &user.test : nullptr;
            if (part != nullptr) {
                part->items.push_back(ItemId{i});
                part->deciles.push_back(static_cast<std::uint8_t>(i % 10));
            } else {
                user.train.push_back({ItemId{i}, rating});
            }
        }
        if (user.train.empty()) user.train.push_back({ItemId{u % items}, 1});
        made.users.push_back(user);
    }
    return made;
}

/// With which a made user signs.
inline secure::Key signing_secret(UserId user) {
    secure::Key secret{7};
    secret[1] = static_cast<std::uint8_t>(index(user));
    secret[2] = static_cast<std::uint8_t>(index(user) >> 8);
    return secret;
}

inline client::Shard deal(const Made& made, std::uint32_t client, std::uint32_t clients,
                          const wire::Token& token = {}) {
    client::Shard shard{token, client, clients, made.ranking, {}, {}, {}};
    const auto users = static_cast<std::uint32_t>(made.users.size());
    for (std::uint32_t j = 0; j < users_of(client, clients, users); ++j) {
        const UserId user = hosted_user(client, clients, j);
        shard.users.push_back(made.users[index(user)]);
        shard.secrets.push_back(signing_secret(user));
    }
    for (std::uint32_t u = 0; u < users; ++u)
        shard.known.push_back(secure::signing_key(signing_secret(UserId{u})));
    return shard;
}

/// A variant with every integer piece switched on.
inline Variant busy_variant(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    variant.target_q16 = 1u << 15;    // T = 1/2
    variant.exponent_q16 = 1u << 14;  // a = 1/4
    variant.mean_count_q8 = 10u << 8;
    variant.refit_target = true;
    variant.balance_units = 5;
    variant.regulariser = "balance";
    variant.scoring_interaction = 0.25;
    return variant;
}

}  // namespace fedhash::tests
