// Small data made by hand: every user has a taste, every item a topic, and most of what a user
// takes is of its taste. Items of lower number within a topic are taken more often.
#pragma once

#include <algorithm>
#include <set>

#include "common/random.hpp"
#include "scenarios/data/prepared.hpp"

namespace fedhash::scenarios {

struct MadeOptions {
    std::uint32_t users = 120;
    std::uint32_t items = 90;
    std::uint32_t topics = 6;
    std::uint32_t taken = 12;  // items a user takes, the held-out ones included
    bool validation = true;
    std::uint32_t candidates = 0;  // 0 = full ranking
    std::uint64_t seed = 7;
};

inline Prepared made_data(const MadeOptions& options) {
    Prepared data;
    data.ranking = {options.items, options.candidates == 0};
    data.item_counts.assign(options.items, 0);
    data.has_validation = options.validation;
    for (std::uint32_t u = 0; u < options.users; ++u) {
        Stream random = stream(options.seed, Purpose::generator, u);
        const auto below = [&](std::uint64_t bound) {
            return static_cast<std::uint32_t>(random() % bound);
        };
        const std::uint32_t per_topic = options.items / options.topics;
        std::set<std::uint32_t> taken;
        while (taken.size() < options.taken) {
            const bool stray = below(10) == 0;
            const std::uint32_t topic = stray ? below(options.topics) : u % options.topics;
            taken.insert(topic * per_topic + std::min(below(per_topic), below(per_topic)));
        }
        std::vector<std::uint32_t> order(taken.begin(), taken.end());
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);

        client::UserData user;
        user.user = UserId{u};
        const auto hold = [&](client::HeldOut& part) {
            part.items = {ItemId{order.back()}};
            part.deciles = {static_cast<std::uint8_t>(u % 10)};
            order.pop_back();
            while (part.candidates.size() < options.candidates) {
                const std::uint32_t item = below(options.items);
                if (!taken.contains(item)) part.candidates.push_back(ItemId{item});
            }
        };
        hold(user.test);
        if (options.validation) hold(user.valid);
        std::sort(order.begin(), order.end());
        for (const std::uint32_t item : order) {
            user.train.push_back({ItemId{item}, 1.0F});
            ++data.item_counts[item];
        }
        data.users.push_back(std::move(user));
    }
    return data;
}

}  // namespace fedhash::scenarios
