// The quantisers that the table in server/quantiser.cpp lists. A new one: a file here, a line here,
// a row there.
#pragma once

#include "server/quantiser.hpp"

namespace fedhash::server {

Quantised quantise_free(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_sign(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_median(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_balanced(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_rotation(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_itq(const RealModel& model, const QuantiserOptions& options);
Quantised quantise_itq_median(const RealModel& model, const QuantiserOptions& options);

// Of rounding.cpp, for those who look closer.
/// Every column's largest entry (by size; the first of equals) becomes positive.
void fix_signs(Eigen::MatrixXd& R);
/// A random orthogonal matrix.
Eigen::MatrixXd random_rotation(Eigen::Index q, std::uint64_t seed);
/// The orthogonal matrix R that maximises tr(R'X).
Eigen::MatrixXd procrustes(const Eigen::MatrixXd& X);
/// R that iterative quantisation finds for Y; `errors`, if given, gets || sign(YR) - YR ||^2 of
/// every iteration.
Eigen::MatrixXd itq(const Eigen::MatrixXd& Y, std::uint64_t seed, int iterations,
                    std::vector<double>* errors = nullptr);

}  // namespace fedhash::server
