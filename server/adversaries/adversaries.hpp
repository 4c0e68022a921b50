// The rows of the table of lies (server/adversary.hpp).
#pragma once

#include "server/adversary.hpp"

namespace fedhash::server {

void choose_codes(Tables& tables, std::uint64_t seed);
void ask_for_both(UserId asked, std::span<const UserId> victims, secure::Question& question);
void split_lists(UserId asked, std::span<const UserId> victims, secure::Question& question);
void make_keys_up(std::vector<secure::Advert>& adverts);
void leave_one(std::vector<secure::Advert>& adverts);

inline constexpr ServerLie chosen_codes_lie{
    "chosen-codes", false,   choose_codes,
    nullptr,        nullptr, "other item codes, drawn anew for every round: answers tell of items"};
inline constexpr ServerLie both_secrets_lie{
    "both-secrets", true,         nullptr,
    nullptr,        ask_for_both, "victims are said to be there and to have gone, to everybody"};
inline constexpr ServerLie split_lists_lie{
    "split-lists", true,        nullptr,
    nullptr,       split_lists, "to one half they are there, to the other half they have gone"};
inline constexpr ServerLie made_up_keys_lie{
    "made-up-keys", true,    nullptr,
    make_keys_up,   nullptr, "victims are given keys as their neighbours' that are not"};
inline constexpr ServerLie one_neighbour_lie{
    "one-neighbour", true, nullptr, leave_one, nullptr, "victims are given one neighbour alone"};

}  // namespace fedhash::server
