// A device's half of the exchange `secure`: it learns at the first question, and says what it has
// learnt at the third, masked.
#include "client/device.hpp"
#include "client/noise.hpp"
#include "common/bits.hpp"
#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"

namespace fedhash::client {

void Device::learn_securely(const wire::Request& request, const Say& say) {
    const std::uint32_t step = request.step % secure::steps;
    wire::ByteReader from(request.body);
    if (request.step == 0) {
        learn_masked_round(request);
    } else if (request.round != open_round_ || request.step <= last_step_ ||
               (step != secure::ask_keys && request.step != last_step_ + 1)) {
        throw wire::DecodeError("a step out of its order");
    } else {
        take_back(request.refused);
    }
    if (step == secure::ask_keys) put_on_masks(request, secure::read_scope(from, welcome_.items));
    last_step_ = request.step;
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        if (!secure_[j]) throw wire::DecodeError("asked about a round that was not begun");
        body.clear();
        wire::ByteWriter to(body, coders_);
        to(wire::ReplyHead{request.round, request.step,
                           static_cast<std::uint32_t>(shard_.users[j].user)});
        try {
            answer_securely(step, j, from, to);
        } catch (const secure::TooFewLeft&) {  // says nothing, and is not counted
        } catch (const secure::Refusal& refusal) {
            secure_[j].reset();
            to(secure::refusal);
            notes_.push_back("user " + std::to_string(index(shard_.users[j].user)) +
                             " goes no further in round " + std::to_string(request.round) + ": " +
                             refusal.what());
        }
        say(framed(body));
    }
    from.finish();
}

void Device::learn_masked_round(const wire::Request& request) {
    settle(request.refused, request.pending);
    if (request.round != shared_.tables.version)
        throw wire::DecodeError("asked to learn on a version that was not published");
    shared_.derive();
    const auto uplink = uplink_of(welcome_.variant, request.round).make(welcome_.variant);
    open_round_ = request.round;
    unmasked_.assign(shard_.users.size(), {});
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        const Said said = what_to_say(request.round, j);
        wire::ByteWriter to(unmasked_[j], coders_);
        uplink->say(to, said, shared_.tables);
        wire::Buffer head;
        wire::ByteWriter to_head(head);
        to_head(wire::ReplyHead{request.round, request.step,
                                static_cast<std::uint32_t>(shard_.users[j].user)});
        ++clear_uploads_;
        clear_bytes_ += wire::header_bytes + head.size() + unmasked_[j].size();
    }
}

// Fresh ones for every question about what was learnt: asked twice, a device puts on other masks.
void Device::put_on_masks(const wire::Request& request, const secure::Scope& scope) {
    scope_ = scope;
    const secure::Terms round = secure::statement_terms(
        welcome_.variant, welcome_.users, welcome_.items, welcome_.seed, shared_.tables, scope);
    secure_.assign(shard_.users.size(), std::nullopt);
    for (std::size_t j = 0; j < shard_.users.size(); ++j)
        if (get_bit(request.sampled, j) && !unmasked_[j].empty())
            secure_[j].emplace(shard_.users[j].user, round, secure::fresh_key(),
                               Identity{shard_.secrets[j], shard_.known}, blocks_for(j));
}

Aggregate Device::unmasked(std::size_t j) const {
    const auto uplink = uplink_of(welcome_.variant, open_round_).make(welcome_.variant);
    Aggregate alone(uplink->shape(welcome_.items));
    wire::ByteReader own(unmasked_[j], coders_);
    uplink->hear(own, shared_.tables, alone);
    return alone;
}

secure::BlockSet Device::blocks_for(std::size_t j) const {
    std::vector<ItemId> items;
    if (welcome_.variant.privacy.blocks == 0) return {};
    const Aggregate alone = unmasked(j);
    for (std::uint32_t i = 0; i < alone.counts.size(); ++i)
        if (alone.counts[i] != 0) items.push_back(ItemId{i});
    return secure::joined_blocks(welcome_.variant.privacy, welcome_.seed, shard_.users[j].user,
                                 items, welcome_.items);
}

void Device::answer_securely(std::uint32_t step, std::size_t j, wire::ByteReader& from,
                             wire::ByteWriter& to) {
    SecureUser& user = *secure_[j];
    if (step == secure::ask_keys) {
        secure::write_advert(to, user.advertise());
    } else if (step == secure::ask_shares) {
        secure::write_shares(
            to, user.share(secure::read_adverts(from, welcome_.variant.privacy.blocks)), true);
    } else if (step == secure::ask_masked) {
        user.keep(secure::read_shares(from, shard_.users[j].user, false));
        Aggregate alone = unmasked(j);
        if (welcome_.variant.privacy.noise_q8 > 0)
            add_noise(welcome_.variant, welcome_.seed, shard_.users[j].user, open_round_, alone);
        secure::write_masked(to, user.round(), user.blocks(),
                             user.mask(secure::flatten(alone, scope_)));
    } else {
        secure::write_revealed(to, user.reveal(secure::read_question(from)));
    }
}

}  // namespace fedhash::client
