#include "common/similarity.hpp"

#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;

TEST_CASE("a score is what its definition says, for every similarity, and linear in either code") {
    for (const Similarity& similarity : similarities()) {
        CHECK(&find_similarity(similarity.name) == &similarity);
        for (std::uint32_t bits : {8u, 63u, 64u, 65u, 256u}) {
            for (std::uint64_t seed = 0; seed < 10; ++seed) {
                CAPTURE(std::string(similarity.name));
                CAPTURE(bits);
                CAPTURE(seed);
                Stream random(seed);
                const Codes codes = reference::random_codes(bits, 2, random);
                const CodeView b = codes.row(0), d = codes.row(1);
                std::vector<std::int16_t> v;
                if (similarity.bit_weights)
                    for (std::uint32_t a = 0; a < bits; ++a)
                        v.push_back(static_cast<std::int16_t>(tests::between(-9, 9, random)));
                const std::int64_t s = score(similarity, b, d, bits, v);
                CHECK(s == reference::score(similarity.name, b, d, bits, v));
                // s = psi(b).d + shift(b) = phi(d).b + shift'(d), as the header's table has it.
                std::int64_t by_item = 0, by_user = 0;
                for (std::uint32_t a = 0; a < bits; ++a) {
                    const std::int64_t w = v.empty() ? 1 : v[a];
                    by_item += w * (sign(b, a) + similarity.lift_user) * sign(d, a);
                    by_user += w * (sign(d, a) + similarity.lift_item) * sign(b, a);
                    if (similarity.lift_user != 0) by_item -= sign(b, a);
                    if (similarity.lift_item != 0) by_user += sign(d, a);
                }
                CHECK(s == by_item);
                CHECK(s == by_user);
            }
        }
    }
    CHECK_THROWS_WITH_AS(find_similarity("cosine"), doctest::Contains("hamming, projected"),
                         UsageError);
}

TEST_CASE("a projected score is the share of a user's set bits that the item has, to and fro") {
    // f bits in all, p of them set by the user alone: 4 f (1 - p / f) - 3 f.
    for (std::uint32_t bits : {8u, 64u, 65u}) {
        Stream random(bits);
        const Codes codes = reference::random_codes(bits, 2, random);
        std::int64_t p = 0;
        for (std::uint32_t a = 0; a < bits; ++a)
            p += bit(codes.row(0), a) && !bit(codes.row(1), a) ? 1 : 0;
        const double f = bits;
        CHECK(score(find_similarity("projected"), codes.row(0), codes.row(1), bits, {}) ==
              4 * f * (1 - double(p) / f) - 3 * f);
    }
}

TEST_CASE("without bit weights every bit weighs the same") {
    Stream random(1);
    const Codes codes = reference::random_codes(65, 2, random);
    const std::vector<std::int16_t> ones(65, 1);
    for (const char* name : {"hamming", "weighted"})
        CHECK(score(find_similarity(name), codes.row(0), codes.row(1), 65, {}) ==
              score(find_similarity(name), codes.row(0), codes.row(1), 65, ones));
}
