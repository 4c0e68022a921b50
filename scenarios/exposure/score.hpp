// What an attack is worth: its claims against the truth.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/attacks/attack.hpp"
#include "scenarios/exposure/interval.hpp"
#include "scenarios/exposure/truth.hpp"

namespace fedhash::scenarios {

/// One figure of an attack.
struct Exposure {
    std::string attack = {};  // "A4"
    std::string name = {};    // "code, closed form"
    std::string figure = {};  // "users whose code is exact"
    double value = 0;
    double chance = 0;  // of who guesses with what everybody knows
    double ceiling = 1;
    std::optional<Interval> interval = {};  // 95 %, exact
    std::size_t trials = 0;
    std::string of = {};       // "users"
    bool headline = false;     // the one of its attack's figures that stands for it in a line
    std::string refused = {};  // why the attack has nothing to work on; then there are no figures
};

std::vector<Exposure> score(const attacks::Attack& attack,
                            const std::vector<attacks::Claim>& claims, const Truth& truth,
                            std::uint32_t bits);

/// A share of users, with its exact interval.
Exposure share_of(std::string figure, std::size_t successes, std::size_t trials, double chance);

}  // namespace fedhash::scenarios
