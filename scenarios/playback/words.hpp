// Frames of a record in words.
#pragma once

#include <map>
#include <string>

#include "common/tables.hpp"
#include "scenarios/playback/record.hpp"

namespace fedhash::scenarios {

/// Follows what each client holds, so that uploads can be read as the coordinator read them.
class FrameWords {
  public:
    explicit FrameWords(const server::Options& options) : options_(options) {}

    /// What a frame says; to be called for every frame of a record, in order.
    std::string of(const RecordedFrame& frame);

  private:
    std::string of_publish(std::uint32_t client, wire::View body, bool own_rows);
    std::string of_needs(std::uint32_t client, wire::View body);
    std::string of_reply(std::uint32_t client, wire::View body);

    const server::Options& options_;
    std::map<std::uint32_t, Tables> held_;               // by client
    std::map<std::uint32_t, std::vector<ItemId>> rows_;  // by client: those that it named
};

}  // namespace fedhash::scenarios
