#include "scenarios/search_bench/corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/errors.hpp"
#include "scenarios/data/npy_reader.hpp"

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

/// The last `bytes` bytes of every row (all of them with 0): of users of a few bits an entry, the
/// plane of the greatest weight.
Codes read_codes(const std::filesystem::path& file, std::size_t bytes, std::size_t most) {
    const NpyMatrix packed = read_npy(file, "|u1", "uint8", 1);
    if (bytes == 0) bytes = packed.columns;
    if (bytes == 0 || bytes > max_bits / 8 || packed.columns % bytes != 0)
        throw DataError(fmt::format("{}: rows of {} bytes; expected codes of {}", file.string(),
                                    packed.columns,
                                    bytes == 0 ? "1 to 32 bytes" : fmt::format("{} bytes", bytes)));
    Codes codes(static_cast<std::uint32_t>(8 * bytes), std::min(most, packed.rows));
    for (std::size_t i = 0; i < codes.rows; ++i) {
        const std::uint8_t* row = &packed.bytes[(i + 1) * packed.columns - bytes];
        for (std::size_t j = 0; j < bytes; ++j)
            codes.row(i)[j / 8] |= std::uint64_t{row[j]} << (8 * (j % 8));
    }
    return codes;
}

}  // namespace

Corpus made_corpus(std::uint32_t bits, std::size_t items, std::size_t queries, double flip,
                   std::uint64_t seed) {
    Corpus corpus{flip == 0.5 ? "random" : fmt::format("clustered {}", flip),
                  Codes(bits, items),
                  Codes(bits, queries),
                  {},
                  {}};
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
    Corpus corpus{"trained", read_codes(run / "item_codes.npy", 0, SIZE_MAX), {}, {}, {}};
    corpus.queries = read_codes(run / "user_codes.npy", corpus.items.bits / 8, queries);
    if (corpus.items.rows == 0 || corpus.queries.rows == 0)
        throw DataError(run.string() + ": no codes");
    corpus.item_vectors = as_vectors(corpus.items);
    corpus.query_vectors = as_vectors(corpus.queries);
    return corpus;
}

}  // namespace fedhash::scenarios
