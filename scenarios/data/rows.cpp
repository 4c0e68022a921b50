#include "scenarios/data/rows.hpp"

#include <fmt/format.h>

#include <array>

#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t longest_id_bytes = 1024;

struct SeparatorName {
    Separator separator;
    std::string_view text;
    std::string_view word;
};
constexpr std::array separators{
    SeparatorName{Separator::colons, "::", "colons"},
    SeparatorName{Separator::tab, "\t", "tab"},
    SeparatorName{Separator::semicolon, ";", "semicolon"},
    SeparatorName{Separator::comma, ",", "comma"},
    SeparatorName{Separator::bar, "|", "bar"},
    SeparatorName{Separator::blanks, " ", "space"},
};

std::string_view text_of(Separator separator) {
    return separators[static_cast<std::size_t>(separator)].text;
}

Field field_of(std::string_view line, std::size_t begin, std::size_t end) {
    const std::string_view text = trimmed(line.substr(begin, end - begin));
    return {text,
            text.empty() ? begin + 1 : static_cast<std::size_t>(text.data() - line.data()) + 1};
}

void cut_blanks(std::string_view line, std::vector<Field>& fields) {
    for (std::size_t at = line.find_first_not_of(" \t"); at != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
        fields.push_back({line.substr(at, end - at), at + 1});
        at = line.find_first_not_of(" \t", end);
    }
}

/// A field that opens with a quote at `at`. Sets `at` behind the closing quote; false when there is
/// none.
bool cut_quoted(std::string_view line, std::size_t& at, std::vector<Field>& fields,
                std::string& scratch) {
    const std::size_t column = at + 1;
    const std::size_t start = scratch.size();
    for (++at; at < line.size(); ++at) {
        if (line[at] != '"') {
            scratch += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
            scratch += line[at++];
        } else {
            ++at;
            fields.push_back({trimmed(std::string_view(scratch).substr(start)), column});
            return true;
        }
    }
    fields.push_back({{}, column});
    return false;
}

}  // namespace

Separator separator_named(std::string_view name) {
    for (const SeparatorName& entry : separators)
        if (name == entry.text || name == entry.word) return entry.separator;
    if (name == "\\t") return Separator::tab;
    throw UsageError(fmt::format(
        "data.separator: unknown value {}; known: auto, \",\", \";\", tab, space, \"::\", \"|\"",
        in_quotes(name)));
}

std::string_view name(Separator separator) {
    return separators[static_cast<std::size_t>(separator)].word;
}

bool cut(std::string_view line, Separator separator, std::vector<Field>& fields,
         std::string& scratch) {
    fields.clear();
    scratch.clear();
    if (separator == Separator::blanks) {
        cut_blanks(line, fields);
        return true;
    }
    const bool quotes = separator == Separator::comma || separator == Separator::semicolon;
    if (quotes) scratch.reserve(line.size());  // never grows beyond it, so views into it stay good
    const std::string_view mark = text_of(separator);
    for (std::size_t at = 0;;) {
        if (quotes) {
            const std::size_t opening = line.find_first_not_of(" \t", at);
            if (opening != std::string_view::npos && line[opening] == '"') {
                std::size_t behind = opening;
                if (!cut_quoted(line, behind, fields, scratch)) return false;
                at = line.find(mark,
                               behind);  // what stands between the quote and the mark is dropped
                if (at == std::string_view::npos) return true;
                at += mark.size();
                continue;
            }
        }
        const std::size_t end = line.find(mark, at);
        fields.push_back(field_of(line, at, std::min(end, line.size())));
        if (end == std::string_view::npos) return true;
        at = end + mark.size();
    }
}

Rows::Rows(const std::filesystem::path& path, Separator separator, std::string hint)
    : lines_(path), separator_(separator), hint_(std::move(hint)) {}

bool Rows::next() {
    if (!lines_.next()) return false;
    if (!cut(lines_.text(), separator_, fields_, scratch_))
        fail_at(fields_.back().column, "expected a closing quote on the same line, found none");
    return true;
}

void Rows::expect_columns(std::size_t least, std::size_t most) const {
    if (size() < least)
        fail_at(lines_.text().size() + 1,
                fmt::format("expected at least {} columns separated by {}, found {}", least,
                            name(separator_), size()));
    if (size() > most)
        fail(most, fmt::format("expected at most {} columns separated by {}, found {}", most,
                               name(separator_), size()));
}

double Rows::number(std::size_t i, std::string_view role) const {
    if (const auto value = parse_number(fields_[i].text)) return *value;
    fail(i, fmt::format("expected a number, found {} as the {}", in_quotes(fields_[i].text), role));
}

std::string_view Rows::id(std::size_t i, std::string_view role) const {
    const std::string_view text = fields_[i].text;
    if (text.empty())
        fail(i, fmt::format("expected the id of {}, found nothing",
                            role == "item" ? "an item" : "a user"));
    if (text.size() > longest_id_bytes)
        fail(i, fmt::format("expected an id of at most {} bytes, found {}", longest_id_bytes,
                            text.size()));
    return text;
}

void Rows::fail(std::size_t i, std::string_view message) const {
    fail_at(fields_[i].column, message);
}

void Rows::fail_at(std::size_t column, std::string_view message) const {
    throw error_at(lines_.file(), lines_.number(), column,
                   hint_.empty() ? std::string(message) : fmt::format("{}; {}", message, hint_));
}

}  // namespace fedhash::scenarios
