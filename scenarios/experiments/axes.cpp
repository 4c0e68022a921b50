#include "scenarios/experiments/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/random/uniform_int_distribution.hpp>
#include <limits>
#include <numeric>
#include <set>
#include <string_view>

#include "common/errors.hpp"
#include "common/random.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::uint64_t sweep_draws = 0x7377656570;  // "sweep": a stream of its own

/// Keys, or sections, whose values a sweep cannot choose between.
struct Barred {
    std::string_view key;
    std::string_view reason;
};
constexpr std::array barred{
    Barred{"run.seed", "seeds are averaged over, not chosen: use --tune-seeds and --seeds"},
    Barred{"eval.test", "a sweep tunes on the validation part and tests the winner"},
    Barred{"eval.negatives", "points with different candidates cannot be compared; sweep each"},
    Barred{"eval.clean_candidates", "points with different candidates cannot be compared"},
    Barred{"data", "points on different data cannot be compared; make one sweep for each"},
    Barred{"baselines", "baselines are measured beside the winner only; use --set"},
    Barred{"output", "a sweep keeps its runs in its own folder: use --out"},
    Barred{"title", "it decides nothing; use --set"},
    Barred{"run.threads", "no figure depends on it; use --set"},
    Barred{"run.transport", "no figure depends on it; use --set"},
};

[[noreturn]] void fail(const std::string& text, std::string_view what) {
    throw UsageError(fmt::format("command line: axis {}: {}; for example method.bits=32,64",
                                 settings::toml_string(text), what));
}

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return "";
    return std::string(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

/// Where the next value ends: at a comma outside of brackets and quotes, or at the end.
std::size_t end_of_value(std::string_view text, std::size_t from, const std::string& whole) {
    int depth = 0;
    char quote = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == '\\' && quote == '"') ++i;
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[') {
            ++depth;
        } else if (c == ']' && --depth < 0) {
            fail(whole, "a ']' without its '['");
        } else if (c == ',' && depth == 0) {
            return i;
        }
    }
    if (quote != 0) fail(whole, "a quote is not closed");
    if (depth != 0) fail(whole, "a '[' is not closed");
    return text.size();
}

[[noreturn]] void fail(const Axis& axis, std::string_view why) {
    throw UsageError(fmt::format("{}: axis {}: {}", axis.origin, axis.key, why));
}

void check_key(const Axis& axis) {
    for (const Barred& row : barred)
        if (axis.key == row.key || axis.key.starts_with(std::string(row.key) + "."))
            fail(axis, row.reason);
}

std::string value_of(const Loaded& loaded, const Axis& axis) {
    const auto found = std::ranges::find(loaded.values, axis.key, &Resolved::key);
    // Not a setting, and yet accepted: [expect], which a sweep does not test.
    if (found == loaded.values.end()) fail(axis, "it is not a setting");
    return found->value;
}

}  // namespace

Axis parse_axis(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) fail(text, "expected key=value,value");
    Axis axis{text.substr(0, equals), {}};
    const std::string_view values = std::string_view(text).substr(equals + 1);
    for (std::size_t start = 0; start <= values.size();) {
        const std::size_t end = end_of_value(values, start, text);
        axis.values.push_back(trimmed(values.substr(start, end - start)));
        if (axis.values.back().empty()) fail(text, "a value is missing");
        start = end + 1;
    }
    return axis;
}

std::vector<Axis> checked(const std::vector<Axis>& axes, const Resolve& resolve) {
    std::vector<Axis> result;
    std::set<std::string> keys;
    for (const Axis& axis : axes) {
        check_key(axis);
        if (!keys.insert(axis.key).second)
            fail(axis, fmt::format("given twice; give all of its values at once: {}={},...",
                                   axis.key, axis.values.front()));
        Axis known{axis.key, {}, axis.origin};
        for (const std::string& value : axis.values) {
            known.values.push_back(value_of(resolve({{axis.key, value, axis.origin}}), axis));
            if (std::ranges::count(known.values, known.values.back()) > 1)
                fail(axis, fmt::format("it has the value {} twice", known.values.back()));
        }
        result.push_back(std::move(known));
    }
    return result;
}

std::uint64_t grid_size(const std::vector<Axis>& axes) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t size = 1;
    for (const Axis& axis : axes) {
        const std::uint64_t values = axis.values.size();
        size = size > largest / values ? largest : size * values;
    }
    return size;
}

std::vector<Override> point(const std::vector<Axis>& axes, std::uint64_t number) {
    std::vector<Override> result(axes.size());
    for (std::size_t i = axes.size(); i-- > 0;) {
        const std::uint64_t values = axes[i].values.size();
        result[i] = {axes[i].key, axes[i].values[number % values]};
        number /= values;
    }
    return result;
}

std::vector<std::uint64_t> draw(std::uint64_t size, std::uint64_t count, std::uint64_t seed) {
    std::vector<std::uint64_t> numbers;
    if (count >= size) {
        numbers.resize(size);
        std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
        return numbers;
    }
    Stream random(Stream::mix(seed + sweep_draws));
    const boost::random::uniform_int_distribution<std::uint64_t> any(0, size - 1);
    std::set<std::uint64_t> taken;
    while (numbers.size() < count)
        if (const std::uint64_t number = any(random); taken.insert(number).second)
            numbers.push_back(number);
    return numbers;
}

}  // namespace fedhash::scenarios
