// A coordinator that lies to some of its users, to learn what each of them alone has said
// (docs/privacy.md, "A coordinator that lies"). Each kind is a row of the table, in a file of
// adversaries/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/population.hpp"
#include "common/secure/statement.hpp"
#include "common/secure/words.hpp"
#include "common/tables.hpp"
#include "server/secure_sum.hpp"

namespace fedhash::server {

struct ServerLie {
    const char* name;
    bool about_masks;  // changes questions of the exchange `secure`
    /// Each may be null: honest there. What victims are shown instead of the tables;
    void (*tables)(Tables& tables, std::uint64_t seed);
    /// a victim's neighbours;
    void (*neighbours)(std::vector<secure::Advert>& adverts);
    /// what a user is asked to reveal, with these victims among its neighbours.
    void (*question)(UserId asked, std::span<const UserId> victims, secure::Question& question);
    const char* about;
};

/// The first, "none", does not lie.
std::span<const ServerLie> server_lies();

/// Throws UsageError that lists the known names.
const ServerLie& find_server_lie(std::string_view name);

/// Lied to are the users of the first client process, all the others are not.
constexpr std::uint32_t victims_client = 0;
constexpr bool is_victim(UserId user, std::uint32_t clients) {
    return client_of(user, clients) == victims_client;
}

/// What the lies of a run came to.
struct LieRecord {
    std::uint32_t rounds = 0;   // in which somebody was lied to
    std::uint32_t noticed = 0;  // of these: somebody refused to go on
    std::uint32_t tried = 0;    // victims, once for each of these rounds
    std::uint32_t opened = 0;   // of these: its upload was taken off its masks alone
};

/// What a coordinator takes down of one pass through the questions of secure aggregation, to take
/// its victims' masks off one by one.
class Prying {
  public:
    void hear_masked(UserId user, std::vector<std::uint64_t> cells);
    void hear_revealed(const secure::Revealed& revealed);

    /// The integers of this user alone: where it masked, and enough of its neighbours gave away
    /// both of its secrets. `sum` knows who its neighbours are.
    std::optional<std::vector<std::int64_t>> open(UserId user, const secure::Terms& round,
                                                  const SecureSum& sum) const;

  private:
    struct Taken {
        std::vector<std::uint64_t> cells;
        std::vector<secure::Share> self, masking;
    };
    std::map<UserId, Taken> taken_;
};

}  // namespace fedhash::server
