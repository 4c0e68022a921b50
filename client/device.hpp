// The users that one client process hosts: what they do when the coordinator asks. No socket in
// here.
#pragma once

#include <filesystem>
#include <functional>

#include "client/learner.hpp"
#include "client/shard_file.hpp"
#include "common/wire/frame.hpp"

namespace fedhash::client {

class Device {
  public:
    /// Throws DecodeError when the coordinator's sizes do not match the shard, UsageError for an
    /// unknown piece.
    Device(Shard shard, const wire::Welcome& welcome);

    /// Takes over a version of the item codes.
    void publish(const wire::Publish& publish);

    /// Every sampled user learns; `say` gets each user's Reply frame as soon as it is made.
    void learn(const wire::Request& request, const std::function<void(wire::Encoded)>& say);

    /// Measures every user on what is published.
    wire::Scores measure(const wire::Evaluate& evaluate);

    /// The measured codes of all users on what is published now, in the client's order, to a
    /// private file: "FDHC" | client u32 | clients u32 | bits u32 | count u32 | words.
    void write_codes(const std::filesystem::path& file);

  private:
    void settle(const wire::Buffer& refused);

    Shard shard_;
    wire::Welcome welcome_;
    Learner learner_;
    std::unique_ptr<const Uplink> uplink_;
    Shared shared_;
    std::vector<UserState> states_;
    Workspace work_;
};

}  // namespace fedhash::client
