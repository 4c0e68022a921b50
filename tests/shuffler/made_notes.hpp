// A run whose uploads are shuffled, and notes to its shuffler.
#pragma once

#include "common/random.hpp"
#include "common/secure/note.hpp"
#include "common/shuffle.hpp"
#include "common/wire/messages.hpp"

namespace fedhash::tests {

inline secure::Key numbered_key(std::uint8_t first) {
    secure::Key key;
    for (std::uint8_t& byte : key) byte = first++;
    return key;
}

inline wire::Welcome shuffled_run(std::uint32_t pieces) {
    wire::Welcome run;
    run.users = 40;
    run.items = 30;
    run.clients = 2;
    run.seed = 5;
    run.variant.bits = 8;
    run.variant.exchange = "shuffled";
    run.variant.uplink = "ballots";
    run.variant.privacy.ballots = 8;
    run.variant.privacy.pieces = pieces;
    return run;
}

/// Piece p of a sender begins with both numbers.
inline secure::Bytes made_note(const wire::Welcome& run, std::uint32_t round, std::uint8_t sender,
                               const secure::Key& shuffler_secret) {
    const std::size_t piece = shuffle::piece_bytes(run.variant, run.items);
    secure::Bytes plain(run.variant.privacy.pieces * piece);
    for (std::uint32_t p = 0; p < run.variant.privacy.pieces; ++p) {
        plain[p * piece] = sender;
        plain[p * piece + 1] = static_cast<std::uint8_t>(p);
    }
    return secure::seal_note(secure::signing_key(shuffler_secret),
                             numbered_key(static_cast<std::uint8_t>(100 + sender)), plain,
                             shuffle::context_of(run.seed, run.users, run.items, round));
}

inline wire::Buffer made_notes(const wire::Welcome& run, std::uint32_t round, std::uint8_t senders,
                               const secure::Key& shuffler_secret) {
    wire::Buffer notes;
    for (std::uint8_t sender = 0; sender < senders; ++sender) {
        const secure::Bytes note = made_note(run, round, sender, shuffler_secret);
        notes.insert(notes.end(), note.begin(), note.end());
    }
    return notes;
}

}  // namespace fedhash::tests
