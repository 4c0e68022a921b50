#include "scenarios/settings/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <optional>

#include "common/errors.hpp"
#include "scenarios/settings/nearest.hpp"

namespace fedhash::scenarios::settings {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

std::string real_text(double value) {
    std::string text = fmt::format("{}", value);
    if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

/// Choices with blanks or punctuation only are unreadable without quotes.
std::string choice_text(std::string_view name) {
    const bool plain = std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    return plain ? std::string(name) : toml_string(name);
}

std::vector<std::string> choice_texts(const Choice& choice) {
    std::vector<std::string> texts;
    for (std::string_view name : choice.names) texts.push_back(choice_text(name));
    return texts;
}

std::string range(const Whole& whole) {
    if (whole.high == largest_whole) return fmt::format("of at least {}", whole.low);
    return fmt::format("between {} and {}", whole.low, whole.high);
}

std::string range(const Real& real) {
    if (!real.above_low && !real.below_high)
        return fmt::format("between {} and {}", real.low, real.high);
    return fmt::format("{} {} and {} {}", real.above_low ? "above" : "of at least", real.low,
                       real.below_high ? "below" : "at most", real.high);
}

/// Why a value is refused, beyond what was expected and found: "; did you mean "tcp"?".
struct Refused {
    std::string hint;
};
using Checked = std::optional<Refused>;

template <class T>
void store(const Field& field, T value) {
    T* place = std::get<T*>(field);
    assert(place);
    *place = std::move(value);
}

void store_whole(const Field& field, std::int64_t value) {
    std::visit(
        Overloaded{[&](std::uint16_t* place) { *place = static_cast<std::uint16_t>(value); },
                   [&](std::uint32_t* place) { *place = static_cast<std::uint32_t>(value); },
                   [&](std::uint64_t* place) { *place = static_cast<std::uint64_t>(value); },
                   [](auto*) { assert(!"a row of whole numbers over a field of another type"); }},
        field);
}

Checked check(const Whole& whole, const Value& value, const Field& field) {
    const auto* text = std::get_if<std::string>(&value.held);
    if (text && !whole.word.empty() && *text == whole.word) {
        store_whole(field, 0);
        return {};
    }
    const auto* number = std::get_if<std::int64_t>(&value.held);
    if (!number || *number < whole.low || *number > whole.high) return Refused{};
    store_whole(field, *number);
    return {};
}

Checked check(const Real& real, const Value& value, const Field& field) {
    double number = std::numeric_limits<double>::quiet_NaN();
    if (const auto* given = std::get_if<double>(&value.held)) number = *given;
    if (const auto* given = std::get_if<std::int64_t>(&value.held))
        number = static_cast<double>(*given);
    const bool high_enough = real.above_low ? number > real.low : number >= real.low;
    const bool low_enough = real.below_high ? number < real.high : number <= real.high;
    if (!high_enough || !low_enough) return Refused{};  // also not a number
    store(field, number);
    return {};
}

Checked check(const Flag&, const Value& value, const Field& field) {
    const auto* given = std::get_if<bool>(&value.held);
    if (!given) return Refused{};
    store(field, *given);
    return {};
}

Checked check(const Choice& choice, const Value& value, const Field& field) {
    const auto* given = std::get_if<std::string>(&value.held);
    if (!given) return Refused{};
    if (std::ranges::find(choice.names, *given) == choice.names.end()) {
        const std::vector<std::string> names(choice.names.begin(), choice.names.end());
        return Refused{did_you_mean(*given, names)};
    }
    store(field, *given);
    return {};
}

Checked check(const Text& text, const Value& value, const Field& field) {
    if (const auto* given = std::get_if<std::string>(&value.held)) {
        store(field, *given);
        return {};
    }
    const auto* number = std::get_if<std::int64_t>(&value.held);
    if (!number || !text.number_too) return Refused{};
    store(field, std::to_string(*number));
    return {};
}

Checked check(const Cutoffs& cutoffs, const Value& value, const Field& field) {
    const auto* list = std::get_if<List>(&value.held);
    const List one{value};
    if (std::holds_alternative<std::int64_t>(value.held)) list = &one;
    if (!list || list->empty() || list->size() > cutoffs.most) return Refused{};
    std::vector<std::uint32_t> numbers;
    for (const Value& element : *list) {
        const auto* number = std::get_if<std::int64_t>(&element.held);
        if (!number || *number < cutoffs.low || *number > cutoffs.high)
            return Refused{" with " + found(element)};
        numbers.push_back(static_cast<std::uint32_t>(*number));
    }
    std::ranges::sort(numbers);
    const auto twice = std::ranges::adjacent_find(numbers);
    if (twice != numbers.end()) return Refused{fmt::format(" with {} twice", *twice)};
    store(field, std::move(numbers));
    return {};
}

}  // namespace

std::string found(const Value& value) {
    return std::visit(
        Overloaded{[](bool given) { return std::string(given ? "true" : "false"); },
                   [](std::int64_t given) { return std::to_string(given); },
                   [](double given) { return real_text(given); },
                   [](const std::string& given) { return "the string " + toml_string(given); },
                   [](const List& given) {
                       return given.empty() ? std::string("an empty list")
                                            : fmt::format("a list of {}", given.size());
                   },
                   [](const Other& given) { return given.name; }},
        value.held);
}

std::string expected(const Setting& setting) {
    return std::visit(
        Overloaded{
            [](const Whole& whole) {
                const std::string number = "a whole number " + range(whole);
                return whole.word.empty() ? number : number + " or " + toml_string(whole.word);
            },
            [](const Real& real) { return "a number " + range(real); },
            [](const Flag&) { return std::string("true or false"); },
            [](const Choice& choice) { return "one of " + joined(choice_texts(choice), ", "); },
            [](const Text& text) {
                return std::string(text.number_too ? "text in quotes or a whole number"
                                                   : "text in quotes");
            },
            [](const Cutoffs& cutoffs) {
                return fmt::format("a list of 1 to {} different whole numbers between {} and {}",
                                   cutoffs.most, cutoffs.low, cutoffs.high);
            }},
        setting.allowed);
}

std::string allowed_text(const Setting& setting) {
    return std::visit(
        Overloaded{
            [](const Whole& whole) {
                if (whole.high == largest_whole) return fmt::format("{} or more", whole.low);
                const std::string numbers = fmt::format("{} to {}", whole.low, whole.high);
                return whole.word.empty() ? numbers : numbers + " or " + toml_string(whole.word);
            },
            [](const Real& real) {
                return fmt::format("{}{} to {}{}", real.above_low ? "above " : "", real.low,
                                   real.below_high ? "below " : "", real.high);
            },
            [](const Flag&) { return std::string("true, false"); },
            [](const Choice& choice) { return joined(choice_texts(choice), ", "); },
            [](const Text&) { return std::string(); },
            [](const Cutoffs& cutoffs) {
                return fmt::format("{} to {}, at most {}", cutoffs.low, cutoffs.high, cutoffs.most);
            }},
        setting.allowed);
}

void assign(const Setting& setting, const Value& value, Scenario& scenario,
            const std::string& where) {
    const Field field = setting.field(scenario);
    const Checked refused = std::visit(
        [&](const auto& allowed) { return check(allowed, value, field); }, setting.allowed);
    if (refused)
        throw UsageError(fmt::format("{}: {}: expected {}, found {}{}", where, setting.key,
                                     expected(setting), found(value), refused->hint));
    if (setting.chosen) *setting.chosen(scenario) = true;
}

std::string value_text(const Setting& setting, const Scenario& scenario) {
    Scenario copy = scenario;  // rows give places to write to
    const auto* whole = std::get_if<Whole>(&setting.allowed);
    return std::visit(
        Overloaded{[](const bool* value) { return std::string(*value ? "true" : "false"); },
                   [](const double* value) { return real_text(*value); },
                   [](const std::string* value) { return toml_string(*value); },
                   [](const std::vector<std::uint32_t>* value) {
                       return fmt::format("[{}]", fmt::join(*value, ", "));
                   },
                   [&](const auto* value) {
                       if (*value == 0 && whole && !whole->word.empty())
                           return toml_string(whole->word);
                       return fmt::format("{}", *value);
                   }},
        setting.field(copy));
}

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            result += {'\\', c};
        else if (c == '\t')
            result += "\\t";
        else if (c == '\n')
            result += "\\n";
        else if (code < 0x20 || code == 0x7f)
            result += fmt::format("\\u{:04X}", code);
        else
            result += c;
    }
    return result + '"';
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    return fmt::format("{}", fmt::join(parts, between));
}

}  // namespace fedhash::scenarios::settings
