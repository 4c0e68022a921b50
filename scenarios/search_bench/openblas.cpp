#include <cblas.h>

#include "scenarios/search_bench/float_contestants.hpp"

namespace fedhash::scenarios {
namespace {

void blas_vector(const client::Factors& items, const float* user, float* scores) {
    const auto rows = static_cast<int>(items.rows()), columns = static_cast<int>(items.cols());
    cblas_sgemv(CblasRowMajor, CblasNoTrans, rows, columns, 1, items.data(), columns, user, 1, 0,
                scores, 1);
}

void blas_matrix(const float* users, std::size_t user_rows, const float* items,
                 std::size_t item_rows, std::size_t columns, float* scores) {
    const auto u = static_cast<int>(user_rows), i = static_cast<int>(item_rows),
               k = static_cast<int>(columns);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, u, i, k, 1, users, k, items, k, 0, scores,
                i);
}

}  // namespace

std::string openblas_build() {
    return std::string(openblas_get_config()) + ", chosen core " + openblas_get_corename();
}

std::unique_ptr<Contestant> make_openblas(const Corpus& corpus, std::string&) {
    openblas_set_num_threads(1);
    return make_float(corpus, {blas_vector, blas_matrix});
}

}  // namespace fedhash::scenarios
