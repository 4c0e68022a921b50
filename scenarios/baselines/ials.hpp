// Implicit alternating least squares, the real-valued ceiling that binary codes are held against.
//
//   minimise  sum_obs (x_u.y_i - 1)^2 + a0 sum_all (x_u.y_i)^2
//           + lambda (sum_u (n_u + a0 n) |x_u|^2 + sum_i (n_i + a0 m) |y_i|^2)
//
// Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008, in the
// form and with the frequency-scaled regularisation (exponent 1) of Rendle, Krichene, Zhang, Koren,
// "Revisiting the performance of iALS on item recommendation benchmarks", RecSys 2022. Each
// half-step is exact:
//   x_u = (sum_obs y_i y_i' + a0 Y'Y + lambda (n_u + a0 n) I)^-1 sum_obs y_i.
//
// Rows with few interactions are the many, and a system of d unknowns for each would be most of the
// work. A common rotation of both tables changes no score and not the objective, so the fixed side
// is first rotated to the axes of its Gram matrix; against a diagonal, a row of n_u interactions
// needs a system of n_u unknowns only (Woodbury).
//
//   m, n  users, items; n_u, n_i  training interactions of a user, of an item; sum_obs  over those
#pragma once

#include <cstdint>

#include "scenarios/baselines/factors.hpp"
#include "scenarios/baselines/interactions.hpp"

namespace fedhash::scenarios {

struct IalsOptions {
    std::uint32_t factors = 128;
    double unobserved = 0.3;  // a0: weight of a pair as such
    double ridge = 0.003;     // lambda, positive
    std::uint64_t seed = 1;
    unsigned threads = 0;  // 0 = all; the result does not depend on it
};

/// Refers to `data`, which must outlive it.
class Ials {
  public:
    /// Item factors uniform with variance 0.01 / factors, users fitted to them.
    Ials(const Interactions& data, const IalsOptions& options);

    /// Fits the items to the users, then the users to the items: users are always exact.
    void epoch();

    const Factors& users() const { return users_; }
    const Factors& items() const { return items_; }

    /// The value minimised, in double precision.
    double objective() const;

  private:
    void fit(const SparseRows& observed, Factors& fixed, Factors& fitted) const;

    const Interactions& data_;
    IalsOptions options_;
    Factors users_;
    Factors items_;
};

/// Multiply-adds of one epoch: a Gram matrix and a factorisation per row.
double epoch_cost(const Interactions& data, std::uint32_t factors);

}  // namespace fedhash::scenarios
