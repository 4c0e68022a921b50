// What a run leaves behind, read as any outsider would read it; and the means to stop a run in a
// known state.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"

namespace fedhash::e2e {

namespace fs = std::filesystem;

/// A folder that goes when its test does.
class TempFolder {
  public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const fs::path& path() const { return path_; }
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

std::string contents(const fs::path& file);
void write(const fs::path& file, const std::string& text);
fs::path scenario(const std::string& name);

/// A set in the folder of public data sets, FEDHASH_DATA; empty where it is not there, which is said.
fs::path real_data(const std::string& name);

/// Rows of a CSV file without quotes: column name -> field.
using Row = std::map<std::string, std::string>;
std::vector<Row> csv(const fs::path& file);

/// Sum of a column of whole numbers.
std::uint64_t sum(const std::vector<Row>& rows, const std::string& column);

nlohmann::json json_file(const fs::path& file);

/// Client of each process, by processes.csv of the run folder.
std::map<pid_t, std::uint32_t> clients_by_pid(const fs::path& run_folder);
pid_t server_pid(const fs::path& run_folder);

/// Both, one after the other.
Words with(Words settings, const Words& more);

/// `fedhash run quickstart --no-baselines` over 200 users and 300 items, and what is in `settings`
/// ("key=value").
Words small_run(const fs::path& out, const Words& settings);

/// Folders of runs in a folder, oldest first.
std::vector<fs::path> run_folders(const fs::path& parent);
fs::path only_run_folder(const fs::path& parent);

/// A run that must succeed: its exit code is checked, its folder returned.
fs::path complete_run(const Words& settings, const fs::path& out, const Environment& extra = {});

/// Checks that two run folders hold the same bytes.
void check_same_bits(const fs::path& a, const fs::path& b, bool user_codes = true);

/// Makes every client wait in a round, in front of a closed gate.
class Hold {
  public:
    Hold(std::uint32_t round, const fs::path& folder);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    Environment environment() const;

    /// Returns the processes that wait, once there are `count`. Fails when the program ends before.
    std::vector<pid_t> wait_for(std::size_t count, Program& held);

    /// Opens the gate for good.
    void release();

  private:
    std::uint32_t round_;
    fs::path folder_;
    int gate_ = -1;
};

/// Waits until `folder` holds `name`, or anything at all. Fails when the program ends before.
void wait_for_entry(const fs::path& folder, Program& writer, const std::string& name = "");

/// Waits until `file` holds `text`. Fails when the program ends before.
void wait_for_text(const fs::path& file, const std::string& text, Program& writer);

}  // namespace fedhash::e2e
