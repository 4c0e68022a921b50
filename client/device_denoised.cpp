// A device's half of the exchange `denoised` (common/denoise.hpp): it learns at the first question,
// and reads at the second what others wrote to it.
#include <stdexcept>

#include "client/device.hpp"
#include "client/protection.hpp"
#include "common/bits.hpp"
#include "common/denoise.hpp"
#include "common/secure/note.hpp"

namespace fedhash::client {

namespace {

/// What a note is about: a coordinator cannot bring it to another round or reader.
secure::Bytes context_of(const wire::Welcome& welcome, std::uint32_t round, UserId reader) {
    secure::Bytes bytes;
    wire::ByteWriter to(bytes);
    to(welcome.seed, welcome.users, welcome.items, round, static_cast<std::uint32_t>(reader));
    return bytes;
}

}  // namespace

void Device::learn_denoised(const wire::Request& request, const Say& say) {
    wire::ByteReader from(request.body);
    if (request.step == denoise::ask_uploads) {
        settle(request.refused, request.pending);
        if (request.round != shared_.tables.version)
            throw wire::DecodeError("asked to learn on a version that was not published");
        shared_.derive();
        open_round_ = request.round;
    } else if (request.round != open_round_ || request.step != denoise::ask_decoys ||
               last_step_ != denoise::ask_uploads) {
        // Once: two answers about notes that differ by one would say what that one said.
        throw wire::DecodeError("a step out of its order");
    } else {
        take_back(request.refused);
    }
    last_step_ = request.step;
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        body.clear();
        wire::ByteWriter to(body, coders_);
        to(wire::ReplyHead{request.round, request.step,
                           static_cast<std::uint32_t>(shard_.users[j].user)});
        if (request.step == denoise::ask_uploads) {
            std::uint32_t denoiser = 0;
            from(denoiser);
            if (denoiser >= welcome_.users)
                throw wire::DecodeError("told to write to a user that there is not");
            say_hidden(request, j, UserId{denoiser}, to);
        } else {
            say_decoys(j, from, to);
        }
        say(framed(body));
    }
    from.finish();
}

// The key of a note comes from the secret that a user alone has and from what it says: a device
// that starts again says the same, and one that is asked twice seals nothing else with it.
void Device::say_hidden(const wire::Request& request, std::size_t j, UserId denoiser,
                        wire::ByteWriter& to) {
    const UserData& user = shard_.users[j];
    const auto uplink = uplink_of(welcome_.variant, request.round).make(welcome_.variant);
    Said said = what_to_say(request.round, j);
    wire::Buffer upload, decoys;
    wire::ByteWriter to_upload(upload, coders_);
    uplink->say(to_upload, said, shared_.tables);
    keep_decoys(user, said, work_);
    wire::ByteWriter to_decoys(decoys, coders_);
    uplink->say(to_decoys, said, shared_.tables);
    const secure::Bytes context = context_of(welcome_, request.round, denoiser);
    secure::Bytes of_note = context;
    of_note.insert(of_note.end(), decoys.begin(), decoys.end());
    const secure::Key once = secure::derive(shard_.secrets[j], "note of a round", of_note);
    try {
        denoise::write_note(
            to, secure::seal_note(shard_.known[index(denoiser)], once, decoys, context));
    } catch (const std::invalid_argument&) {
        throw wire::DecodeError("told to write to a user whose key is none");
    }
    to.append(upload.data(), upload.size());
}

void Device::say_decoys(std::size_t j, wire::ByteReader& from, wire::ByteWriter& to) {
    const auto uplink = uplink_of(welcome_.variant, open_round_).make(welcome_.variant);
    const secure::Bytes context = context_of(welcome_, open_round_, shard_.users[j].user);
    Aggregate sum(uplink->shape(welcome_.items));
    std::vector<std::uint16_t> unread;
    const std::vector<wire::View> notes = denoise::read_notes(from);
    for (std::size_t place = 0; place < notes.size(); ++place) {
        const auto opened = secure::open_note(shard_.secrets[j], notes[place], context);
        try {
            if (!opened) throw wire::DecodeError("not for this user");
            wire::ByteReader decoys(*opened, coders_);
            uplink->hear(decoys, shared_.tables, sum);
        } catch (const wire::DecodeError&) {
            unread.push_back(static_cast<std::uint16_t>(place));
        }
    }
    denoise::Decoys decoys = denoise::decoys_in(sum);
    decoys.unread = std::move(unread);
    denoise::write_decoys(to, decoys);
}

}  // namespace fedhash::client
