// A folder of scenario files that is gone at the end of a test, and loading from it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/errors.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

class Scratch {
  public:
    Scratch() {
        std::string name =
            (std::filesystem::temp_directory_path() / "fedhash-settings-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        folder_ = name;
    }
    ~Scratch() { std::filesystem::remove_all(folder_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& text) const {
        const auto file = folder_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }

    std::filesystem::path path(const std::string& name = "") const { return folder_ / name; }

    /// Messages and origins without the folder's name.
    std::string without_folder(std::string text) const {
        const std::string prefix = folder_.string() + "/";
        for (std::size_t at; (at = text.find(prefix)) != std::string::npos;)
            text.erase(at, prefix.size());
        return text;
    }

  private:
    std::filesystem::path folder_;
};

inline const std::filesystem::path shipped = FEDHASH_SCENARIOS;
inline const std::filesystem::path shipped_presets = shipped / "methods";

inline Environment environment_of(const std::map<std::string, std::string>& variables) {
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

inline Loaded load_with(const std::filesystem::path& file,
                        const std::vector<Override>& overrides = {},
                        const std::map<std::string, std::string>& variables = {}) {
    return load(file, shipped_presets, overrides, environment_of(variables));
}

inline std::string origin(const Loaded& loaded, const std::string& key) {
    for (const Resolved& value : loaded.values)
        if (value.key == key) return value.origin;
    return "no such key";
}

/// What a scenario of this text is refused with.
inline std::string refusal(const std::string& text) {
    const Scratch scratch;
    try {
        load_with(scratch.write("x.toml", text));
    } catch (const UsageError& error) {
        return scratch.without_folder(error.what());
    }
    return "accepted";
}

inline std::string refusal_of(const Override& override) {
    try {
        load_with({}, {override});
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace fedhash::scenarios
