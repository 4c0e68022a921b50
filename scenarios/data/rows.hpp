// Lines cut into fields, with errors that point at a field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/data/lines.hpp"

namespace fedhash::scenarios {

/// What stands between two fields. Only comma and semicolon files know quotes ("a ""b"", c"): in
/// the others a quote is a letter, as in the artist "Weird Al" Yankovic of tab-separated sets.
/// Blanks are runs of blanks and tabs.
enum class Separator { colons, tab, semicolon, comma, bar, blanks };

/// "," or "comma", "\t" or "tab", and so on; throws UsageError for another name. "auto" is the
/// caller's.
Separator separator_named(std::string_view name);
std::string_view name(Separator separator);

struct Field {
    std::string_view text;  // trimmed, quotes removed
    std::size_t column = 1;
};

/// Cuts a line. `scratch` keeps the fields that had to be rewritten (doubled quotes). False: a
/// quote is not closed, and the last field's column says where.
bool cut(std::string_view line, Separator separator, std::vector<Field>& fields,
         std::string& scratch);

class Rows {
  public:
    /// `hint` closes every error: what a row of this format looks like, or which setting to change.
    Rows(const std::filesystem::path& path, Separator separator, std::string hint);

    bool next();
    std::size_t size() const { return fields_.size(); }
    std::string_view operator[](std::size_t i) const { return fields_[i].text; }
    const Lines& lines() const { return lines_; }

    /// Throws DataError unless the row has at least `least` fields and at most `most`.
    void expect_columns(std::size_t least, std::size_t most) const;
    /// The field as a finite number, or as an id (not empty, not longer than 1024 bytes); DataError
    /// at the field's place otherwise. `role` is "rating", "user" and the like.
    double number(std::size_t i, std::string_view role) const;
    std::string_view id(std::size_t i, std::string_view role) const;
    [[noreturn]] void fail(std::size_t i, std::string_view message) const;

  private:
    [[noreturn]] void fail_at(std::size_t column, std::string_view message) const;

    Lines lines_;
    Separator separator_;
    std::string hint_;
    std::vector<Field> fields_;
    std::string scratch_;
};

}  // namespace fedhash::scenarios
