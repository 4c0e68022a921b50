#include "server/real_sums.hpp"

#include <cmath>

namespace fedhash::server {

namespace {

double real(const Aggregate& sums, std::int64_t value) {
    return std::ldexp(static_cast<double>(value), -sums.shape.fraction);
}

Eigen::MatrixXd reals(const Aggregate& sums, const std::vector<std::int64_t>& values,
                      std::size_t rows, std::size_t cols) {
    Eigen::MatrixXd result(rows, cols);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < cols; ++c)
            result(Eigen::Index(r), Eigen::Index(c)) = real(sums, values[r * cols + c]);
    return result;
}

}  // namespace

Eigen::MatrixXd gram(const Aggregate& sums) {
    return reals(sums, sums.gram, sums.shape.width, sums.shape.width);
}

Eigen::MatrixXd cross(const Aggregate& sums) {
    return reals(sums, sums.cross, sums.shape.width, sums.shape.cross);
}

Eigen::VectorXd mean_vector(const Aggregate& sums) {
    Eigen::VectorXd result(sums.shape.width);
    for (std::uint32_t a = 0; a < sums.shape.width; ++a)
        result(a) = std::ldexp(static_cast<double>(sums.vectors[a]), -vector_fraction) /
                    static_cast<double>(sums.users);
    return result;
}

Eigen::VectorXd G(const Aggregate& sums, std::size_t item) {
    Eigen::VectorXd result(sums.shape.width);
    for (std::uint32_t a = 0; a < sums.shape.width; ++a)
        result(a) = real(sums, sums.rows[item * sums.shape.width + a]);
    return result;
}

double weight_of(const Aggregate& sums, std::size_t item) { return real(sums, sums.weights[item]); }

void add(Aggregate& sums, std::size_t item, const Eigen::VectorXd& change) {
    for (std::uint32_t a = 0; a < sums.shape.width; ++a)
        sums.rows[item * sums.shape.width + a] +=
            std::llround(std::ldexp(change(a), sums.shape.fraction));
}

Eigen::VectorXd row(const Plane& plane, std::size_t item) {
    Eigen::VectorXd result(plane.cols);
    for (std::uint32_t a = 0; a < plane.cols; ++a) result(a) = plane.at(item, a);
    return result;
}

Eigen::MatrixXd matrix(const Plane& plane) {
    Eigen::MatrixXd result(plane.rows, plane.cols);
    for (std::uint32_t i = 0; i < plane.rows; ++i)
        for (std::uint32_t a = 0; a < plane.cols; ++a) result(i, a) = plane.at(i, a);
    return result;
}

void follow_factors(Aggregate& kept, const Tables& before, const Tables& now) {
    const Eigen::MatrixXd H = gram(kept);
    const double trace = std::max(H.trace(), 1e-12);
    const Plane &old = before.plane(PlaneId::factors), &fresh = now.plane(PlaneId::factors);
    for (std::size_t i = 0; i < fresh.rows; ++i) {
        const Eigen::VectorXd moved =
            (weight_of(kept, i) / trace) * (H * (row(fresh, i) - row(old, i)));
        add(kept, i, -moved);
    }
}

}  // namespace fedhash::server
