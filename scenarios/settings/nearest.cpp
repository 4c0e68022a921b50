#include "scenarios/settings/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace fedhash::scenarios::settings {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

}  // namespace

std::size_t edit_distance(std::string_view first, std::string_view second) {
    const std::string a = lower(first), b = lower(second);
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] =
                std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates) {
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        // A name changed in every letter is another name: 'x' is not near 'k'.
        if (distance < best_distance && distance < std::min(name.size(), candidate.size())) {
            best = &candidate;
            best_distance = distance;
        }
    }
    if (best) return *best;

    constexpr std::size_t shortest_part = 3;
    if (name.size() < shortest_part) return std::nullopt;
    const std::string part = lower(name);
    for (const std::string& candidate : candidates) {
        if (lower(candidate).find(part) == std::string::npos) continue;
        if (best) return std::nullopt;
        best = &candidate;
    }
    return best ? std::optional(*best) : std::nullopt;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
    const auto near = nearest(name, candidates);
    return near ? "; did you mean '" + *near + "'?" : "";
}

}  // namespace fedhash::scenarios::settings
