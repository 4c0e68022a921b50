// NumPy's array files as a run leaves them (common/npy.hpp): format 1.0, C order, two dimensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace fedhash::scenarios {

struct NpyMatrix {
    std::size_t rows = 0, columns = 0;
    std::vector<std::uint8_t> bytes;  // row-major
};

/// Entries of one type ("<f4", for a reader "float32") and size. Throws DataError naming the file.
NpyMatrix read_npy(const std::filesystem::path& file, std::string_view type, std::string_view name,
                   std::size_t entry_bytes);

}  // namespace fedhash::scenarios
