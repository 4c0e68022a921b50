#include "scenarios/baselines/cache.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "tests/scenarios/baselines/made_data.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::uint32_t, 2> cutoffs{5, 10};

/// A folder that goes away with the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "fedhash-cache-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }
    /// Of one kind: ".json" the figures, ".f32" the users' own.
    std::vector<fs::path> files(const std::string& kind) const {
        std::vector<fs::path> result;
        for (const auto& entry : fs::directory_iterator(path_))
            if (entry.path().extension() == kind) result.push_back(entry.path());
        return result;
    }
    bool empty() const { return fs::is_empty(path_); }

  private:
    fs::path path_;
};

struct Heard {
    int progress = 0;
    std::vector<std::string> notices;
    Listener listener() {
        return {[this](std::string_view) { ++progress; },
                [this](std::string_view text) { notices.emplace_back(text); }};
    }
};

Prepared named_data(const std::string& hash) {
    Prepared data = made_data({.users = 60});
    data.hash = hash;
    return data;
}

BaselineSettings cached_in(const fs::path& folder) {
    return {.ials_factors = 16, .ials_epochs = 3, .cache = folder.string()};
}

}  // namespace

TEST_CASE("a cached baseline has the numbers of the first run, without its work") {
    const TemporaryFolder folder;
    const Prepared data = named_data("one");
    Heard first, second;
    const Baseline made = ials(data, cached_in(folder.path()), 1, cutoffs, first.listener());
    const Baseline read = ials(data, cached_in(folder.path()), 1, cutoffs, second.listener());
    CHECK(read.sums == made.sums);
    CHECK(read.detail == made.detail);
    REQUIRE(made.user_metrics.size() == 60 * made.sums.values.size());
    REQUIRE(read.user_metrics.size() == made.user_metrics.size());
    CHECK(std::memcmp(read.user_metrics.data(), made.user_metrics.data(),
                      made.user_metrics.size() * sizeof(float)) == 0);
    CHECK(first.progress > 0);
    CHECK(second.progress == 0);
    CHECK(first.notices.empty());
    CHECK(second.notices.empty());
    CHECK(folder.files(".json").size() == 1);
    CHECK(folder.files(".f32").size() == 1);
}

TEST_CASE("other data, seeds, cut-offs and settings have results of their own") {
    const TemporaryFolder folder;
    BaselineSettings settings = cached_in(folder.path());
    ials(named_data("one"), settings, 1, cutoffs);
    ials(named_data("two"), settings, 1, cutoffs);
    ials(named_data("one"), settings, 2, cutoffs);
    ials(named_data("one"), settings, 1, std::array{10U});
    settings.ials_factors = 8;
    ials(named_data("one"), settings, 1, cutoffs);
    settings.ials_epochs = 2;
    ials(named_data("one"), settings, 1, cutoffs);
    CHECK(folder.files(".json").size() == 6);
    CHECK(folder.files(".f32").size() == 6);
}

TEST_CASE("a spoilt cache file is a notice, and is replaced") {
    const TemporaryFolder folder;
    const Prepared data = named_data("one");
    const BaselineSettings settings = cached_in(folder.path());
    const Baseline made = ials(data, settings, 1, cutoffs);
    const fs::path file = folder.files(".json").at(0);
    std::ifstream in(file);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    std::string other_key = whole;
    other_key.replace(other_key.find("data one"), 8, "data two");
    std::string wrong_type = whole;
    wrong_type.replace(wrong_type.find("\"users\": 60"), 11, "\"users\": {}");
    for (const std::string& text :
         {std::string(), std::string("{"), whole.substr(0, whole.size() / 2), std::string("[1, 2]"),
          std::string("{\"key\": 3}"), other_key, wrong_type}) {
        CAPTURE(text);
        std::ofstream(file) << text;
        Heard heard;
        CHECK(ials(data, settings, 1, cutoffs, heard.listener()).sums == made.sums);
        CHECK(heard.notices.size() == 1);
        CHECK(heard.progress > 0);
        Heard again;
        ials(data, settings, 1, cutoffs, again.listener());
        CHECK(again.progress == 0);
    }
    CHECK(folder.files(".json").size() == 1);
}

TEST_CASE("users' own metrics of another size, or none, are a notice, and are replaced") {
    const TemporaryFolder folder;
    const Prepared data = named_data("one");
    const BaselineSettings settings = cached_in(folder.path());
    const Baseline made = ials(data, settings, 1, cutoffs);
    const fs::path file = folder.files(".f32").at(0);
    const auto size = fs::file_size(file);
    for (const std::uintmax_t spoilt : {std::uintmax_t{0}, size - 1, size + 1, 2 * size}) {
        CAPTURE(spoilt);
        fs::resize_file(file, spoilt);
        Heard heard, again;
        CHECK(ials(data, settings, 1, cutoffs, heard.listener()).sums == made.sums);
        CHECK(heard.notices.size() == 1);
        CHECK(fs::file_size(file) == size);
        ials(data, settings, 1, cutoffs, again.listener());
        CHECK(again.progress == 0);
    }
    fs::remove(file);
    Heard heard;
    ials(data, settings, 1, cutoffs, heard.listener());
    CHECK(heard.notices.size() == 1);
}

TEST_CASE("a folder that cannot be made is a notice") {
    const TemporaryFolder folder;
    const fs::path blocked = folder.path() / "file";
    std::ofstream(blocked) << "not a folder";
    Heard heard;
    const Baseline row =
        ials(named_data("one"), cached_in(blocked / "below"), 1, cutoffs, heard.listener());
    CHECK(row.sums.users == 60);
    CHECK(heard.notices.size() == 1);
}

TEST_CASE("data without a hash are not cached") {
    const TemporaryFolder folder;
    ials(named_data(""), cached_in(folder.path()), 1, cutoffs);
    CHECK(folder.empty());
}
