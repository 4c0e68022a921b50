// How similar a user code b and an item code d are. Every similarity here is linear in each code
// when the other is fixed, so a device (and the server) meets it as a linear score of the code it
// solves for:
//
//   s(b, d) = psi(b) . d + shift(b) = phi(d) . b + shift'(d)
//
//   hamming     s = b.d                                    psi(b) = b        shift = 0
//   projected   s = k + sum_a (b_a + 1)(d_a - 1)           psi(b) = b + 1    shift = -sum_a b_a
//               (Hamming distance on the bits that the user has set; FHPLF, FPHLF)
//                                                          phi(d) = d - 1    shift' = sum_a d_a
//   weighted    s = sum_a v_a b_a d_a, v published         psi(b) = v b      shift = 0
//
// All integers. phi and psi differ only for `projected`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/codes.hpp"

namespace fedhash {

struct Similarity {
    const char* name;
    int lift_user;     // psi(b)_a = v_a (b_a + lift_user)
    int lift_item;     // phi(d)_a = v_a (d_a + lift_item)
    bool bit_weights;  // v is published; otherwise v = 1
    const char* about;
};

std::span<const Similarity> similarities();

/// Throws UsageError that lists the known names.
const Similarity& find_similarity(std::string_view name);

/// s(b, d); `weights` are v (empty: ones).
std::int32_t score(const Similarity& similarity, CodeView user, CodeView item, std::uint32_t bits,
                   std::span<const std::int16_t> weights);

}  // namespace fedhash
