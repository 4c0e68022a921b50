// Numbers as people read them: durations, bytes, counts. Powers of ten for bytes: 1.2 MB =
// 1,200,000 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fedhash::scenarios::report {

/// "85 ms", "4.2 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

/// "812 B", "1.2 kB", "34 MB": two significant digits or more.
std::string bytes_text(double bytes);

/// "1,000,209".
std::string count_text(std::uint64_t count);

/// "1 client", "8 clients".
std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural);

/// Columns on a terminal, taken as the number of code points of UTF-8.
std::size_t width_of(std::string_view text);

/// A word of a shell's command line.
std::string shell_word(const std::string& text);

/// The first `width` columns, the last of them "…" when something was cut.
std::string fit(std::string_view text, std::size_t width);

/// Words in lines of at most `width` columns (a longer word stands alone), later lines behind
/// `indent` blanks, which count. No newline at the end.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace fedhash::scenarios::report
