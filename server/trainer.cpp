#include "server/trainer.hpp"

#include "server/item_steps/item_steps.hpp"
#include "server/quantiser.hpp"
#include "server/real_sums.hpp"
#include "server/used_sums.hpp"

namespace fedhash::server {

Trainer::Trainer(const Variant& variant, std::uint64_t seed, std::uint32_t users, std::size_t items,
                 std::uint32_t rounds)
    : variant_(variant), seed_(seed), users_(users), rounds_(rounds), items_(items) {
    if (variant.teacher.rounds > 0) teacher_ = make_newton(variant, items);
    if (variant.learner != "teacher")
        main_ = find_item_rule(variant.item_rule).make(variant, items);
}

Tables Trainer::start() const {
    Tables tables = initial_tables(seed_, variant_, items_, variant_.teaching(1));
    tables.version = 1;
    return tables;
}

Trainer::Outcome Trainer::step(std::uint32_t round, const Tables& tables, Aggregate fresh) {
    const bool teaching = variant_.teaching(round);
    ItemStep& rule = teaching ? *teacher_ : *main_;
    make_usable(variant_, tables, fresh);
    remember(rule, tables, std::move(fresh));
    Outcome outcome{tables, 0, false};
    outcome.flips = rule.step(outcome.tables, kept_, progress_of(round));
    if (teaching && round == variant_.teacher.rounds) outcome = end_teaching(outcome.tables);
    if (round == rounds_ && !teaching && variant_.quantiser != "none")
        outcome = {encode(variant_, seed_, rule.model()), 0, false};
    outcome.tables.version = round + 1;
    return outcome;
}

void Trainer::join_stale(const Tables& tables,
                         std::span<const std::pair<const Tables*, Aggregate*>> stale,
                         std::uint32_t exponent_q16, Aggregate& fresh) const {
    for (const auto& [said_on, sum] : stale) {
        main_->follow(*sum, *said_on, tables);
        sum->scale(staleness_weight(tables.version - said_on->version, exponent_q16),
                   staleness_unit);
        if (fresh.shape.items == 0) fresh = Aggregate(sum->shape);
        fresh.merge(*sum);
    }
}

Progress Trainer::progress_of(std::uint32_t round) const {
    const std::uint32_t before = variant_.teacher.rounds;
    return variant_.teaching(round) ? Progress{round, before}
                                    : Progress{round - before, rounds_ - before};
}

std::vector<ItemId> Trainer::settle_bit(std::uint32_t round, Codes& codes, std::uint32_t bit,
                                        std::span<const std::int64_t> sums,
                                        const Aggregate& heard) {
    return main_->settle_bit(codes, bit, sums, heard, progress_of(round));
}

Trainer::Outcome Trainer::accept(std::uint32_t round, const Tables& tables, Codes codes,
                                 std::uint64_t flips) const {
    Outcome outcome{tables, flips, false};
    outcome.tables.codes = std::move(codes);
    outcome.tables.version = round + 1;
    return outcome;
}

Trainer::Outcome Trainer::end_teaching(Tables tables) {
    RealModel model;
    model.factors = matrix(tables.plane(PlaneId::factors));
    model.gram = gram(kept_);
    model.mean_user = mean_vector(kept_);
    const double scale = double(users_) / double(kept_.users);
    for (std::int64_t count : kept_.counts) model.counts.push_back(scale * double(count));
    kept_ = {};
    if (main_ == nullptr) {
        if (variant_.quantiser == "none") return {std::move(tables), 0, false};
        return {encode(variant_, seed_, model), 0, false};
    }
    Outcome outcome{initial_tables(seed_, variant_, items_, false), 0, true};
    main_->begin(model, outcome.tables);
    return outcome;
}

// Running sums for partial participation: what was kept moves to the present tables and is scaled
// by memory / 256, then the round's own are added.
void Trainer::remember(const ItemStep& rule, const Tables& tables, Aggregate fresh) {
    if (variant_.memory_256 == 0 || kept_.users == 0) {
        kept_ = std::move(fresh);
    } else {
        rule.follow(kept_, kept_tables_, tables);
        const auto fade = [&](std::vector<std::int64_t>& values) {
            for (std::int64_t& value : values) value = value * variant_.memory_256 / 256;
        };
        fade(kept_.rows);
        fade(kept_.counts);
        fade(kept_.weights);
        fade(kept_.vectors);
        fade(kept_.gram);
        fade(kept_.cross);
        fade(kept_.second);
        kept_.users = kept_.users * variant_.memory_256 / 256;
        kept_.merge(fresh);
    }
    if (variant_.memory_256 != 0) kept_tables_ = tables;
}

}  // namespace fedhash::server
