#include "shuffler/mixer.hpp"

#include <algorithm>
#include <utility>

#include "common/secure/note.hpp"
#include "common/shuffle.hpp"

namespace fedhash::shuffler {

Batch open_and_mix(wire::View notes, const wire::Welcome& run, std::uint32_t round,
                   const secure::Key& secret) {
    const std::size_t note = shuffle::note_bytes(run.variant, run.items);
    const std::size_t piece = shuffle::piece_bytes(run.variant, run.items);
    if (notes.size() % note != 0) throw wire::DecodeError("half a note");
    const secure::Bytes context = shuffle::context_of(run.seed, run.users, run.items, round);
    Batch batch;
    for (std::uint32_t place = 0; place < notes.size() / note; ++place) {
        const auto opened = secure::open_note(secret, notes.subspan(place * note, note), context);
        if (!opened) {
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
