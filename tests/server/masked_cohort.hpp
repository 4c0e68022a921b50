// A cohort of made users under masks, both halves of secure aggregation in one place.
#pragma once

#include <optional>
#include <vector>

#include "client/secure_user.hpp"
#include "common/random.hpp"
#include "common/secure/graph.hpp"
#include "server/secure_sum.hpp"

namespace fedhash::tests {

using Values = std::vector<std::int64_t>;

inline constexpr std::size_t cells = 5;
inline constexpr std::int64_t clip = 1000;

/// When a user goes away: it answers the questions before.
enum Gone : std::uint8_t { before_shares = 2, before_masked = 3, before_revealing = 4, never = 5 };

inline secure::Key numbered(std::uint64_t number) {
    secure::Key key{};
    for (std::size_t b = 0; b < 8; ++b) key[b] = static_cast<std::uint8_t>(number >> (8 * b));
    return key;
}

struct Cohort {
    secure::Terms round;
    std::uint32_t degree;
    std::vector<secure::Key> known;  // by which signatures are known
    std::vector<client::SecureUser> users;
    std::vector<Values> values;
    std::vector<std::vector<secure::SealedShares>> said;  // to the second question
    server::SecureSum sum;

    Cohort(std::uint32_t n, std::uint32_t degree_, std::uint64_t seed)
        : round{secure::round_context({}, 1, numbered(seed)), secure::ring_for(n, clip), cells},
          degree(degree_),
          sum(round, degree_, seed) {
        Stream random(seed);
        for (std::uint32_t u = 0; u < n; ++u) known.push_back(secure::signing_key(secret_of(u)));
        for (std::uint32_t u = 0; u < n; ++u) {
            users.emplace_back(UserId{u}, round, numbered(random()),
                               client::Identity{secret_of(u), known});
            values.emplace_back();
            for (std::size_t i = 0; i < cells; ++i)
                values.back().push_back(static_cast<std::int64_t>(random() % (2 * clip + 1)) -
                                        clip);
            sum.advertise(users.back().advertise());
        }
        sum.lay_graph();
        for (std::uint32_t u = 0; u < n; ++u)
            said.push_back(users[u].share(sum.neighbours_of(UserId{u})));
    }

    // Devices look at `known` where it is.
    Cohort(const Cohort&) = delete;
    Cohort& operator=(const Cohort&) = delete;

    /// With which a user signs.
    static secure::Key secret_of(std::uint32_t user) { return numbered(1'000'000 + user); }

    /// The rest of the round. What is expected is computed from who is there alone.
    std::optional<Values> finish(const std::vector<Gone>& gone) {
        const auto n = static_cast<std::uint32_t>(users.size());
        server::SecureSum server = sum;
        std::vector<client::SecureUser> devices = users;
        for (std::uint32_t u = 0; u < n; ++u)
            if (gone[u] > before_shares) server.take_shares(UserId{u}, said[u]);
        std::vector<bool> refused(n), masked(n);
        for (std::uint32_t u = 0; u < n; ++u) {
            if (gone[u] <= before_shares) continue;
            try {
                devices[u].keep(server.shares_for(UserId{u}));
            } catch (const secure::Refusal&) {
                refused[u] = true;
            }
        }
        for (std::uint32_t u = 0; u < n; ++u) {
            masked[u] = gone[u] > before_masked && !refused[u];
            if (masked[u]) server.take_masked(UserId{u}, devices[u].mask(values[u]));
        }
        for (std::uint32_t u = 0; u < n; ++u)
            if (masked[u] && gone[u] == never)
                server.take_revealed(devices[u].reveal(server.question_for(UserId{u})));
        return server.sum();
    }

    std::optional<Values> expected(const std::vector<Gone>& gone) const {
        const auto n = static_cast<std::uint32_t>(users.size());
        const auto count = [&](std::uint32_t u, const auto& holds) {
            std::size_t found = 0;
            for (const secure::Advert& other : sum.neighbours_of(UserId{u}))
                found += holds(static_cast<std::uint32_t>(other.user)) ? 1 : 0;
            return found;
        };
        const auto wanted = [&](std::uint32_t u) {
            return secure::threshold_of(sum.neighbours_of(UserId{u}).size());
        };
        std::vector<bool> masks(n);
        for (std::uint32_t u = 0; u < n; ++u)
            masks[u] = gone[u] > before_masked && count(u, [&](std::uint32_t v) {
                                                      return gone[v] > before_shares;
                                                  }) >= wanted(u);
        Values total(cells);
        bool anybody = false;
        for (std::uint32_t u = 0; u < n; ++u) {
            const bool matters =
                masks[u] || (gone[u] > before_shares &&
                             count(u, [&](std::uint32_t v) { return masks[v]; }) > 0);
            if (matters &&
                count(u, [&](std::uint32_t v) { return masks[v] && gone[v] == never; }) < wanted(u))
                return std::nullopt;
            if (!masks[u]) continue;
            anybody = true;
            for (std::size_t i = 0; i < cells; ++i) total[i] += values[u][i];
        }
        if (!anybody) return std::nullopt;
        return total;
    }
};

}  // namespace fedhash::tests
