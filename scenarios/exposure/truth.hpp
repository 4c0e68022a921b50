// What attackers are held against: the data, and what devices had learnt when they uploaded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scenarios/data/prepared.hpp"
#include "scenarios/exposure/clear_round.hpp"
#include "scenarios/playback/record.hpp"

namespace fedhash::scenarios {

struct Truth {
    const Prepared* data = nullptr;
    /// By user: the code behind its upload of the round; empty where it was not asked.
    std::vector<std::vector<std::uint64_t>> codes = {};
    /// Where uploads come without names: by the user that the attacker takes one of the round to be
    /// from, who it really is from; and the same of the round before. Empty: everybody is who it
    /// says.
    std::map<UserId, UserId> now = {}, before = {};
    /// Where uploads are masked: the round without masks.
    std::optional<ClearRound> clear = {};
    std::vector<bool> present = {};  // by candidate (question_users()): whether it took part
};

/// Lets the run's devices, with the ratings that `data` deals them, hear what the record has the
/// coordinator say, and notes their codes in `round`. They must upload what is recorded, byte for
/// byte: throws DataError where they do not. `masked`: whose masked uploads counted in the round.
Truth replay_devices(const Record& record, const Prepared& data, std::uint32_t round,
                     const std::vector<UserId>& masked);

}  // namespace fedhash::scenarios
