// Text out of strangers' files: encodings, numbers, and errors that say where.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/errors.hpp"

namespace fedhash::scenarios {

/// `ratings.dat:1042:17: message`. Lines and columns count from 1; a column is a byte of the
/// decoded line.
DataError error_at(std::string_view file, std::size_t line, std::size_t column,
                   std::string_view message);

/// The text in quotes for an error message: cut when long, control characters escaped, always valid
/// UTF-8.
std::string in_quotes(std::string_view text);

/// Valid UTF-8 as it is; anything else is taken for ISO-8859-1, which is what the older public sets
/// are in.
std::string to_utf8(std::string_view text);

/// Without blanks and tabs at either end.
std::string_view trimmed(std::string_view text);

/// A finite decimal number that fills the whole text, or nothing ("nan", "inf", "1e999" and "3
/// stars" are nothing).
std::optional<double> parse_number(std::string_view text);

/// True for a non-empty run of digits with at most a minus before it.
bool is_integer(std::string_view text);

/// Lower case without '_', '-' and blanks, so that userId, user_id and User-ID are one name.
std::string folded(std::string_view name);

/// 1234567 as "1,234,567".
std::string grouped(std::size_t count);

}  // namespace fedhash::scenarios
