// How what crosses the network is written: for each kind of content a table of coders, both halves
// of each side by side. All of them are lossless; what loses something changes what is learnt and
// is therefore a piece of the method (votes, fewer bits, fewer rows), not a coder.
//
//   sets      of items or positions: which are in it (item_set.hpp)
//   numbers   one for each listed item (number_list.hpp)
//   codes     the table of item codes, for one who holds an earlier version (code_change.hpp)
//   planes    tables of reals, the same (plane.hpp)
//   padding   bytes added to an upload so that its length tells less (padding.hpp)
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "common/variant.hpp"

namespace fedhash::wire {

struct SetCoder;
struct NumberCoder;

/// What an archive writes and reads by. The defaults are those of Coding.
struct Coders {
    const SetCoder* sets = nullptr;                                        // nullptr: the smallest
    const NumberCoder* numbers = nullptr;                                  // nullptr: varint
    std::uint32_t most_items = std::numeric_limits<std::uint32_t>::max();  // of a set that is read
};

/// Throws UsageError that lists the known names.
Coders coders_of(const Coding& coding);

/// Every coder there is, for lists and settings.
struct CoderRow {
    std::string_view content, name, about;
};
std::span<const CoderRow> coder_rows();

/// Throws UsageError for a name that its table does not have.
void check_coding(const Coding& coding);

}  // namespace fedhash::wire
