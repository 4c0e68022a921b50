// Users who lie to the coordinator about what they learnt (docs/privacy.md, "Poisoning"). For
// themselves they learn honestly; what they upload is forged, and within what the coordinator's
// checks of the format let pass. One table row a kind, each in a file of adversaries/.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "client/learner.hpp"
#include "common/tables.hpp"

namespace fedhash::client {

/// What a liar knows: the method, the codes that are published, how popular items are, and what
/// honesty would have it say.
struct Lie {
    const Variant& variant;
    std::uint64_t seed = 0;
    std::uint32_t round = 0;
    UserId user{};
    const Ranking& ranking;
    const Tables& tables;
};

struct AdversaryKind {
    const char* name;
    /// Turns what would have been said into what is said; spans of `said` then point into `work`.
    void (*forge)(const Lie& lie, Said& said, Workspace& work);
    const char* about;
};

/// The first, "none", does not lie.
std::span<const AdversaryKind> adversary_kinds();

/// Throws UsageError that lists the known names.
const AdversaryKind& find_adversaries(std::string_view name);

/// Who lies: adversary.users of so many, drawn by seed; ascending.
std::vector<UserId> liars(const AdversaryVariant& adversary, std::uint64_t seed,
                          std::uint32_t users);

}  // namespace fedhash::client
