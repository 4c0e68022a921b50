// The eigenvalues of a symmetric matrix: a translation unit of its own, since the compiler takes
// ten seconds for them.
#pragma once

#include <Eigen/Core>

namespace fedhash::server {

struct SymmetricEigen {
    Eigen::VectorXd values;   // ascending
    Eigen::MatrixXd vectors;  // a column each, orthonormal
};

/// Of a symmetric matrix; its lower triangle is read.
SymmetricEigen symmetric_eigen(const Eigen::MatrixXd& matrix);

}  // namespace fedhash::server
