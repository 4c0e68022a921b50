#include "tests/e2e/run_folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace fedhash::e2e {

namespace {

// Looks again whenever something happens in a folder or to a file, until the condition holds.
void wait_until(const std::function<bool()>& condition, const fs::path& watched,
                std::uint32_t events, Program& actor) {
    const int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    REQUIRE(notify >= 0);
    REQUIRE(inotify_add_watch(notify, watched.c_str(), events) >= 0);
    bool over = false;
    while (!condition() && !over) {
        std::array<pollfd, 2> both{pollfd{notify, POLLIN, 0},
                                   pollfd{actor.ended_descriptor(), POLLIN, 0}};
        poll(both.data(), both.size(), -1);
        std::array<char, 4096> ignored{};
        while (read(notify, ignored.data(), ignored.size()) > 0) continue;
        over = both[1].revents != 0;
    }
    close(notify);
    if (over && !condition()) {
        const Ended result = actor.wait();
        FAIL("the program ended too early, with ", result.code, ": ", result.err);
    }
}

}  // namespace

TempFolder::TempFolder() {
    std::string name = (fs::temp_directory_path() / "fedhash-e2e-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

fs::path scenario(const std::string& name) { return fs::path(FEDHASH_SCENARIOS) / name; }

fs::path real_data(const std::string& name) {
    const char* folder = std::getenv("FEDHASH_DATA");
    if (folder == nullptr || !fs::exists(fs::path(folder) / name)) {
        MESSAGE("skipped: set FEDHASH_DATA to a folder with ", name);
        return {};
    }
    return fs::path(folder) / name;
}

std::vector<Row> csv(const fs::path& file) {
    const auto fields = [](const std::string& line) {
        std::vector<std::string> result;
        std::istringstream in(line + ",");
        for (std::string field; std::getline(in, field, ',');) result.push_back(field);
        return result;
    };
    std::ifstream in(file);
    std::string line;
    REQUIRE_MESSAGE(std::getline(in, line), file.string(), " has a header");
    const std::vector<std::string> names = fields(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        const std::vector<std::string> values = fields(line);
        REQUIRE(values.size() == names.size());
        Row row;
        for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = values[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

std::uint64_t sum(const std::vector<Row>& rows, const std::string& column) {
    std::uint64_t total = 0;
    for (const Row& row : rows) total += std::stoull(row.at(column));
    return total;
}

nlohmann::json json_file(const fs::path& file) {
    const nlohmann::json value = nlohmann::json::parse(contents(file), nullptr, false);
    REQUIRE_MESSAGE(!value.is_discarded(), file.string(), " is JSON");
    return value;
}

std::map<pid_t, std::uint32_t> clients_by_pid(const fs::path& run_folder) {
    std::map<pid_t, std::uint32_t> result;
    for (const Row& row : csv(run_folder / "processes.csv"))
        if (row.at("role") == "client")
            result[std::stoi(row.at("pid"))] =
                static_cast<std::uint32_t>(std::stoul(row.at("client")));
    return result;
}

pid_t server_pid(const fs::path& run_folder) {
    for (const Row& row : csv(run_folder / "processes.csv"))
        if (row.at("role") == "server") return std::stoi(row.at("pid"));
    FAIL("no server in processes.csv");
    return -1;
}

Words with(Words settings, const Words& more) {
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
}

Words small_run(const fs::path& out, const Words& settings) {
    Words words{"run",
                scenario("quickstart.toml"),
                "--no-baselines",
                "--out",
                out,
                "--set",
                "data.synthetic.users=200",
                "--set",
                "data.synthetic.items=300"};
    for (const std::string& setting : settings) {
        words.push_back("--set");
        words.push_back(setting);
    }
    return words;
}

std::vector<fs::path> run_folders(const fs::path& parent) {
    std::vector<fs::path> found;
    std::error_code none_yet;
    for (const auto& entry : fs::directory_iterator(parent, none_yet))
        if (entry.is_directory()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

fs::path only_run_folder(const fs::path& parent) {
    const std::vector<fs::path> found = run_folders(parent);
    REQUIRE(found.size() == 1);
    return found[0];
}

fs::path complete_run(const Words& settings, const fs::path& out, const Environment& extra) {
    const Ended result = run_fedhash(small_run(out, settings), extra);
    INFO(result.err);
    REQUIRE(result.code == 0);
    return only_run_folder(out);
}

void check_same_bits(const fs::path& a, const fs::path& b, bool user_codes) {
    for (const char* name : {"metrics.csv", "item_codes.npy", "user_codes.npy"}) {
        if (!user_codes && std::string(name) == "user_codes.npy") continue;
        const std::string bytes = contents(a / name);
        CHECK_MESSAGE(!bytes.empty(), name, " is there");
        CHECK_MESSAGE(bytes == contents(b / name), name, " is the same, byte for byte");
    }
}

Hold::Hold(std::uint32_t round, const fs::path& folder) : round_(round), folder_(folder) {
    fs::create_directories(folder_);
    if (mkfifo((folder_ / "go").c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
}

Hold::~Hold() {
    if (gate_ >= 0) close(gate_);
}

Environment Hold::environment() const {
    return {{"FEDHASH_HOLD", std::to_string(round_) + ":" + folder_.string()}};
}

std::vector<pid_t> Hold::wait_for(std::size_t count, Program& held) {
    std::vector<pid_t> waiting;
    const std::string prefix = "learning.";
    wait_until(
        [&] {
            waiting.clear();
            for (const auto& entry : fs::directory_iterator(folder_)) {
                const std::string name = entry.path().filename();
                if (name.starts_with(prefix))
                    waiting.push_back(std::stoi(name.substr(prefix.size())));
            }
            return waiting.size() >= count;
        },
        folder_, IN_CREATE, held);
    std::sort(waiting.begin(), waiting.end());
    return waiting;
}

void Hold::release() {
    gate_ = open((folder_ / "go").c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(gate_ >= 0);
}

void wait_for_entry(const fs::path& folder, Program& writer, const std::string& name) {
    wait_until([&] { return name.empty() ? !fs::is_empty(folder) : fs::exists(folder / name); },
               folder, IN_CREATE | IN_MOVED_TO, writer);
}

void wait_for_text(const fs::path& file, const std::string& text, Program& writer) {
    wait_until([&] { return contents(file).find(text) != std::string::npos; }, file, IN_MODIFY,
               writer);
}

}  // namespace fedhash::e2e
