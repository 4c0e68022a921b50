#include "client/private_vector.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>

#include "common/kernels/kernels.hpp"

namespace fedhash::client {

std::vector<double> fit_private_vector(const UserData& user, const Shared& shared, double a0,
                                       Workspace& work) {
    const std::uint32_t k = shared.items.bits;
    const auto rated = static_cast<std::uint32_t>(user.train.size());
    if (rated == 0)
        return std::vector<double>(k);  // the right-hand side is 0; without a0 the left is, too
    work.rows.resize(rated);
    for (std::uint32_t j = 0; j < rated; ++j)
        work.rows[j] = static_cast<std::uint32_t>(index(user.train[j].item));
    bit_planes(shared.items.words.data(), k, work.rows, work.planes);
    work.A.resize(std::size_t{k} * k);
    const std::size_t blocks = (rated + 63) / 64;
    kernels().gram(work.planes.data(), blocks, k, rated, work.A.data());

    const double lambda = std::sqrt(rated + a0 * static_cast<double>(shared.items.rows));
    Eigen::MatrixXd normal(k, k);
    Eigen::VectorXd right(k);
    for (std::uint32_t a = 0; a < k; ++a) {
        for (std::uint32_t b = 0; b < k; ++b)
            normal(a, b) =
                a0 * shared.gram[a * k + b] + work.A[a * k + b] + (a == b ? lambda : 0.0);
        std::int64_t ones = 0;
        for (std::size_t block = 0; block < blocks; ++block)
            ones += std::popcount(work.planes[block * k + a]);
        right(a) = static_cast<double>(2 * ones - rated);
    }
    const Eigen::VectorXd solution = normal.llt().solve(right);
    return {solution.data(), solution.data() + k};
}

void score_private_vector(std::span<const double> vector, const Codes& items,
                          std::vector<double>& scores) {
    const std::size_t bytes = bytes_for(items.bits);
    std::vector<double> table(bytes * 256);
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        for (unsigned pattern = 0; pattern < 256; ++pattern) {
            double sum = 0;
            for (std::size_t b = 0; b < 8 && 8 * byte + b < vector.size(); ++b)
                sum += (pattern >> b) & 1 ? vector[8 * byte + b] : -vector[8 * byte + b];
            table[byte * 256 + pattern] = sum;
        }
    }
    scores.resize(items.rows);
    for (std::size_t i = 0; i < items.rows; ++i) {
        const CodeView code = items.row(i);
        double sum = 0;
        for (std::size_t byte = 0; byte < bytes; ++byte)
            sum += table[byte * 256 + ((code[byte / 8] >> (8 * (byte % 8))) & 0xff)];
        scores[i] = sum;
    }
}

}  // namespace fedhash::client
