// The arrows of ARCHITECTURE.md, read off the includes: server, client, shuffler -> common;
// scenarios may know all of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/common/temp_folder.hpp"

namespace {

const std::filesystem::path root = FEDHASH_SOURCE_DIR;

struct Source {
    std::string path;
    std::string text;
};

std::vector<Source> sources_of(const std::string& folder) {
    std::vector<Source> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension().string();
        if (extension == ".hpp" || extension == ".cpp" || extension == ".inc")
            found.push_back({entry.path().lexically_relative(root).string(),
                             fedhash::tests::contents(entry.path())});
    }
    return found;
}

/// The files that the #include lines of a text name.
std::vector<std::string> includes(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto after = [&line](std::string_view blanks, std::size_t from) {
            return std::min(line.find_first_not_of(blanks, from), line.size());
        };
        std::size_t at = after(" \t", 0);
        if (at == line.size() || line[at] != '#') continue;
        at = after(" \t", at + 1);
        if (line.compare(at, 7, "include") != 0) continue;
        at = after(" \t", at + 7);
        if (at == line.size() || (line[at] != '"' && line[at] != '<')) continue;
        names.push_back(line.substr(at + 1, line.find_first_of("\">", at + 1) - at - 1));
    }
    return names;
}

void expect_no_includes(const std::string& folder, const std::vector<std::string>& forbidden) {
    const std::vector<Source> sources = sources_of(folder);
    REQUIRE(sources.size() >= 5);
    for (const Source& source : sources) {
        for (const std::string& name : includes(source.text)) {
            CAPTURE(source.path);
            CAPTURE(name);
            CHECK(name.find("../") == std::string::npos);
            for (const std::string& other : forbidden) CHECK_FALSE(name.starts_with(other + "/"));
        }
    }
}

}  // namespace

TEST_CASE("common includes nothing of the client, the server or the scenarios") {
    expect_no_includes("common", {"client", "server", "shuffler", "scenarios", "tests"});
}

TEST_CASE("the client includes nothing of the server or the scenarios") {
    expect_no_includes("client", {"server", "shuffler", "scenarios", "tests"});
}

TEST_CASE("the shuffler includes nothing of the client, the server or the scenarios") {
    expect_no_includes("shuffler", {"client", "server", "scenarios", "tests"});
}

TEST_CASE(
    "the server includes nothing of the client or the scenarios, and does not name the client's "
    "types") {
    expect_no_includes("server", {"client", "shuffler", "scenarios", "tests"});
    for (const Source& source : sources_of("server")) {
        CAPTURE(source.path);
        CHECK(source.text.find("client::") == std::string::npos);
        CHECK(source.text.find("namespace fedhash::client") == std::string::npos);
    }
}

TEST_CASE("the reader of includes sees every way to write one") {
    CHECK(includes("#include \"client/shard.hpp\"\n  #  include <server/a.hpp> // why\n// #include "
                   "\"x.hpp\"\n") == std::vector<std::string>{"client/shard.hpp", "server/a.hpp"});
}

TEST_CASE("attacks know neither shards nor the truth, whatever they include") {
    std::vector<std::string> open;
    for (const Source& source : sources_of("scenarios/attacks")) open.push_back(source.path);
    REQUIRE(open.size() >= 4);
    std::set<std::string> seen(open.begin(), open.end());
    while (!open.empty()) {
        const std::string path = open.back();
        open.pop_back();
        CAPTURE(path);
        CHECK((path.starts_with("scenarios/attacks/") || path.starts_with("server/") ||
               path.starts_with("common/")));
        for (const std::string& name : includes(fedhash::tests::contents(root / path)))
            if (std::filesystem::exists(root / name) && seen.insert(name).second)
                open.push_back(name);
    }
}

// A name is handed to ctest as a part of a list, which a semicolon would cut in two that match no
// case.
TEST_CASE("no name of a test has a semicolon") {
    const std::string begin = std::string("TEST_") + "CASE(";
    std::size_t cases = 0;
    for (const Source& source : sources_of("tests"))
        for (std::size_t at = 0; (at = source.text.find(begin, at)) != std::string::npos; ++cases) {
            at += begin.size();
            const std::string name = source.text.substr(at, source.text.find(") {", at) - at);
            CAPTURE(source.path);
            CAPTURE(name);
            CHECK(name.find(';') == std::string::npos);
        }
    CHECK(cases > 800);
}
