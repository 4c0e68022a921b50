// The versions of the tables, and what each client must be sent to hold the present one.
#pragma once

#include <deque>
#include <map>
#include <span>

#include "common/tables.hpp"
#include "common/wire/frame.hpp"

namespace fedhash::server {

/// Clients that are further behind get everything anew.
constexpr std::size_t kept_versions = 24;

class Publisher {
  public:
    /// Room for as many versions as will be kept, of `versions` in all, is taken at the start: what
    /// a run needs shows then, not in its twenty-fourth round.
    explicit Publisher(std::uint64_t seed, Coding coding = {}, std::size_t versions = 1)
        : seed_(seed), coding_(std::move(coding)), versions_(versions) {}

    /// The tables of the next version. `starts_stage`: they are what the seed makes of them, and
    /// perhaps planes.
    void publish(Tables tables, bool starts_stage, bool teaching);

    const Tables& now() const { return history_.back().tables; }
    std::uint32_t version() const { return now().version; }
    /// Whether the present tables are what the seed makes of them: a few bytes for everybody.
    bool starts_stage() const { return history_.back().starts_stage; }

    /// An earlier version, as long as it is kept (kept_versions); null after that.
    const Tables* at(std::uint32_t version) const;

    /// What turns version `held` (0: nothing) into the present one; encoded once for all who hold
    /// the same. Not to be called for those who hold the present one.
    const wire::Encoded& frame_from(std::uint32_t held);

    /// The same of some rows alone, for one who named them.
    wire::Encoded rows_from(std::uint32_t held, std::span<const ItemId> rows) const;

  private:
    struct Version {
        Tables tables;
        bool starts_stage = false, teaching = false;
    };
    std::uint64_t seed_;
    Coding coding_;
    std::size_t versions_;
    std::vector<Tables> room_;     // as large as the first version, given up as versions come
    std::deque<Version> history_;  // the newest last; older ones so that changes can be named
    std::map<std::uint32_t, wire::Encoded> frames_;
};

}  // namespace fedhash::server
