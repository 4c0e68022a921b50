// A coordinator driven by a record instead of devices: it hears what was heard when the run was
// recorded, as soon as it has said what was said before that.
#pragma once

#include <filesystem>
#include <string>

#include "scenarios/playback/record.hpp"
#include "server/adversary.hpp"
#include "server/observer.hpp"

namespace fedhash::scenarios {

struct PlayedBack {
    std::uint32_t rounds = 0;      // whole ones that the record has
    std::size_t frames_said = 0;   // by the new coordinator
    std::size_t frames_other = 0;  // of them, not the recorded ones, byte for byte
    server::LieRecord lies;        // of a coordinator that lied then, and does now
};

/// Where a record that was cut off ends, in words.
std::string early_end(const Record& record);

/// Of a record that was cut off, as much as there is. Writes the coordinator's files into `folder`,
/// which must be there. `observer` may be shown what is heard.
PlayedBack play_back(const Record& record, const std::filesystem::path& folder,
                     server::Observer* observer = nullptr);

/// The last round in which the record has a request, 0 without any.
std::uint32_t last_round(const Record& record);

}  // namespace fedhash::scenarios
