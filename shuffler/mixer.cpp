#include "shuffler/mixer.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "common/secure/note.hpp"
#include "common/shuffle.hpp"

namespace fedhash::shuffler {

Batch open_and_mix(wire::View notes, const wire::Welcome& run, std::uint32_t round,
                   const secure::Key& secret) {
    const std::size_t note = shuffle::note_bytes(run.variant, run.items);
    const std::size_t piece = shuffle::piece_bytes(run.variant, run.items);
    if (notes.size() % note != 0) throw wire::DecodeError("half a note");
    if (notes.size() / note < shuffle::least_notes)
        throw wire::DecodeError("fewer notes than one can hide among");
    const secure::Bytes context = shuffle::context_of(run.seed, run.users, run.items, round);
    Batch batch;
    std::set<secure::Key> senders;  // the key that a note begins with is its own
    for (std::uint32_t place = 0; place < notes.size() / note; ++place) {
        const wire::View sealed = notes.subspan(place * note, note);
        secure::Key sender;
        std::ranges::copy(sealed.first(sender.size()), sender.begin());
        const auto opened = secure::open_note(secret, sealed, context);
        if (!opened || !senders.insert(sender).second) {
            batch.unread.push_back(place);
            continue;
        }
        for (auto from = opened->begin(); from != opened->end();) {
            const auto to = from + static_cast<std::ptrdiff_t>(piece);
            batch.pieces.emplace_back(from, to);
            from = to;
        }
    }
    for (std::size_t j = batch.pieces.size(); j > 1; --j)
        std::swap(batch.pieces[j - 1],
                  batch.pieces[secure::random_below(static_cast<std::uint32_t>(j))]);
    return batch;
}

}  // namespace fedhash::shuffler
