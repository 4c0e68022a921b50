#include "server/quantiser.hpp"

#include <array>
#include <string>

#include "common/errors.hpp"
#include "server/quantisers/quantisers.hpp"

namespace fedhash::server {

namespace {

constexpr std::array quantiser_table{
    Quantiser{"free", quantise_free, false,
              "additive quantisation: codes with a free linear decoder"},
    Quantiser{"sign", quantise_sign, true, "signs of the factors"},
    Quantiser{"median", quantise_median, true, "above or below the median of each bit"},
    Quantiser{"balanced", quantise_balanced, true, "the larger half of each bit, exactly"},
    Quantiser{"rotation", quantise_rotation, true, "signs after a random rotation"},
    Quantiser{"itq", quantise_itq, true, "signs after the rotation of iterative quantisation"},
    Quantiser{"itq-median", quantise_itq_median, true,
              "the same with medians as thresholds (BCCF)"},
};

Plane plane_of(const Eigen::MatrixXd& matrix, std::uint8_t fraction, std::uint8_t width) {
    std::vector<double> values;
    for (Eigen::Index r = 0; r < matrix.rows(); ++r)
        for (Eigen::Index c = 0; c < matrix.cols(); ++c) values.push_back(matrix(r, c));
    return quantise(values, std::uint32_t(matrix.rows()), std::uint32_t(matrix.cols()), fraction,
                    width, true);
}

}  // namespace

std::span<const Quantiser> quantisers() { return quantiser_table; }

const Quantiser& find_quantiser(std::string_view name) {
    std::string known = "none";
    for (const Quantiser& entry : quantiser_table) {
        if (name == entry.name) return entry;
        known += std::string(", ") + entry.name;
    }
    throw UsageError("method.quantiser: unknown quantiser '" + std::string(name) +
                     "'; known: " + known);
}

Tables encode(const Variant& variant, std::uint64_t seed, const RealModel& model) {
    Quantised result =
        find_quantiser(variant.quantiser).quantise(model, {variant.bits, variant.group_bits, seed});
    Tables tables;
    tables.codes = std::move(result.codes);
    if (!result.codebook.empty()) {
        tables.plane(PlaneId::factors) = decode(tables.codes, result.codebook, variant.group_bits);
        tables.plane(PlaneId::codebook) = std::move(result.codebook);
    }
    if (result.rotation.size() > 0)
        tables.plane(PlaneId::rotation) = plane_of(result.rotation, 12, 16);
    if (variant.scoring_prior > 0)
        tables.plane(PlaneId::mixing) = mixing_plane(tables.codes, model);
    return tables;
}

Plane mixing_plane(const Codes& codes, const RealModel& model) {
    Eigen::MatrixXd D(Eigen::Index(codes.rows), Eigen::Index(codes.bits));
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t a = 0; a < codes.bits; ++a)
            D(Eigen::Index(i), a) = sign(codes.row(i), a);
    return mixing_plane(D, model);
}

Plane mixing_plane(const Eigen::MatrixXd& weighted, const RealModel& model) {
    constexpr std::uint8_t fraction = 4, width = 12;
    return plane_of(weighted.transpose() * model.factors, fraction, width);
}

}  // namespace fedhash::server
