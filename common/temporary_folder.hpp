// A private folder where the system keeps temporary files, gone with its object.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "common/errors.hpp"

namespace fedhash {

class TemporaryFolder {
  public:
    /// Throws RunError with the system's reason.
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "fedhash-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw RunError("cannot make a folder " + name + ": " + std::strerror(errno));
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

}  // namespace fedhash
