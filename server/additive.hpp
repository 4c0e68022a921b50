// Additive quantisation (Babenko & Lempitsky, CVPR 2014) of item factors into codes: the k bits of
// a code are k/g groups of g bits, each group picks one of 2^g vectors, and the item's decoded
// factors are the sum of what its groups picked,
//
//   yhat_i = sum over groups m of C[m, d_i's bits of group m] .
//
// g = 1 is a linear decoder; ITQ (Gong & Lazebnik, CVPR 2011) is its special case of an orthogonal
// one. A device scores with look-up tables, one a byte of code, whatever g is.
//
// The expected squared error of all scores, over users and items, is tr((Y - Yhat) H (Y - Yhat)'),
// so what is minimised is
//
//   || O^1/2 (Z - Zhat) ||^2 ,  Z = Y U',  H = U'U ,  o_i = (max(1, n_i) / mean)^0.3 ,
//
// over the vectors (least squares on Walsh features of the groups, a constant beside them) and over
// the codes (group by group, and restarts from the best) in turn. Weights, integers and restarts
// are our own choice.
#pragma once

#include "common/tables.hpp"
#include "server/real_model.hpp"

namespace fedhash::server {

struct AdditiveOptions {
    std::uint32_t bits = 64;
    std::uint32_t group_bits = 4;  // g: 1, 2, 4 or 8
    std::uint32_t iterations = 60;
    std::uint32_t restarts = 4;
    std::uint32_t entry_bits = 8;  // of an entry of the codebook on the way down
    std::uint64_t seed = 1;
};

struct Additive {
    Codes codes;
    Plane codebook;    // (bits / g * 2^g) x q
    double error = 0;  // of all scores, relative to their sum of squares, as fitted
};

/// From random codes.
Additive encode_additive(const RealModel& model, const AdditiveOptions& options);

}  // namespace fedhash::server
