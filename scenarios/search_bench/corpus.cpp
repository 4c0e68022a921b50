#include "scenarios/search_bench/corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/errors.hpp"
#include "scenarios/data/code_file.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t cluster_items = 500;

/// Uniform in [0, 1), four of a draw.
class Uniform {
  public:
    explicit Uniform(Stream random) : random_(random) {}
    float operator()() {
        if (left_ == 0) {
            word_ = random_();
            left_ = 4;
        }
        --left_;
        const auto value = static_cast<float>(word_ & 0xffff) / 65536;
        word_ >>= 16;
        return value;
    }

  private:
    Stream random_;
    std::uint64_t word_ = 0;
    int left_ = 0;
};

client::Factors as_vectors(const Codes& codes) {
    client::Factors vectors(static_cast<Eigen::Index>(codes.rows),
                            static_cast<Eigen::Index>(codes.bits));
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t a = 0; a < codes.bits; ++a)
            vectors(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(a)) =
                static_cast<float>(sign(codes.row(i), a));
    return vectors;
}

}  // namespace

Corpus made_corpus(std::uint32_t bits, std::size_t items, std::size_t queries, double flip,
                   std::uint64_t seed) {
    Corpus corpus{flip == 0.5 ? "random" : fmt::format("clustered {}", flip),
                  Codes(bits, items),
                  Codes(bits, queries),
                  {},
                  {},
                  true};
    Stream random = stream(seed, Purpose::generator, bits, items);
    Codes centres(bits, (items + cluster_items - 1) / cluster_items);
    for (std::size_t c = 0; c < centres.rows; ++c) randomise(centres.row(c), bits, random);
    Uniform uniform{stream(seed, Purpose::generator, bits, items + 1)};
    const auto fill = [&](Codes& codes, client::Factors& vectors) {
        vectors.resize(static_cast<Eigen::Index>(codes.rows), static_cast<Eigen::Index>(bits));
        for (std::size_t i = 0; i < codes.rows; ++i) {
            const CodeView centre = std::as_const(centres).row(random() % centres.rows);
            float* vector = vectors.data() + i * bits;
            for (std::uint32_t a = 0; a < bits; ++a) {
                vector[a] = static_cast<float>(sign(centre, a)) *
                            (uniform() - static_cast<float>(flip) + 1.0F / 131072);
                if (vector[a] > 0) fedhash::flip(codes.row(i), a);
            }
        }
    };
    fill(corpus.items, corpus.item_vectors);
    fill(corpus.queries, corpus.query_vectors);
    return corpus;
}

Corpus trained_corpus(const std::filesystem::path& run, std::size_t queries) {
    if (!std::filesystem::exists(run / "item_codes.npy"))
        throw DataError(run.string() +
                        ": no run folder with codes, item_codes.npy and user_codes.npy (fedhash "
                        "runs lists runs; only methods that make codes leave them)");
    Corpus corpus{"trained", read_codes(run / "item_codes.npy", 0).codes, {}, {}, {}, false};
    const CodeFile users = read_codes(run / "user_codes.npy", corpus.items.bits);
    if (corpus.items.rows == 0 || users.rows() == 0) throw DataError(run.string() + ": no codes");
    // Of users of a few bits an entry, the plane of the greatest weight.
    corpus.queries = Codes(corpus.items.bits, std::min(queries, users.rows()));
    for (std::size_t q = 0; q < corpus.queries.rows; ++q)
        std::ranges::copy(users.codes.row((q + 1) * users.planes - 1),
                          corpus.queries.row(q).begin());
    corpus.item_vectors = as_vectors(corpus.items);
    corpus.query_vectors = as_vectors(corpus.queries);
    return corpus;
}

}  // namespace fedhash::scenarios
