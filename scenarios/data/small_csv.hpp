// Small CSV files whose first row names their columns: settings that are tables, and what a run
// left. No quotes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/data/lines.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {

/// Trimmed parts of a text.
std::vector<std::string> cells_of(std::string_view text, char separator);

class SmallCsv {
  public:
    /// `also`: columns that may be there beside the needed ones; nothing: any. Throws DataError
    /// with the file, the line and what is wrong.
    SmallCsv(const std::string& file, std::vector<std::string> needed,
             const std::optional<std::vector<std::string>>& also = std::nullopt);

    /// Moves to the next row; false at the end. Throws DataError for a row of another length.
    bool next();

    bool has(const std::string& column) const;
    const std::string& text(const std::string& column) const;
    /// `otherwise` where there is no such column. Throws DataError for what is no number from `low`
    /// to `high`.
    double number(const std::string& column, double low, double high, double otherwise) const;
    /// About the present row.
    DataError fault(const std::string& message) const;
    /// About a cell of it.
    DataError fault(const std::string& message, const std::string& column) const;

  private:
    std::size_t place_of(const std::string& column) const;
    Lines lines_;
    std::vector<std::string> columns_, cells_;
};

}  // namespace fedhash::scenarios
