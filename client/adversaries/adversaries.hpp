// The rows of the table of liars (client/adversary.hpp).
#pragma once

#include "client/adversary.hpp"

namespace fedhash::client {

void promote(const Lie& lie, Said& said, Workspace& work);
void say_the_opposite(const Lie& lie, Said& said, Workspace& work);
void ride_free(const Lie& lie, Said& said, Workspace& work);

inline constexpr AdversaryKind promote_adversary{
    "promote", promote, "one row alone: the target, as near to popular items as one upload can"};
inline constexpr AdversaryKind flip_adversary{
    "flip", say_the_opposite, "the opposite of the user's code, so that items go the other way"};
inline constexpr AdversaryKind free_rider_adversary{
    "free-rider", ride_free, "a code by chance, drawn anew in every round, as if it had learnt"};

}  // namespace fedhash::client
