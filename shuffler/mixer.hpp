// Opens what senders sealed, and forgets who sent what.
#pragma once

#include <cstdint>
#include <vector>

#include "common/secure/primitives.hpp"
#include "common/wire/bytes.hpp"
#include "common/wire/messages.hpp"

namespace fedhash::shuffler {

struct Batch {
    std::vector<std::uint32_t> unread;  // places of notes, ascending
    std::vector<wire::Buffer> pieces;  // of the others, in an order from the system's random source
};

/// `notes`, one after the other; those that are not for this secret and round stay shut, and
/// so do copies of a note, whose pieces would be known by coming twice. Throws DecodeError where
/// they are no whole number of notes, or too few to hide among.
Batch open_and_mix(wire::View notes, const wire::Welcome& run, std::uint32_t round,
                   const secure::Key& secret);

}  // namespace fedhash::shuffler
