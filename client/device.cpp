#include "client/device.hpp"

#include "client/evaluator.hpp"
#include "client/private_vector.hpp"
#include "common/bits.hpp"
#include "common/kernels/kernels.hpp"
#include "common/population.hpp"
#include "common/private_file.hpp"

namespace fedhash::client {

Device::Device(Shard shard, const wire::Welcome& welcome)
    : shard_(std::move(shard)),
      welcome_(welcome),
      learner_(welcome.variant, welcome.seed),
      uplink_(find_uplink(welcome.variant.uplink).make(welcome.variant)) {
    const std::uint32_t bits = welcome.variant.bits;
    if (bits < min_bits || bits > max_bits) throw wire::DecodeError("bits out of range");
    if (shard_.ranking.items != welcome.items || shard_.clients != welcome.clients ||
        shard_.users.size() != users_of(shard_.client, welcome.clients, welcome.users))
        throw wire::DecodeError("the coordinator's sizes do not match this shard");
    choose_kernels(welcome.kernels);
    states_.reserve(shard_.users.size());
    for (const UserData& user : shard_.users) states_.push_back(learner_.start(user));
}

void Device::publish(const wire::Publish& publish) {
    const std::uint32_t bits = welcome_.variant.bits;
    if (publish.from_seed) {
        shared_.items = initial_item_codes(publish.seed, bits, welcome_.items);
    } else {
        if (publish.codes.size() != bytes_for(bits) * welcome_.items)
            throw wire::DecodeError("wrong number of item codes");
        if (shared_.items.rows == 0) shared_.items = Codes(bits, welcome_.items);
        unpack(publish.codes, shared_.items);
    }
    shared_.items_changed(publish.version);
}

// What the last upload of each user became is known now: counted, unless the coordinator says
// otherwise.
void Device::settle(const wire::Buffer& refused) {
    for (std::size_t j = 0; j < states_.size(); ++j) {
        UserState& state = states_[j];
        if (get_bit(refused, j))
            state.newest = state.counted;
        else
            state.counted = state.newest;
    }
}

void Device::learn(const wire::Request& request, const std::function<void(wire::Encoded)>& say) {
    if (shared_.version != request.round)
        throw wire::DecodeError("asked to learn on a version that was not published");
    settle(request.refused);
    if (learner_.learns()) shared_.derive();
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        const Said said = learner_.learn(shard_.users[j], shared_, states_[j], work_);
        body.clear();
        wire::ByteWriter to(body);
        to(wire::ReplyHead{request.round, static_cast<std::uint32_t>(shard_.users[j].user)});
        uplink_->say(to, said, shared_.items);
        say(wire::frame(wire::Type::reply, body));
    }
}

wire::Scores Device::measure(const wire::Evaluate& evaluate) {
    if (shared_.version != evaluate.version)
        throw wire::DecodeError("asked to measure a version that was not published");
    settle(evaluate.refused);
    shared_.derive();
    const std::size_t specs = metric_specs(welcome_.cutoffs).size();
    wire::Scores scores{evaluate.version,
                        evaluate.test,
                        {specs, welcome_.cutoffs.size()},
                        {specs, welcome_.cutoffs.size()}};
    const Part part = evaluate.test ? Part::test : Part::valid;
    const Codes& items = shared_.items;
    std::vector<std::int32_t> dots(items.rows);
    std::vector<double> reals;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        const UserData& user = shard_.users[j];
        if (user.part(part).items.empty()) continue;
        const Learnt learnt = learner_.measured(user, shared_, states_[j], work_);
        kernels().dots(items.words.data(), items.rows, items.bits, learnt.code.data(), dots.data());
        const auto by_code = [&dots](std::span<const ItemId> wanted, std::span<double> out) {
            for (std::size_t i = 0; i < wanted.size(); ++i) out[i] = dots[index(wanted[i])];
        };
        client::evaluate(user, part, shard_.ranking, welcome_.cutoffs, by_code, scores.symmetric);
        if (!welcome_.asymmetric) continue;
        score_private_vector(
            fit_private_vector(user, shared_, welcome_.variant.scoring_ridge, work_), items, reals);
        const auto by_vector = [&reals](std::span<const ItemId> wanted, std::span<double> out) {
            for (std::size_t i = 0; i < wanted.size(); ++i) out[i] = reals[index(wanted[i])];
        };
        client::evaluate(user, part, shard_.ranking, welcome_.cutoffs, by_vector,
                         scores.asymmetric);
    }
    return scores;
}

void Device::write_codes(const std::filesystem::path& file) {
    const std::uint32_t bits = welcome_.variant.bits;
    shared_.derive();
    wire::Buffer bytes{'F', 'D', 'H', 'C'};
    wire::ByteWriter to(bytes);
    to(shard_.client, shard_.clients, bits, static_cast<std::uint32_t>(shard_.users.size()));
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        const Learnt learnt = learner_.measured(shard_.users[j], shared_, states_[j], work_);
        to.append(learnt.code.data(), words_for(bits) * sizeof(std::uint64_t));
    }
    write_private_file(file, bytes);
}

}  // namespace fedhash::client
