// What a coordinator is told through its standard input is what was planned, to the last field: a
// field that is forgotten there would make runs over sockets differ from runs in one process.
#include <doctest/doctest.h>

#include "server/options.hpp"

using namespace fedhash;

TEST_CASE("a variant comes through the options text whole") {
    Variant variant;
    // Every field that Welcome carries, away from its default.
    wire::Buffer bytes = wire::encode(variant);
    std::uint32_t value = 2;
    for (std::uint32_t* field :
         {&variant.interaction,       &variant.weight,        &variant.target_q16,
          &variant.exponent_q16,      &variant.mean_count_q8, &variant.group_bits,
          &variant.negatives,         &variant.sharpness_q16, &variant.passes,
          &variant.balance_units,     &variant.balance_q16,   &variant.strength_units,
          &variant.inertia,           &variant.sweeps,        &variant.kicks,
          &variant.own_bit_start,     &variant.own_bit_end,   &variant.memory_256,
          &variant.user_exponent_q16, &variant.factor_bits,   &variant.epochs,
          &variant.scoring_bits,      &variant.bias_bits,     &variant.bit_weight_bits})
        *field = 1000 + value++;
    variant.learner = "l";
    variant.similarity = "s";
    variant.feedback = "f";
    variant.objective = "o";
    variant.regulariser = "r";
    variant.solver = "so";
    variant.uplink = "u";
    variant.exchange = "e";
    variant.item_rule = "i";
    variant.quantiser = "q";
    variant.refit_target = variant.weigh_users = true;
    REQUIRE(wire::encode(variant) != bytes);

    server::Options options;
    options.variant = variant;
    const Variant read = server::options_from_text(server::to_text(options)).variant;
    const bool same = wire::encode(read) == wire::encode(variant);
    CHECK(same);
    CHECK(read.own_bit_start == variant.own_bit_start);
    CHECK(read.memory_256 == variant.memory_256);
    CHECK(read.factor_bits == variant.factor_bits);
}
