// The sums of the uplinks `vector` and `scaled-code` as real numbers (their shape has the units),
// and item factors as vectors. Real-valued work runs here alone, in a fixed order.
#pragma once

#include <Eigen/Core>

#include "common/aggregate.hpp"
#include "common/tables.hpp"

namespace fedhash::server {

Eigen::MatrixXd gram(const Aggregate& sums);                 // H
Eigen::MatrixXd cross(const Aggregate& sums);                // K
Eigen::VectorXd mean_vector(const Aggregate& sums);          // mean of x_u over users
Eigen::VectorXd G(const Aggregate& sums, std::size_t item);  // G_i
double weight_of(const Aggregate& sums, std::size_t item);   // s_i
/// G_i += change.
void add(Aggregate& sums, std::size_t item, const Eigen::VectorXd& change);
Eigen::VectorXd row(const Plane& plane, std::size_t item);
Eigen::MatrixXd matrix(const Plane& plane);

/// G_i -= (s_i / tr H) H (y_now - y_before), for running sums.
void follow_factors(Aggregate& kept, const Tables& before, const Tables& now);

}  // namespace fedhash::server
