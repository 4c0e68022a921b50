#include "common/relaxed.hpp"

#include <algorithm>
#include <cmath>

#include "common/portable.hpp"

namespace fedhash {

namespace {

constexpr double two_over_root_pi = 1.12837916709551257390;

}  // namespace

Relaxation relaxation_of(const Variant& variant) {
    if (variant.learner == "real") return Relaxation::real;
    if (variant.learner == "forward") return Relaxation::forward;
    if (variant.learner == "backward") return Relaxation::backward;
    if (variant.learner == "backward-real") return Relaxation::backward_real;
    if (variant.learner == "mixed") return Relaxation::mixed;
    return Relaxation::none;
}

bool publishes_codes(const Variant& variant) {
    const Relaxation relaxation = relaxation_of(variant);
    const bool scaled = variant.learner == "scaled-code" && variant.item_rule != "box";
    return variant.learner == "code" || scaled || relaxation == Relaxation::backward ||
           relaxation == Relaxation::backward_real;
}

double portable_tanh(double x) {
    const double e = portable::exp(-2 * std::abs(x));
    return std::copysign((1 - e) / (1 + e), x);
}

Relaxed::Relaxed(const Variant& variant, std::uint32_t stage_round, bool items_side)
    : relaxation_(relaxation_of(variant)), gauss_(variant.surrogate == "gauss") {
    if (relaxation_ == Relaxation::backward_real)
        relaxation_ = items_side ? Relaxation::backward : Relaxation::real;
    const double phase = variant.stage_rounds <= 1
                             ? 1.0
                             : std::min(1.0, double(stage_round - 1) / (variant.stage_rounds - 1));
    if (relaxation_ == Relaxation::forward)
        beta_ = portable::exp(phase * portable::log(std::max(1.0, variant.sharpen_to)));
    binary_share_ = phase;
}

double Relaxed::value(double z, Stream& lots) const {
    switch (relaxation_) {
        case Relaxation::forward:
            return portable_tanh(beta_ * z);
        case Relaxation::backward:
            return z > 0 ? 1 : -1;
        case Relaxation::mixed:
            if (static_cast<double>(lots() >> 11) * 0x1p-53 < binary_share_) return z > 0 ? 1 : -1;
            return portable_tanh(z);
        default:
            return z;
    }
}

double Relaxed::slope(double z) const {
    return slope(z, relaxation_ == Relaxation::forward ? portable_tanh(beta_ * z) : 0);
}

double Relaxed::slope(double z, double value) const {
    switch (relaxation_) {
        case Relaxation::forward:
            return beta_ * (1 - value * value);
        case Relaxation::backward:
        case Relaxation::mixed:
            if (gauss_) return two_over_root_pi * portable::exp(-z * z);
            return std::abs(z) <= 1 ? 1 : 0;
        default:
            return 1;
    }
}

double decay_factor(const Variant& variant, double square_norm) {
    if (variant.norm <= 0) return variant.decay;
    return variant.decay * (square_norm / (variant.norm * variant.norm) - 1);
}

}  // namespace fedhash
