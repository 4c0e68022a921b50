// What search-bench searches in: codes, and real vectors whose signs they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "client/retrieval/inner_product.hpp"
#include "common/codes.hpp"

namespace fedhash::scenarios {

struct Corpus {
    std::string name;  // "random", "clustered 0.05", "trained"
    Codes items, queries;
    // As many dimensions as bits; of trained codes, the codes themselves.
    client::Factors item_vectors, query_vectors;
    bool own_vectors = true;  // whether they say more than the codes
};

/// Items around centres of 500 items each, queries around the same ones: every bit departs from its
/// centre's with probability `flip`. With 1/2 there are no clusters: fair, independent bits.
Corpus made_corpus(std::uint32_t bits, std::size_t items, std::size_t queries, double flip,
                   std::uint64_t seed);

/// The codes of a run folder, the first `queries` users as queries. Throws DataError naming the
/// file.
Corpus trained_corpus(const std::filesystem::path& run, std::size_t queries);

}  // namespace fedhash::scenarios
