// The attacks on a recorded run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/data/prepared.hpp"
#include "scenarios/exposure/audit.hpp"
#include "scenarios/exposure/clear_round.hpp"
#include "scenarios/exposure/score.hpp"
#include "scenarios/playback/record.hpp"

namespace fedhash::scenarios {

struct ExposureReport {
    std::string method;  // "lightfr-paper, 64 bits, uplink gradients, seed 1"
    std::uint32_t round = 0;
    std::size_t users = 0;  // who uploaded in it
    std::vector<Exposure> figures;
    Audit audit = {};
    std::optional<SumCheck> sums = {};  // of a masked round

    /// An attack found more than epsilon allows.
    bool violated() const { return audit.violated(); }
};

/// Of all attacks, in the order in which they are printed.
std::vector<std::string> attack_ids();

/// Throws UsageError for an attack that there is not.
void check_attacks(const std::vector<std::string>& ids);

/// Throws UsageError where attacks find nothing to work on in round `round` of `rounds`, 0 = the
/// last: there is none of that number, or its uploads are no rows of what codes are learnt from.
void check_attackable(const Variant& variant, std::uint32_t rounds, std::uint32_t round);

/// `method`: its name, for the report. `round` 0: the last one. `ids`: of the attacks, empty = all.
/// Throws UsageError for a round that the record does not have, an attack that there is not, or an
/// exchange that asks bit by bit, DataError where `data` are not those of the record, RunError
/// where masked uploads do not add up to what they do in clear.
ExposureReport expose_run(const Record& record, const std::string& method, const Prepared& data,
                          std::uint32_t round, const std::vector<std::string>& ids);

}  // namespace fedhash::scenarios
