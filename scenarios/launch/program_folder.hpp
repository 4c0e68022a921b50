// Where the programs are: beside the one that is running.
#pragma once

#include <filesystem>

namespace fedhash::scenarios {

inline std::filesystem::path program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace fedhash::scenarios
