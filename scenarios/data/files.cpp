#include "scenarios/data/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/errors.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

fs::path first_present(const fs::path& folder, std::initializer_list<std::string_view> names) {
    std::error_code ignored;
    for (std::string_view name : names)
        if (fs::path path = plain_or_gz(folder / name); fs::is_regular_file(path, ignored))
            return path;
    return {};
}

fs::path plain_or_gz(const fs::path& path) {
    std::error_code ignored;
    fs::path compressed = path;
    compressed += ".gz";
    return !fs::exists(path, ignored) && fs::exists(compressed, ignored) ? compressed : path;
}

std::string plain_name(const fs::path& file) {
    std::string name = file.filename().string();
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    return name;
}

std::vector<std::string> file_names(const fs::path& folder) {
    std::vector<std::string> out;
    std::error_code failure, ignored;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure))
        if (entry->is_regular_file(ignored)) out.push_back(plain_name(entry->path()));
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::string stem_before(const fs::path& path, std::string_view suffix) {
    const auto stem = [&](const std::string& name) {
        return name.substr(0, name.size() - suffix.size());
    };
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
        const std::string name = plain_name(path);
        return name.ends_with(suffix) ? stem(name) : "";
    }
    std::vector<std::string> found;
    for (const std::string& name : file_names(path))
        if (name.ends_with(suffix) && name.size() > suffix.size()) found.push_back(stem(name));
    if (found.size() > 1)
        throw UsageError(fmt::format(
            "data.path: {} holds several sets ({}); name one file, such as {}", path.string(),
            fmt::join(found, ", "), (path / (found[0] + std::string(suffix))).string()));
    return found.empty() ? "" : found[0];
}

}  // namespace fedhash::scenarios
