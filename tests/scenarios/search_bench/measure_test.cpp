#include "scenarios/search_bench/measure.hpp"

#include <doctest/doctest.h>

#include "scenarios/search_bench/limit_loops.hpp"
#include "scenarios/search_bench/search_tables.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

constexpr TimingOptions at_once{0, 1};

const SearchRow* row_of(const std::vector<SearchRow>& rows, std::string_view way) {
    for (const SearchRow& row : rows)
        if (row.way == way) return &row;
    return nullptr;
}

}  // namespace

TEST_CASE("every way of searching finds what ranking finds, one by one and together") {
    for (const std::uint32_t bits : {8u, 16u, 64u, 128u, 256u})
        for (const double flip : {0.5, 0.05}) {
            CAPTURE(bits);
            CAPTURE(flip);
            const Corpus corpus = made_corpus(bits, 3000, 40, flip, 1);
            // measure() itself holds exact ways against each other, and throws.
            const std::vector<SearchRow> rows = measure(corpus, {{10}, 0, at_once, {}}, 1);
            CHECK(rows.size() == contestants().size());
            for (const SearchRow& row : rows) {
                CAPTURE(row.way);
                CHECK(row.empty.has_value() == (row.way == "within 2"));
                if (row.way != "codes, then real" && row.way != "within 2" && row.absent.empty() &&
                    !row.way.starts_with("Faiss"))
                    CHECK(row.recall == doctest::Approx(1).epsilon(0.02));
            }
            std::string why;
            std::vector<std::vector<ItemId>> ranked;
            for (const ContestantEntry& entry : contestants()) {
                CAPTURE(std::string(entry.name));
                const auto contestant = entry.make(corpus, why);
                if (!contestant || !contestant->search_all(10, {})) continue;
                const auto all = contestant->all_found();
                REQUIRE(all.size() == 40);
                for (std::size_t q = 0; q < 40; ++q) {
                    contestant->search(q, 10);
                    CHECK(all[q] == contestant->found());
                }
            }
        }
}

TEST_CASE("a fixed radius leaves queries of long codes with nothing, and says how many") {
    const auto within = [](std::uint32_t bits, double flip) {
        const Corpus corpus = made_corpus(bits, 3000, 40, flip, 1);
        return measure(corpus, {{10}, 0, at_once, {"ranking", "within 2"}}, 1).at(1);
    };
    CHECK(within(8, 0.5).empty == 0.0);
    CHECK(within(8, 0.5).recall ==
          doctest::Approx(1));  // 3,000 items within distance 2 of 256 words
    CHECK(within(128, 0.5).empty == 1.0);
    CHECK(within(128, 0.5).recall == 0.0);
    const SearchRow some = within(64, 0.05);
    CHECK(*some.empty > 0.0);
    CHECK(*some.empty < 1.0);
    CHECK(some.recall < 1.0);
    CHECK(some.buckets > 0);
}

TEST_CASE("ways that heed exclusions do not find what is excluded") {
    const Corpus corpus = made_corpus(64, 500, 10, 0.1, 1);
    Exclusions excluded(10);
    for (std::uint32_t i = 0; i < 500; ++i)
        if (i % 5 != 0)
            for (auto& list : excluded) list.push_back(ItemId{i});
    std::string why;
    std::size_t tried = 0;
    for (const ContestantEntry& entry : contestants()) {
        if (!entry.excludes) continue;
        CAPTURE(std::string(entry.name));
        ++tried;
        const auto contestant = entry.make(corpus, why);
        REQUIRE(contestant->search_all(20, excluded));
        for (const auto& list : contestant->all_found()) {
            CHECK(list.size() == 20);
            for (const ItemId item : list) CHECK(index(item) % 5 == 0);
        }
    }
    CHECK(tried >= 2);
}

TEST_CASE("lookups are counted, and what does not go is told with the reason") {
    const std::vector<SearchRow> rows =
        measure(made_corpus(64, 1000, 10, 0.05, 1), {{10}, 0, at_once, {}}, 1);
    REQUIRE(row_of(rows, "multi-index"));
    CHECK(row_of(rows, "multi-index")->buckets >= 1);
    CHECK(row_of(rows, "multi-index")->candidates >= 10);
    REQUIRE(row_of(rows, "lookup"));
    CHECK(row_of(rows, "lookup")->absent == "a table of all codes has 24 bits at most");
    const std::vector<SearchRow> chosen =
        measure(made_corpus(16, 1000, 10, 0.05, 1), {{5}, 0, at_once, {"lookup"}}, 1);
    REQUIRE(chosen.size() == 1);
    CHECK(chosen[0].buckets >= 1);
}

TEST_CASE("tables and CSV have a line for every row") {
    const std::vector<SearchRow> rows = measure(made_corpus(64, 1000, 10, 0.05, 1),
                                                {{1, 10}, 20, at_once, {"ranking", "lookup"}}, 1);
    CHECK(one_by_one_table(rows).table.rows.size() == 4);
    CHECK(together_table(rows, 20).table.rows.size() == 2);
    const std::string csv = search_csv(rows);
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
    const std::string header = csv.substr(0, csv.find('\n'));
    for (std::size_t at = 0, line = 0; line < 5; ++line) {
        const std::string text = csv.substr(at, csv.find('\n', at) - at);
        CHECK(std::count(text.begin(), text.end(), ',') ==
              std::count(header.begin(), header.end(), ','));
        at = csv.find('\n', at) + 1;
    }
}

TEST_CASE("the loops of the limits read and count everything, on every instruction set") {
    std::vector<std::uint64_t> words(320);
    Stream random(1);
    std::uint64_t sum = 0, ones = 0;
    for (std::uint64_t& word : words) {
        word = random();
        sum += word;
        ones += static_cast<std::uint64_t>(std::popcount(word ^ 77));
    }
    const auto bytes = std::as_bytes(std::span(words));
    CHECK(limit_loops().size() >= 1);
    for (const LimitLoops& loops : limit_loops()) {
        CHECK(loops.read_all(bytes.data(), bytes.size()) == sum);
        CHECK(loops.read_ahead(bytes.data(), bytes.size()) == sum);
        CHECK(loops.count_all(words.data(), words.size(), 77) == ones);
    }
}
