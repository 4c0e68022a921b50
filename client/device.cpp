#include "client/device.hpp"

#include <algorithm>
#include <limits>

#include "client/adversary.hpp"
#include "client/ballots.hpp"
#include "client/evaluator.hpp"
#include "client/protection.hpp"
#include "client/scoring.hpp"
#include "common/bits.hpp"
#include "common/denoise.hpp"
#include "common/exchange.hpp"
#include "common/kernels/kernels.hpp"
#include "common/population.hpp"
#include "common/private_file.hpp"
#include "common/shuffle.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/padding.hpp"

namespace fedhash::client {

namespace {

// Whether a round can be learnt on these tables: a stage keeps the shape that it starts with.
bool has_shape(const Tables& tables, const wire::Welcome& welcome, std::uint32_t round) {
    const Tables start =
        initial_tables(welcome.seed, welcome.variant, 1, welcome.variant.teaching(round));
    const Plane& factors = tables.plane(PlaneId::factors);
    const Plane& expected = start.plane(PlaneId::factors);
    return (start.codes.rows == 0 || tables.codes.rows == welcome.items) &&
           (expected.empty() || (factors.rows == welcome.items && factors.cols == expected.cols));
}

// Whether learning takes what follows from the tables: not where nothing is learnt.
bool derives(const Variant& variant, std::uint32_t round) {
    if (variant.teaching(round)) return true;
    return variant.learner != "counts" &&
           (variant.learner != "code" || variant.objective != "none");
}

}  // namespace

wire::ItemSets needs_of(const Shard& shard) {
    wire::ItemSets needs;
    for (const UserData& user : shard.users) {
        std::vector<ItemId>& items = needs.emplace_back();
        for (const Rating& rating : user.train) items.push_back(rating.item);
    }
    return needs;
}

Device::Device(Shard shard, const wire::Welcome& welcome)
    : shard_(std::move(shard)), welcome_(welcome) {
    const Variant& variant = welcome.variant;
    if (variant.bits < min_bits || variant.bits > max_bits || variant.teacher.factors == 0 ||
        variant.teacher.factors > 1024 || variant.sweeps == 0 || variant.user_bits == 0 ||
        variant.user_bits > max_user_bits || variant.sharpness_q16 == 0)
        throw wire::DecodeError("bits, factors, sweeps or sharpness out of range");
    if (variant.gradient_bits < 2 || variant.gradient_bits > 16 || variant.residual_bits == 1 ||
        variant.residual_bits > 16)
        throw wire::DecodeError("bits of an upload out of range");
    if (shard_.ranking.items != welcome.items || shard_.clients != welcome.clients ||
        shard_.users.size() != users_of(shard_.client, welcome.clients, welcome.users))
        throw wire::DecodeError("the coordinator's sizes do not match this shard");
    if (variant.privacy.noise_users == 0 || variant.privacy.decoys_q8 > 1u << 16 ||
        variant.privacy.denoise_users < 2 || variant.privacy.denoise_users > denoise::max_group ||
        variant.privacy.blocks > std::min(secure::most_blocks, welcome.items) ||
        (variant.privacy.items != "exact" && !can_say_noisy_items(variant)) ||
        (variant.privacy.items == "subset" &&
         (variant.privacy.items_padded == 0 ||
          variant.privacy.items_said >
              welcome.items + std::uint64_t{variant.privacy.items_padded})))
        throw wire::DecodeError("what hides a user is out of range");
    choose_kernels(welcome.kernels);
    // Unknown pieces end here, not in some round.
    most_bytes_ = max_reply_bytes(variant, welcome.items);
    find_decoys(variant.privacy.decoys);
    find_adversaries(variant.adversary.clients);
    if (variant.adversary.target >= welcome.items)
        throw wire::DecodeError("an item to promote that there is not");
    if (variant.adversary.clients != "none" &&
        (variant.learner != "code" || variant.user_bits > 1 || variant.teacher.rounds > 0))
        throw wire::DecodeError("lies about a code that users do not have");
    const std::vector<UserId> adversaries = liars(variant.adversary, welcome.seed, welcome.users);
    for (const UserData& user : shard_.users)
        lies_.push_back(std::ranges::binary_search(adversaries, user.user));
    if (find_exchange(variant.exchange).shuffled)
        shuffle::check(variant, welcome.users, welcome.items);
    if (find_exchange(variant.exchange).shuffled &&
        (shard_.secrets.size() != shard_.users.size() || shard_.known.size() != 1))
        throw wire::DecodeError(
            "asked for words that a shuffler opens, and this shard has no key to know it by");
    if (find_exchange(variant.exchange).known &&
        (shard_.secrets.size() != shard_.users.size() || shard_.known.size() != welcome.users))
        throw wire::DecodeError(
            "asked for words that others open, and this shard has no keys to know them by");
    wire::check_coding(variant.coding);
    coders_ = wire::coders_of(variant.coding);
    if (wire::sends_own_rows(variant)) rows_ = wire::all_of(needs_of(shard_));
    learner_ = find_learner(variant.learner).make(variant, welcome.seed);
    if (variant.teacher.rounds > 0) teacher_ = make_teacher_learner(variant, welcome.seed);
    states_.resize(shard_.users.size());
    for (std::size_t j = 0; j < states_.size(); ++j) {
        learner_->start(shard_.users[j], states_[j].counted);
        states_[j].newest = states_[j].counted;
    }
}

void Device::publish(wire::View body) { shared_.take(body, welcome_.variant, welcome_.items); }

void Device::publish_rows(wire::View body) {
    shared_.take_rows(body, welcome_.variant, welcome_.items, rows_);
}

const Learner& Device::learner(std::uint32_t round) const {
    return welcome_.variant.teaching(round) ? *teacher_ : *learner_;
}

// What the last upload of each user became is known now: counted, unless the coordinator says
// otherwise.
void Device::settle(const wire::Buffer& refused, const wire::Buffer& pending) {
    for (std::size_t j = 0; j < states_.size(); ++j) {
        UserState& state = states_[j];
        if (get_bit(pending, j)) continue;
        if (get_bit(refused, j))
            state.newest = state.counted;
        else
            state.counted = state.newest;
    }
}

void Device::learn(const wire::Request& request, const Say& say) {
    if (shared_.tables.version != request.round)
        throw wire::DecodeError("asked to learn on a version that was not published");
    if (!has_shape(shared_.tables, welcome_, request.round))
        throw wire::DecodeError("asked to learn on tables that this stage does not have");
    const Variant& variant = welcome_.variant;
    const ExchangeEntry& exchange = find_exchange(variant.exchange);
    if (exchange.by_bit && !variant.teaching(request.round))
        learn_by_bit(request, say);
    else if (exchange.masked)
        learn_securely(request, say);
    else if (exchange.denoised)
        learn_denoised(request, say);
    else if (exchange.shuffled)
        learn_shuffled(request, say);
    else
        learn_at_once(request, say);
}

Said Device::what_to_say(std::uint32_t round, std::size_t j) {
    const UserData& user = shard_.users[j];
    Said said = learner(round).learn(user, shared_, round, states_[j].newest, work_);
    const Variant& variant = welcome_.variant;
    protect(variant, welcome_.seed, user, shard_.ranking, round, said, work_);
    // Those of an upload in pieces are cast piece by piece.
    if (variant.uplink == "ballots" && !variant.teaching(round) && variant.privacy.pieces == 1)
        cast_ballots(variant, welcome_.seed, user.user, round, 0, shared_.tables, said, work_);
    if (lies_[j])
        find_adversaries(variant.adversary.clients)
            .forge({variant, welcome_.seed, round, user.user, shard_.ranking, shared_.tables}, said,
                   work_);
    return said;
}

void Device::learn_at_once(const wire::Request& request, const Say& say) {
    settle(request.refused, request.pending);
    if (derives(welcome_.variant, request.round)) shared_.derive();
    const auto uplink = uplink_of(welcome_.variant, request.round).make(welcome_.variant);
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        const Said said = what_to_say(request.round, j);
        body.clear();
        wire::ByteWriter to(body, coders_);
        to(wire::ReplyHead{request.round, request.step,
                           static_cast<std::uint32_t>(shard_.users[j].user)});
        uplink->say(to, said, shared_.tables);
        say(framed(body));
    }
}

