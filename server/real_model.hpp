// What is known of the items when a real-valued stage has ended: what an encoder turns into codes,
// and what a later stage may lean on.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace fedhash::server {

struct RealModel {
    Eigen::MatrixXd factors;     // Y, items x q
    Eigen::MatrixXd gram;        // H = sum over users of x_u x_u', q x q
    std::vector<double> counts;  // n_i, scaled to the population
    Eigen::VectorXd mean_user;   // mean of x_u over the users heard; empty where none was sent
    bool empty() const { return factors.size() == 0; }
};

}  // namespace fedhash::server
