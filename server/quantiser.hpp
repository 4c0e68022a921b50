// From real item factors to binary codes, on the server alone and without traffic: a table of ways.
#pragma once

#include <span>
#include <string_view>

#include "common/tables.hpp"
#include "common/variant.hpp"
#include "server/real_model.hpp"

namespace fedhash::server {

/// Codes, and for the orthogonal ways the map by which a device turns its own real vector into a
/// code: bits x q, or x (q + 1) with thresholds in the last column (empty: the device solves for
/// its code instead); or the codebook that turns codes back into factors.
struct Quantised {
    Codes codes;
    Eigen::MatrixXd rotation;
    Plane codebook;
};

struct QuantiserOptions {
    std::uint32_t bits = 64;
    std::uint32_t group_bits = 1;
    std::uint64_t seed = 1;
};

struct Quantiser {
    const char* name;
    Quantised (*quantise)(const RealModel& model, const QuantiserOptions& options);
    bool same_width;  // needs bits = q
    const char* about;
};

std::span<const Quantiser> quantisers();

/// Throws UsageError that lists the known names.
const Quantiser& find_quantiser(std::string_view name);

/// The final tables of a method that ends in a quantiser: codes, and the planes that scoring needs.
Tables encode(const Variant& variant, std::uint64_t seed, const RealModel& model);

/// The plane `mixing`: sum over items of g_i d_i y_i', from codes (g = 1) or rows g_i c_i.
Plane mixing_plane(const Codes& codes, const RealModel& model);
Plane mixing_plane(const Eigen::MatrixXd& weighted, const RealModel& model);

}  // namespace fedhash::server