wire::Encoded Device::framed(const wire::Buffer& body) const {
    return wire::frame(wire::Type::reply, wire::pad(body, welcome_.variant.coding, most_bytes_));
}

void Device::learn_by_bit(const wire::Request& request, const Say& say) {
    const BitStep at = bit_step(request.step, welcome_.variant);
    if (at.first)
        open(request);
    else
        follow(request);
    last_step_ = request.step;
    wire::Buffer body;
    for (std::size_t j = 0; j < shard_.users.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        if (!speakers_[j]) throw wire::DecodeError("asked about a round that was not begun");
        body.clear();
        wire::ByteWriter to(body, coders_);
        to(wire::ReplyHead{request.round, request.step,
                           static_cast<std::uint32_t>(shard_.users[j].user)});
        speakers_[j]->say(to, at, codes_);
        say(framed(body));
    }
}

// Within a round: of the others nothing is known yet.
void Device::take_back(const wire::Buffer& refused) {
    for (std::size_t j = 0; j < states_.size(); ++j)
        if (get_bit(refused, j)) states_[j].newest = states_[j].counted;
}

// A round begins, or begins again without users that were lost: then what the others learnt at the
// first start has not been counted yet, and they learn it once more.
void Device::open(const wire::Request& request) {
    if (request.round != open_round_) {
        settle(request.refused, request.pending);
    } else {
        take_back(request.refused);
    }
    open_round_ = request.round;
    if (derives(welcome_.variant, request.round)) shared_.derive();
    codes_ = shared_.tables.codes;
    speakers_.assign(states_.size(), std::nullopt);
    const std::span<const std::int16_t> v = shared_.tables.plane(PlaneId::bit_weights).values;
    for (std::size_t j = 0; j < states_.size(); ++j) {
        if (!get_bit(request.sampled, j)) continue;
        states_[j].newest = states_[j].counted;
        speakers_[j].emplace(
            welcome_.variant,
            learner_->learn(shard_.users[j], shared_, request.round, states_[j].newest, work_), v);
    }
}

