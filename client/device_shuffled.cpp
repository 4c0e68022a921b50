// A device's half of the exchange `shuffled` (common/shuffle.hpp): it learns, and seals what it has
// to say for the shuffler.
#include <stdexcept>

#include "client/ballots.hpp"
#include "client/device.hpp"
#include "common/bits.hpp"
#include "common/shuffle.hpp"

namespace fedhash::client {

void Device::learn_shuffled(const wire::Request& request, const Say& say) {
    settle(request.refused, request.pending);
    shared_.derive();
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        body.clear();
        wire::ByteWriter to(body, coders_);
        to(wire::ReplyHead{request.round, request.step,
                           static_cast<std::uint32_t>(shard_.users[j].user)});
        say_sealed(request.round, j, to);
        say(framed(body));
    }
}

// The key of a note comes from the secret that a user alone has and from what it says: a device
// that starts again says the same, and one that is asked twice seals nothing else with it.
void Device::say_sealed(std::uint32_t round, std::size_t j, wire::ByteWriter& to) {
    const Said said = what_to_say(round, j);
    wire::Buffer pieces;
    for (wire::Buffer& upload : cut_up(round, j, said)) {
        const wire::Buffer piece =
            shuffle::pad_piece(std::move(upload), welcome_.variant, welcome_.items);
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    const secure::Bytes context =
        shuffle::context_of(welcome_.seed, welcome_.users, welcome_.items, round);
    secure::Bytes of_note = context;
    of_note.insert(of_note.end(), pieces.begin(), pieces.end());
    const secure::Key once = secure::derive(shard_.secrets[j], "note to the shuffler", of_note);
    try {
        const secure::Bytes note = secure::seal_note(shard_.known.front(), once, pieces, context);
        to.append(note.data(), note.size());
    } catch (const std::invalid_argument&) {
        throw wire::DecodeError("the shuffler's key is none");
    }
}

std::vector<wire::Buffer> Device::cut_up(std::uint32_t round, std::size_t j, const Said& said) {
    const Variant& variant = welcome_.variant;
    const Variant piece = shuffle::piece_variant(variant);
    const auto uplink = find_uplink(piece.uplink).make(piece);
    const UserId user = shard_.users[j].user;
    std::vector<wire::Buffer> uploads(variant.privacy.pieces);
    const bool cut = uploads.size() > 1, casts = variant.privacy.ballots > 0;
    std::vector<shuffle::Piece> rows;
    if (cut && !casts) rows = shuffle::cut_rows(variant, welcome_.seed, user, round, said);
    for (std::uint32_t p = 0; p < uploads.size(); ++p) {
        Said part = said;
        if (cut && casts) {
            cast_ballots(piece, welcome_.seed, user, round, p, shared_.tables, part, work_);
        } else if (cut) {
            part.items = rows[p].items;
            part.pulls = rows[p].pulls;
            part.weights = rows[p].weights;
        }
        wire::ByteWriter to(uploads[p], coders_);
        uplink->say(to, part, shared_.tables);
    }
    return uploads;
}

}  // namespace fedhash::client
