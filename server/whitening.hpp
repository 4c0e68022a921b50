// Whitening of codes, what a pull to balanced and uncorrelated bits needs (Discrete Collaborative
// Filtering, Zhang et al., SIGIR 2016: maximise tr(B'X) over X with X1 = 0, X X' = m I). With the
// mean code and the scatter C = sum_u (b_u - mean)(b_u - mean)' = P Lambda P' the maximiser is
//
//   x_u = W (b_u - mean) ,   W = sqrt(m) P Lambda^-1/2 P' ,
//
// a function of sum b_u and sum b_u b_u': what the server learns from sums is enough to publish W
// and the mean, and a device makes its own x_u. Directions in which codes vary less than 1/64 of a
// fair bit are treated as if they varied so much: there C has no rank, W would be infinite, and the
// paper's completion (random vectors) says nothing about the users.
#pragma once

#include <Eigen/Core>

#include "common/aggregate.hpp"
#include "common/similarity.hpp"
#include "common/tables.hpp"

namespace fedhash::server {

/// Sums over plain codes b, whatever psi(b) the uplink added up.
struct CodeSums {
    double count = 0;
    Eigen::VectorXd total;
    Eigen::MatrixXd gram;
};
CodeSums sums_of_users(const Aggregate& sums, const Similarity& similarity,
                       const Plane& bit_weights);
CodeSums sums_of_items(const Codes& items);

struct Whitening {
    Eigen::MatrixXd W;
    Eigen::VectorXd mean;
};
Whitening whiten(const CodeSums& sums);

/// k x (k + 1): W and, in the last column, the mean, in 2^-12.
Plane plane_of(const Whitening& whitening);

}  // namespace fedhash::server
