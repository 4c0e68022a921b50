#include "scenarios/search_bench/training.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr const char* scenario = R"(title = "Codes for search-bench"
[run]
transport = "in-process"
rounds = 5
[method]
name = "implicit-dcd"
[data]
format = "synthetic"
synthetic.users = 2000
[eval]
negatives = 0
every = 0
test = false
[baselines]
enabled = false
)";

/// What a program that failed said last, without its "error: ".
std::string last_line(const fs::path& file) {
    std::ifstream in(file);
    std::string last;
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) last = line;
    constexpr std::string_view prefix = "error: ";
    return last.starts_with(prefix) ? last.substr(prefix.size()) : last;
}

/// The wait status.
int run(std::vector<std::string> words, const fs::path& log) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    pid_t child = 0;
    const int error =
        posix_spawn(&child, words[0].c_str(), &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) throw RunError(words[0] + ": cannot be started: " + std::strerror(error));
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

fs::path train_codes(const fs::path& folder, std::uint32_t bits, std::size_t items,
                     std::uint64_t seed) {
    const fs::path runs = folder / fmt::format("{}-{}", bits, items), log = runs / "log";
    fs::create_directories(runs);
    std::ofstream(runs / "codes.toml") << scenario;
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "fedhash";
    const int status = run(
        {program, "run", runs / "codes.toml", "--set", fmt::format("method.bits={}", bits), "--set",
         fmt::format("data.synthetic.items={}", items), "--set", fmt::format("data.seed={}", seed),
         "--set", fmt::format("output.dir=\"{}\"", runs.string())},
        log);
    if (status != 0)
        throw RunError("training codes for the comparison failed: " + last_line(log) +
                       " (--untrained goes without them)");
    for (const auto& entry : fs::directory_iterator(runs))
        if (fs::exists(entry.path() / "item_codes.npy")) return entry.path();
    throw RunError("training codes for the comparison left none (--untrained goes without them)");
}

}  // namespace fedhash::scenarios