void Device::follow(const wire::Request& request) {
    if (request.round != open_round_ || request.step != last_step_ + 1)
        throw wire::DecodeError("a step out of its order");
    const std::uint32_t before = bit_step(last_step_, welcome_.variant).bit;
    std::vector<ItemId> items;
    wire::ByteReader from(request.body);
    wire::read_item_set(from, welcome_.items, items);
    from.finish();
    std::vector<std::uint8_t> flipped(welcome_.items);
    for (ItemId item : items) {
        flip(codes_.row(index(item)), before);
        flipped[index(item)] = 1;
    }
    for (std::optional<BitSpeaker>& speaker : speakers_)
        if (speaker) speaker->follow(before, flipped, codes_);
}

void Device::measure_by_scores(Scoring way, std::size_t j, Part part, MetricSums& sums,
                               std::span<float> own) {
    const UserData& user = shard_.users[j];
    client::evaluate(
        user, part, shard_.ranking, welcome_.cutoffs,
        [&](std::span<const ItemId> wanted, std::span<double> out) {
            score_items(way, user, shared_, states_[j].counted, welcome_.variant, *learner_, wanted,
                        work_, out);
        },
        sums, own);
}

void Device::measure_by_counts(std::size_t j, Part part, RankCounts& counts, MetricSums& sums,
                               std::span<float> own) {
    const UserData& user = shard_.users[j];
    if (user.part(part).items.empty()) return;
    Learnt learnt = states_[j].counted;
    const CodeScore score = code_score(user, shared_, learnt, welcome_.variant, *learner_, work_);
    if (score.slope > 0)
        evaluate_by_counts(user, part, score, welcome_.cutoffs, counts, sums, own);
    else
        measure_by_scores(Scoring::codes, j, part, sums, own);
}

