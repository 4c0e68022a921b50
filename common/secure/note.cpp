#include "common/secure/note.hpp"

#include <algorithm>
#include <stdexcept>

namespace fedhash::secure {

namespace {

Bytes joined(View first, View second) {
    Bytes bytes(first.size() + second.size());
    std::ranges::copy(first, bytes.begin());
    std::ranges::copy(second, bytes.begin() + static_cast<std::ptrdiff_t>(first.size()));
    return bytes;
}

Key note_key(const Key& agreed, const Key& sender, View context) {
    return derive(agreed, "note", joined(sender, context));
}

}  // namespace

Bytes seal_note(const Key& reader, const Key& once, View plain, View context) {
    const Key sender = public_key(once);
    const Key key = note_key(agree(once, agreeing_key(reader)), sender, context);
    return joined(sender, seal(key, plain, context));
}

std::optional<Bytes> open_note(const Key& secret, View note, View context) try {
    if (note.size() < note_bytes) return std::nullopt;
    Key sender;
    std::ranges::copy(note.first(sender.size()), sender.begin());
    const Key agreed = agree(agreeing_secret(secret), sender);
    return open(note_key(agreed, sender, context), note.subspan(sender.size()), context);
} catch (const std::invalid_argument&) {  // a sender's key of low order
    return std::nullopt;
}

}  // namespace fedhash::secure
