#include "scenarios/baselines/rotation.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>

#include "scenarios/baselines/ials_dispatch.hpp"
#include "scenarios/baselines/parallel.hpp"

namespace fedhash::scenarios {
namespace {

/// The axes as panels of score_items columns, stride x score_items each, zero-padded.
AlignedFloats axis_panels(const Eigen::MatrixXd& axes, std::size_t stride) {
    AlignedFloats panels(stride * stride);
    const Eigen::Index dims = axes.rows();
    for (Eigen::Index column = 0; column < dims; ++column) {
        const auto to = static_cast<std::size_t>(dims - 1 - column);  // Eigen's order is ascending
        Eigen::Index largest = 0;
        axes.col(column).cwiseAbs().maxCoeff(&largest);
        const double sign = axes(largest, column) < 0 ? -1 : 1;
        for (Eigen::Index row = 0; row < dims; ++row)
            panels[(to / score_items * stride + static_cast<std::size_t>(row)) * score_items +
                   to % score_items] = static_cast<float>(sign * axes(row, column));
    }
    return panels;
}

}  // namespace

AlignedFloats rotate_to_axes(Factors& table, const AlignedFloats& gram, unsigned threads) {
    const std::size_t d = table.stride;
    const auto dims = static_cast<Eigen::Index>(table.dims);
    Eigen::MatrixXd matrix(dims, dims);  // the solver reads the lower half
    for (Eigen::Index r = 0; r < dims; ++r)
        for (Eigen::Index c = 0; c <= r; ++c)
            matrix(r, c) = static_cast<double>(
                gram[static_cast<std::size_t>(c) * d + static_cast<std::size_t>(r)]);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);

    AlignedFloats spectrum(d);
    for (Eigen::Index f = 0; f < dims; ++f)
        spectrum[static_cast<std::size_t>(dims - 1 - f)] =
            static_cast<float>(std::max(0.0, solver.eigenvalues()[f]));

    const AlignedFloats panels = axis_panels(solver.eigenvectors(), d);
    for_blocks(table.rows, 8 * score_users, threads,
               [&](std::size_t, std::size_t first, std::size_t last) {
                   AlignedFloats packed(score_users * d);
                   AlignedFloats turned(score_users * d);
                   for (std::size_t start = first; start < last; start += score_users) {
                       const std::size_t count = std::min(score_users, last - start);
                       std::fill(packed.begin(), packed.end(), 0.0F);
                       for (std::size_t u = 0; u < count; ++u)
                           for (std::size_t f = 0; f < table.dims; ++f)
                               packed[f * score_users + u] = table.row(start + u)[f];
                       for (std::size_t column = 0; column < d; column += score_items)
                           ials_kernels().score_panel(packed.data(), panels.data() + column * d, d,
                                                      d, turned.data() + column);
                       std::copy_n(turned.begin(), count * d, table.row(start));
                   }
               });
    return spectrum;
}

}  // namespace fedhash::scenarios
