// Real vectors and a matrix library: what codes save.
#pragma once

#include "scenarios/search_bench/contestant.hpp"

namespace fedhash::scenarios {

/// scores = items * user, or scores(user, item) = users * items' for a tile of each.
struct Products {
    void (*vector)(const client::Factors& items, const float* user, float* scores);
    void (*matrix)(const float* users, std::size_t user_rows, const float* items,
                   std::size_t item_rows, std::size_t columns, float* scores);
};

std::unique_ptr<Contestant> make_float(const Corpus& corpus, const Products& products);

std::unique_ptr<Contestant> make_eigen(const Corpus& corpus, std::string& why);
std::unique_ptr<Contestant> make_openblas(const Corpus& corpus, std::string& why);

std::string openblas_build();

}  // namespace fedhash::scenarios
