// Notes that the coordinator carries from one user to another and cannot read: sealed for the key
// that the reader is known by (an Ed25519 key; its twin on Curve25519 is agreed with).
#pragma once

#include "common/secure/primitives.hpp"

namespace fedhash::secure {

/// What a note is longer than what it says.
constexpr std::size_t note_bytes = sizeof(Key) + seal_bytes;

/// `once` is a secret that serves for nothing else. `context`: who opens must name the same.
/// Throws std::invalid_argument for a reader's key that is none.
Bytes seal_note(const Key& reader, const Key& once, View plain, View context);

/// By the reader's secret. Nothing where the note was not sealed for it and this context.
std::optional<Bytes> open_note(const Key& secret, View note, View context);

}  // namespace fedhash::secure
