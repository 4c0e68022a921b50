// Where the programs are, beside the one that is running, and what that one was called.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace fedhash::scenarios {

/// What was typed to start this program: "fedhash", "build/release/fedhash".
inline std::string program_name() {
    std::ifstream in("/proc/self/cmdline");
    std::string name;
    std::getline(in, name, '\0');
    return name.empty() ? "fedhash" : name;
}

inline std::filesystem::path program_folder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace fedhash::scenarios
