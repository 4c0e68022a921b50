// The ids found in the files, as text, numbered as they come; and the fixed order that they are
// renumbered in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fedhash::scenarios {

class Names {
  public:
    /// The number of an id, a new one when it was not seen before. Ids in ISO-8859-1 are kept as
    /// UTF-8.
    std::uint32_t intern(std::string_view id);
    std::optional<std::uint32_t> find(std::string_view id) const;

    std::size_t size() const { return list_.size(); }
    const std::vector<std::string>& list() const { return list_; }

    /// order[new number] = old number. Numeric when every id is a decimal integer (of any length),
    /// else byte by byte, so that the numbering depends on the set of ids only, not on the order of
    /// rows.
    std::vector<std::uint32_t> fixed_order() const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::vector<std::string> list_;
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace fedhash::scenarios
