#include "scenarios/search_bench/corpus.hpp"

#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "common/npy.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

double mean_distance(const Codes& codes, std::uint32_t pairs) {
    double sum = 0;
    for (std::uint32_t p = 0; p < pairs; ++p)
        sum += (static_cast<double>(codes.bits) -
                dot(codes.row(p), codes.row(p + pairs), codes.bits)) /
               2;
    return sum / pairs;
}

}  // namespace

TEST_CASE("codes are the signs of their vectors, and the seed decides both") {
    for (const double flip : {0.5, 0.1, 0.0}) {
        CAPTURE(flip);
        const Corpus corpus = made_corpus(72, 700, 5, flip, 3);
        CHECK(corpus.items.rows == 700);
        CHECK(corpus.queries.rows == 5);
        bool same = true;
        for (std::size_t i = 0; i < 700; ++i)
            for (std::uint32_t a = 0; a < 72; ++a)
                same = same && bit(corpus.items.row(i), a) ==
                                   (corpus.item_vectors(static_cast<Eigen::Index>(i),
                                                        static_cast<Eigen::Index>(a)) > 0);
        CHECK(same);
        CHECK(made_corpus(72, 700, 5, flip, 3).items == corpus.items);
        CHECK_FALSE(made_corpus(72, 700, 5, flip, 4).items == corpus.items);
    }
}

TEST_CASE("bits depart from their cluster's as often as asked") {
    // 400 items have one centre: two of them differ in a share 2 p (1 - p) of 128 bits.
    for (const double flip : {0.05, 0.2, 0.5}) {
        CAPTURE(flip);
        const Corpus corpus = made_corpus(128, 400, 1, flip, 1);
        CHECK(mean_distance(corpus.items, 200) ==
              doctest::Approx(128 * 2 * flip * (1 - flip)).epsilon(0.05));
    }
}

TEST_CASE("trained codes are read from a run folder, of users the plane of the greatest weight") {
    const tests::TempFolder run;
    const std::vector<std::uint8_t> items{1, 2, 3, 4}, users{9, 9, 5, 6, 9, 9, 7, 8};
    write_npy(run / "item_codes.npy", items, 2, 2);
    write_npy(run / "user_codes.npy", users, 2, 4);
    const Corpus corpus = trained_corpus(run.path(), 10);
    CHECK(corpus.items.bits == 16);
    CHECK(corpus.items.words == std::vector<std::uint64_t>{0x0201, 0x0403});
    CHECK(corpus.queries.words == std::vector<std::uint64_t>{0x0605, 0x0807});
    CHECK(corpus.item_vectors(1, 0) == 1);
    CHECK(corpus.item_vectors(1, 1) == 1);
    CHECK(corpus.item_vectors(1, 2) == -1);
    CHECK(trained_corpus(run.path(), 1).queries.rows == 1);
}

TEST_CASE("run folders without usable codes are refused by name") {
    const tests::TempFolder run;
    CHECK_THROWS_WITH_AS(trained_corpus(run.path(), 1), doctest::Contains("item_codes.npy"),
                         DataError);
    write_npy(run / "item_codes.npy", std::vector<std::uint8_t>{1, 2, 3, 4}, 2, 2);
    write_npy(run / "user_codes.npy", std::vector<std::uint8_t>{1, 2, 3}, 1, 3);
    CHECK_THROWS_WITH_AS(trained_corpus(run.path(), 1),
                         doctest::Contains("user_codes.npy: rows of 3 bytes"), DataError);
    write_npy(run / "item_codes.npy", std::vector<std::uint8_t>{}, 0, 2);
    write_npy(run / "user_codes.npy", std::vector<std::uint8_t>{}, 0, 2);
    CHECK_THROWS_WITH_AS(trained_corpus(run.path(), 1), doctest::Contains("no codes"), DataError);
}
