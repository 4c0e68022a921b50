// Codes as a run leaves them: item_codes.npy, user_codes.npy.
#pragma once

#include <cstdint>
#include <filesystem>

#include "common/codes.hpp"

namespace fedhash::scenarios {

struct CodeFile {
    Codes codes;             // `planes` rows for every row of the file
    std::size_t planes = 1;  // of users of a few bits an entry; the one of weight 1 is first

    std::size_t rows() const { return codes.rows / planes; }
};

/// The codes of a file, of `bits` bits each; 0: a row of the file is a code. Throws DataError
/// naming the file.
CodeFile read_codes(const std::filesystem::path& file, std::uint32_t bits);

}  // namespace fedhash::scenarios
