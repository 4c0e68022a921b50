// Why a plan is refused: of a scenario, on five users of one rating each.
#pragma once

#include <string>

#include "common/errors.hpp"
#include "scenarios/launch/plan.hpp"

namespace fedhash::tests {

using Change = void (*)(scenarios::Scenario&);

/// Why `scenario` is refused after `change`; "" when it is not.
inline std::string refusal(scenarios::Scenario scenario, Change change, std::uint32_t items) {
    change(scenario);
    scenarios::Prepared data;
    data.ranking.items = items;
    for (std::uint32_t u = 0; u < 5; ++u) {
        client::UserData user;
        user.user = UserId{u};
        user.train.push_back({ItemId{u}, 1});
        data.users.push_back(user);
    }
    try {
        scenarios::plan(scenario, data, {});
        return "";
    } catch (const UsageError& error) {
        return error.what();
    }
}

inline bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace fedhash::tests