wire::Scores Device::measure(const wire::Evaluate& evaluate) {
    if (shared_.tables.version != evaluate.version)
        throw wire::DecodeError("asked to measure a version that was not published");
    settle(evaluate.refused, evaluate.pending);
    shared_.derive();
    const std::vector<Scoring> ways = scorings(welcome_.variant, welcome_.asymmetric);
    const std::vector<MetricSpec> specs = metric_specs(welcome_.cutoffs);
    const MetricSums none(specs.size(), welcome_.cutoffs.size());
    wire::Scores scores{evaluate.version, evaluate.test, std::vector<MetricSums>(ways.size(), none),
                        clear_uploads_, clear_bytes_};
    const Part part = evaluate.test ? Part::test : Part::valid;
    user_metrics_.assign(ways.size() * states_.size() * specs.size(),
                         std::numeric_limits<float>::quiet_NaN());
    std::optional<RankCounts> counts;
    if (shard_.ranking.full && counts_decide(shared_, welcome_.variant))
        counts.emplace(shared_.tables.codes, shared_.tables.plane(PlaneId::bias));
    if (counts && !counts->fits(welcome_.variant.user_bits)) counts.reset();
    for (std::size_t w = 0; w < ways.size(); ++w) {
        if (!can_score(ways[w], shared_, welcome_.variant)) continue;
        for (std::size_t j = 0; j < shard_.users.size(); ++j) {
            const std::span<float> own =
                std::span(user_metrics_)
                    .subspan((w * states_.size() + j) * specs.size(), specs.size());
            if (ways[w] == Scoring::codes && counts)
                measure_by_counts(j, part, *counts, scores.sums[w], own);
            else
                measure_by_scores(ways[w], j, part, scores.sums[w], own);
        }
    }
    return scores;
}

void Device::write_private(const std::filesystem::path& folder) {
    const std::string client = std::to_string(shard_.client);
    const std::uint32_t bits = welcome_.variant.bits;
    const auto count = static_cast<std::uint32_t>(shard_.users.size());
    if (shared_.tables.codes.rows > 0) {
        shared_.derive();
        wire::Buffer bytes{'F', 'D', 'H', 'C'};
        wire::ByteWriter to(bytes);
        to(shard_.client, shard_.clients, bits, count);
        for (std::size_t j = 0; j < shard_.users.size(); ++j) {
            Learnt learnt = states_[j].counted;
            learner_->fit_code(shard_.users[j], shared_, learnt, work_);
            to.append(learnt.code.data(),
                      welcome_.variant.user_bits * words_for(bits) * sizeof(std::uint64_t));
        }
        write_private_file(folder / ("codes-" + client), bytes);
    }
    if (user_metrics_.empty()) return;
    const auto specs = static_cast<std::uint32_t>(metric_specs(welcome_.cutoffs).size());
    const auto ways =
        static_cast<std::uint32_t>(scorings(welcome_.variant, welcome_.asymmetric).size());
    wire::Buffer bytes{'F', 'D', 'H', 'M'};
    wire::ByteWriter to(bytes);
    to(shard_.client, shard_.clients, ways, specs, count);
    to.append(user_metrics_.data(), user_metrics_.size() * sizeof(float));
    write_private_file(folder / ("metrics-" + client), bytes);
}

}  // namespace fedhash::client
