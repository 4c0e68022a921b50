// A folder of data files that a test writes, gone when the test is.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/errors.hpp"
#include "scenarios/data/prepared.hpp"

namespace fedhash::scenarios::test {

class Folder {
  public:
    Folder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("fedhash-data-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

    std::string write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return file(name);
    }
    std::string write_gz(const std::string& name, const std::string& bytes) const {
        gzFile out = gzopen(file(name).c_str(), "wb");
        REQUIRE(out != nullptr);
        REQUIRE(gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size())) ==
                static_cast<int>(bytes.size()));
        REQUIRE(gzclose(out) == Z_OK);
        return file(name);
    }
    DataSettings settings() const {
        DataSettings out;
        out.path = path_.string();
        return out;
    }

  private:
    std::filesystem::path path_;
};

/// What the call's error says, without the folder's name; fails the test when there is no error of
/// that kind.
template <class Kind = DataError, class Call>
std::string error_of(const Folder& folder, Call call) {
    try {
        call();
    } catch (const Kind& error) {
        std::string text = error.what();
        const std::string prefix = folder.path().string() + "/";
        for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
        return text;
    }
    FAIL("expected an error");
    return {};
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
}

inline bool contains(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE("not found: \"" << part << "\" in: " << text);
    return found;
}

/// "user item" and the like of every interaction of a user in one list, by name: "a:1 b:0.5 | valid
/// | test".
inline std::string dealt(const Prepared& data, std::size_t user) {
    std::string out;
    const auto name = [&](ItemId item) { return data.item_names[index(item)]; };
    for (const client::Rating& rating : data.users[user].train) out += name(rating.item) + " ";
    out += "|";
    for (ItemId item : data.users[user].valid.items) out += " " + name(item);
    out += " |";
    for (ItemId item : data.users[user].test.items) out += " " + name(item);
    return out;
}

inline std::string listed(const Prepared& data, const std::vector<ItemId>& items) {
    std::string out;
    for (ItemId item : items) out += (out.empty() ? "" : " ") + data.item_names[index(item)];
    return out;
}

}  // namespace fedhash::scenarios::test
