#include "scenarios/report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace fedhash::scenarios::report {
namespace {

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string duration_text(double seconds) {
    if (!(seconds >= 0)) return "–";
    const double ms = std::round(seconds * 1000);
    if (ms < 1000) return fmt::format("{:.0f} ms", ms);
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    // Rounded once, so that 59.9 s is 1 min 00 s and not 60 s.
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    const std::uint64_t minutes = (whole + 30) / 60;
    return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string bytes_text(double bytes) {
    constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
    if (!(bytes >= 0)) return "–";
    std::size_t unit = 0;
    // 999.95 kB would print as 1000 kB.
    while (unit + 1 < units.size() && bytes >= (unit == 0 ? 999.5 : 999.95)) {
        bytes /= 1000;
        ++unit;
    }
    const bool whole = unit == 0 ? bytes >= 9.95 || bytes == std::floor(bytes) : bytes >= 99.95;
    return fmt::format("{:.{}f} {}", bytes, whole ? 0 : 1, units[unit]);
}

std::string count_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
    return digits;
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
    return fmt::format("{} {}", count_text(count), count == 1 ? singular : plural);
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_code_point));
}

std::string fit(std::string_view text, std::size_t width) {
    if (width_of(text) <= width) return std::string(text);
    if (width == 0) return "";
    std::size_t end = 0;
    for (std::size_t points = 0; end < text.size(); ++end)
        if (begins_code_point(text[end]) && ++points == width) break;
    return std::string(text.substr(0, end)) + "…";
}

std::string shell_word(const std::string& text) {
    const bool plain = !text.empty() && text.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                                            "YZ0123456789_-+=.,/:@%") == std::string::npos;
    if (plain) return text;
    std::string quoted = "'";
    for (char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
    std::string result;
    std::size_t column = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(' ', start), text.size());
        const std::string_view word = text.substr(start, end - start);
        const std::size_t word_width = width_of(word);
        if (start > 0 && column + 1 + word_width > width) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (start > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word_width;
        start = end + 1;
    }
    return result;
}

}  // namespace fedhash::scenarios::report
