// The coordinator's half of the exchange `denoised` (common/denoise.hpp).
#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "common/denoise.hpp"
#include "common/random.hpp"
#include "common/uplink.hpp"
#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

namespace {

/// Those who write to one user that denoises, itself among them.
struct Group {
    std::vector<UserId> members;            // who answered
    std::vector<wire::View> notes;          // of each
    std::optional<denoise::Decoys> decoys;  // nothing: its denoiser has not answered
};

struct Answer {
    wire::Buffer bytes;
    denoise::Hidden hidden;  // points into them
};

/// By user of the cohort, who denoises for it. Groups are drawn anew in every round, from the
/// cohort alone; there are as few as it takes.
std::map<UserId, UserId> draw_groups(std::vector<UserId> cohort, const Options& options,
                                     std::uint32_t round) {
    std::ranges::sort(cohort);
    Stream random = stream(options.seed, Purpose::denoisers, round);
    for (std::size_t j = cohort.size(); j > 1; --j) std::swap(cohort[j - 1], cohort[random() % j]);
    const std::size_t size = options.variant.privacy.denoise_users;
    const std::size_t groups = (cohort.size() + size - 1) / size;
    std::map<UserId, UserId> denoiser_of;
    for (std::size_t j = 0; j < cohort.size(); ++j) denoiser_of[cohort[j]] = cohort[j % groups];
    return denoiser_of;
}

wire::Buffer word(UserId denoiser) {
    const auto number = static_cast<std::uint32_t>(denoiser);
    wire::Buffer body(sizeof number);
    std::memcpy(body.data(), &number, sizeof number);
    return body;
}

wire::Buffer words_of(const Group& group) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    denoise::write_notes(to, group.notes);
    return body;
}

/// Those who answered, by who denoises for them. Users whose denoiser did not are put into `alone`.
std::map<UserId, Group> group_answers(const std::map<UserId, Answer>& answers,
                                      const std::map<UserId, UserId>& denoiser_of,
                                      std::vector<UserId>& alone) {
    std::map<UserId, Group> groups;
    for (const auto& [user, answer] : answers) {
        const UserId denoiser = denoiser_of.at(user);
        if (!answers.contains(denoiser)) {
            alone.push_back(user);
            continue;
        }
        groups[denoiser].members.push_back(user);
        groups[denoiser].notes.push_back(answer.hidden.note);
    }
    return groups;
}

/// What a group's uploads add up to without their decoys; nothing where more was taken off than
/// there was.
std::optional<Aggregate> add_up(const Group& group, const std::map<UserId, Answer>& answers,
                                const Uplink& uplink, const Exchange& exchange) {
    Aggregate sum(uplink.shape(exchange.options().items));
    for (const UserId user : group.members) {
        wire::ByteReader from(answers.at(user).hidden.upload, exchange.coders());
        uplink.hear(from, exchange.tables(), sum);
    }
    if (!denoise::take_off(*group.decoys, sum)) return std::nullopt;
    return sum;
}

/// Takes those out of the group whose notes could not be read.
std::vector<UserId> take_out_unread(Group& group) {
    std::vector<UserId> unread;
    const std::vector<std::uint16_t>& places = group.decoys->unread;
    for (std::size_t j = places.size(); j-- > 0;) {
        unread.push_back(group.members[places[j]]);
        group.members.erase(group.members.begin() + places[j]);
    }
    return unread;
}

}  // namespace

asio::awaitable<Heard> learn_denoised(Exchange& exchange, std::vector<UserId> cohort) {
    const Options& options = exchange.options();
    const std::uint32_t round = exchange.tables().version;
    const auto uplink = uplink_of(options.variant, round).make(options.variant);
    Heard heard;
    heard.sum = Aggregate(uplink->shape(options.items));
    const std::map<UserId, UserId> denoiser_of = draw_groups(cohort, options, round);

    std::map<UserId, Answer> answers;
    Aggregate tried(uplink->shape(options.items));
    Words words;
    words.for_each = [&](UserId user) { return word(denoiser_of.at(user)); };
    const Exchange::Hear hear_upload = [&](UserId user, wire::ByteReader& from, std::int64_t) {
        Answer answer;
        const wire::View bytes = from.peek();
        answer.bytes.assign(bytes.begin(), bytes.end());
        wire::ByteReader own(answer.bytes, exchange.coders());
        answer.hidden = denoise::read_hidden(own);
        uplink->hear(own, exchange.tables(), tried);  // throws for what is malformed, while it can
        answers[user] = std::move(answer);
    };
    heard.losses = co_await exchange.ask(cohort, denoise::ask_uploads, words, hear_upload);
    exchange.clock().advance_to(exchange.latest_ns());

    std::vector<UserId> alone;
    std::map<UserId, Group> groups = group_answers(answers, denoiser_of, alone);
    leave_out(exchange, std::exchange(alone, {}), "who denoises for it went", heard);
    std::vector<UserId> denoisers;
    for (const auto& [denoiser, group] : groups) denoisers.push_back(denoiser);
    words.for_each = [&](UserId user) { return words_of(groups.at(user)); };
    const Exchange::Hear hear_decoys = [&](UserId user, wire::ByteReader& from, std::int64_t) {
        Group& group = groups.at(user);
        group.decoys =
            denoise::read_decoys(from, group.notes.size(), options.items, heard.sum.shape.width);
    };
    std::vector<Loss> losses =
        co_await exchange.ask(denoisers, denoise::ask_decoys, words, hear_decoys);
    exchange.clock().advance_to(exchange.latest_ns());
    add_losses(heard.losses, std::move(losses));
    for (auto& [denoiser, group] : groups) {
        if (!group.decoys) {
            std::erase(group.members, denoiser);  // which was lost itself
            leave_out(exchange, group.members, "who denoises for it went", heard);
            continue;
        }
        leave_out(exchange, take_out_unread(group), "wrote what its denoiser cannot read", heard);
        const std::optional<Aggregate> sum = add_up(group, answers, *uplink, exchange);
        if (!sum) {
            leave_out(exchange, group.members, "took off decoys that nobody said", heard);
            continue;
        }
        heard.sum.merge(*sum);
        for (const UserId user : group.members) exchange.count_accepted(user);
        heard.counted.insert(heard.counted.end(), group.members.begin(), group.members.end());
        if (exchange.observer() != nullptr)
            exchange.observer()->see_decoys(round, group.members, *group.decoys);
    }
    std::ranges::sort(heard.counted);
    heard.accepted = static_cast<std::uint32_t>(heard.counted.size());
    co_return heard;
}

}  // namespace fedhash::server
