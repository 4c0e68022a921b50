// The versions of the tables, and what each client must be sent to hold the present one.
#pragma once

#include <deque>
#include <map>

#include "common/tables.hpp"
#include "common/wire/frame.hpp"

namespace fedhash::server {

/// Clients that are further behind get everything anew.
constexpr std::size_t kept_versions = 24;

class Publisher {
  public:
    explicit Publisher(std::uint64_t seed, Coding coding = {})
        : seed_(seed), coding_(std::move(coding)) {}

    /// The tables of the next version. `starts_stage`: they are what the seed makes of them, and
    /// perhaps planes.
    void publish(Tables tables, bool starts_stage, bool teaching);

    const Tables& now() const { return history_.back().tables; }
    std::uint32_t version() const { return now().version; }

    /// An earlier version, as long as it is kept (kept_versions); null after that.
    const Tables* at(std::uint32_t version) const;

    /// What turns version `held` (0: nothing) into the present one; encoded once for all who hold
    /// the same. Not to be called for those who hold the present one.
    const wire::Encoded& frame_from(std::uint32_t held);

  private:
    struct Version {
        Tables tables;
        bool starts_stage = false, teaching = false;
    };
    std::uint64_t seed_;
    Coding coding_;
    std::deque<Version> history_;  // the newest last; older ones so that changes can be named
    std::map<std::uint32_t, wire::Encoded> frames_;
};

}  // namespace fedhash::server
