// Codes that are learnt through real numbers: what both sides must agree on. A device keeps a real
// vector p_u, the server real rows q_i, and scores are inner products of what a map phi makes of
// them:
//
//   real      phi(z) = z                                    no codes in sight (FedMF)
//   forward   phi(z) = tanh(beta z), beta growing           the map itself becomes binary
//   backward  phi(z) = sign(z), with a made-up slope        straight-through; codes are published
//   backward-real   the same on the items' side, phi(p) = p on the users'
//   mixed     each entry tanh(z) or sign(z) by lot, more and more signs (HashGNN's guidance)
//
// The slope of a sign is its surrogate: `clip` 1 inside [-1, 1] (Bengio et al., 2013), `gauss`
// 2/sqrt(pi) exp(-z^2), the derivative of erf (BiGeaR, KDD 2022).
#pragma once

#include <cstdint>
#include <string_view>

#include "common/random.hpp"
#include "common/variant.hpp"

namespace fedhash {

enum class Relaxation : std::uint8_t { none, real, forward, backward, backward_real, mixed };

/// By the learner's name; `none` for all that are not of this family.
Relaxation relaxation_of(const Variant& variant);

inline bool is_relaxed(const Variant& variant) {
    return relaxation_of(variant) != Relaxation::none;
}

/// Whether item codes, not reals, are published from the first round of the main stage on.
bool publishes_codes(const Variant& variant);

/// tanh by portable::exp.
double portable_tanh(double x);

/// phi and its slope in one round; for one side of a score.
class Relaxed {
  public:
    /// `stage_round` counts from 1 in the main stage; `items_side`: backward-real differs.
    Relaxed(const Variant& variant, std::uint32_t stage_round, bool items_side);

    /// `lots` decides about entries of `mixed`; others do not draw.
    double value(double z, Stream& lots) const;
    double slope(double z) const;
    /// The same where value(z) is known: it saves a tanh.
    double slope(double z, double value) const;

    double beta() const { return beta_; }

  private:
    Relaxation relaxation_;
    bool gauss_;
    double beta_ = 1, binary_share_ = 0;
};

/// What a rule adds to the gradient of a row or vector z: decay z, or decay (|z|^2 / norm^2 - 1) z
/// where vectors should have one norm (preference preserving hashing, SIGIR 2014).
double decay_factor(const Variant& variant, double square_norm);

}  // namespace fedhash
