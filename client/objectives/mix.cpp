// `mix`: several objectives at once, L = sum of share_m L_m, each in its own unit (curvature of a
// pair at most w): heterogeneous learning in one list. method.mix = "square:1, bpr:0.5".
#include <charconv>
#include <string>
#include <vector>

#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"
#include "common/errors.hpp"

namespace fedhash::client {

namespace {

void mix(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
         Response response) {
    const std::size_t count = scores.size();
    std::vector<std::int64_t> pulls(count), weights(count);
    for (const MixShare& share : variant.mix) {
        find_objective(share.objective).respond(listed, scores, variant, response);
        for (std::size_t j = 0; j < count; ++j) {
            pulls[j] += std::int64_t{share.share_q8} * response.pulls[j];
            weights[j] += std::int64_t{share.share_q8} * response.weights[j];
        }
    }
    const std::int64_t most = max_pull(variant);
    for (std::size_t j = 0; j < count; ++j) {
        response.pulls[j] =
            static_cast<std::int32_t>(std::clamp((pulls[j] + 128) >> 8, -most, most));
        response.weights[j] = static_cast<std::int32_t>((weights[j] + 255) >> 8);
    }
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

bool mixes(std::string_view name) {
    const Objective& objective = find_objective(name);
    return objective.respond != nullptr && objective.respond != mix;
}

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
    throw UsageError("method.mix = \"" + std::string(text) + "\": " + reason +
                     "; write objectives with their shares, such as \"square:1, bpr:0.5\"");
}

}  // namespace

std::vector<MixShare> parse_mix(std::string_view text) {
    std::vector<MixShare> shares;
    double sum = 0;
    for (std::string_view rest = text; !trimmed(rest).empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view part = trimmed(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t colon = part.find(':');
        if (colon == std::string_view::npos)
            refuse(text, "'" + std::string(part) + "' has no share");
        const std::string_view name = trimmed(part.substr(0, colon)),
                               number = trimmed(part.substr(colon + 1));
        double share = 0;
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), share);
        if (error != std::errc() || end != number.data() + number.size() || !(share >= 1.0 / 256) ||
            share > max_mix_share)
            refuse(text, "'" + std::string(number) + "' is not a share in [1/256, 4]");
        if (!mixes(name)) refuse(text, "'" + std::string(name) + "' cannot be a part");
        for (const MixShare& earlier : shares)
            if (earlier.objective == name) refuse(text, "'" + std::string(name) + "' comes twice");
        sum += share;
        shares.push_back({std::string(name), static_cast<std::uint32_t>(share * 256 + 0.5)});
    }
    if (shares.empty()) refuse(text, "nothing to mix");
    if (sum > max_mix_share) refuse(text, "shares add up to more than 4");
    return shares;
}

void check_mix(std::span<const MixShare> mix) {
    if (mix.empty()) throw UsageError("method.mix: nothing to mix");
    std::uint32_t sum = 0;
    for (const MixShare& share : mix) {
        sum += std::min(share.share_q8, 1u << 20);
        if (!mixes(share.objective)) throw UsageError("method.mix: '" + share.objective + "'");
    }
    if (sum > 256 * max_mix_share) throw UsageError("method.mix: shares add up to more than 4");
}

const Objective mix_objective{"mix", mix,  false, false,
                              false, true, "weighted sum of several objectives (method.mix)"};

}  // namespace fedhash::client
