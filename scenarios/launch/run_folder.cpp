#include "scenarios/launch/run_folder.hpp"

#include <Eigen/src/Core/util/Macros.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <asio/version.hpp>
#include <boost/version.hpp>
#include <cereal/version.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "common/kernels/kernels.hpp"

namespace fedhash::scenarios {

namespace {

std::string utc(const char* format) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    std::strftime(text, sizeof text, format, &parts);
    return text;
}

std::string system_reason(int error) {
    std::string text = std::strerror(error);
    if (error == ENOSPC || error == EDQUOT)
        text += "; free some space or choose another folder with --out";
    if (error == EACCES || error == EROFS) text += "; choose another folder with --out";
    return text;
}

// A CSV field, quoted where it must be.
std::string field(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string first_line_with(const char* file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(key)) return line.substr(line.find_first_not_of(" \t:", key.size()));
    return "";
}

}  // namespace

std::filesystem::path make_run_folder(const std::filesystem::path& parent,
                                      const std::string& name) {
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    if (error)
        throw RunError(parent.string() +
                       ": cannot make this folder: " + system_reason(error.value()));
    const std::string stem = utc("%Y-%m-%dT%H-%M-%S") + "_" + name;
    for (int attempt = 1;; ++attempt) {
        const std::filesystem::path folder =
            parent / (attempt == 1 ? stem : stem + "-" + std::to_string(attempt));
        if (mkdir(folder.c_str(), 0755) != 0) {
            if (errno == EEXIST) continue;
            throw RunError(folder.string() + ": cannot make this folder: " + system_reason(errno));
        }
        if (mkdir((folder / "private").c_str(), 0700) != 0 ||
            mkdir((folder / "logs").c_str(), 0755) != 0)
            throw RunError(folder.string() +
                           ": cannot make a folder in it: " + system_reason(errno));
        return std::filesystem::absolute(folder);
    }
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    errno = 0;
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw RunError(file.string() + ": cannot write: " + system_reason(errno));
}

void write_indexes(const std::filesystem::path& folder, const Prepared& data) {
    std::string users = "user,id,train,valid,test";
    for (const Attribute& attribute : data.user_attributes) users += "," + field(attribute.name);
    users += '\n';
    for (std::size_t u = 0; u < data.users.size(); ++u) {
        const client::UserData& user = data.users[u];
        users += fmt::format("{},{},{},{},{}", u, field(data.user_names[u]), user.train.size(),
                             user.valid.items.size(), user.test.items.size());
        for (const Attribute& attribute : data.user_attributes)
            users += "," + field(attribute.values[u]);
        users += '\n';
    }
    write_text(folder / "users.index.csv", users);

    std::string items = "item,id,train,title";
    for (const Attribute& attribute : data.item_attributes) items += "," + field(attribute.name);
    items += '\n';
    for (std::size_t i = 0; i < data.item_names.size(); ++i) {
        items += fmt::format("{},{},{},{}", i, field(data.item_names[i]), data.item_counts[i],
                             data.item_titles.empty() ? "" : field(data.item_titles[i]));
        for (const Attribute& attribute : data.item_attributes)
            items += "," + field(attribute.values[i]);
        items += '\n';
    }
    write_text(folder / "items.index.csv", items);
}

nlohmann::json describe_machine() {
    utsname name{};
    uname(&name);
    nlohmann::json kernel_sets = nlohmann::json::array();
    for (const Kernels* set : supported_kernels()) kernel_sets.push_back(set->name);
    return {{"fedhash", FEDHASH_VERSION},
            {"compiler", "g++ " __VERSION__},
            {"libraries",
             {{"asio", fmt::format("{}.{}.{}", ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000,
                                   ASIO_VERSION % 100)},
              {"boost", BOOST_LIB_VERSION},
              {"cereal", fmt::format("{}.{}.{}", CEREAL_VERSION_MAJOR, CEREAL_VERSION_MINOR,
                                     CEREAL_VERSION_PATCH)},
              {"eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                                    EIGEN_MINOR_VERSION)},
              {"openssl", OpenSSL_version(OPENSSL_VERSION)}}},
            {"system", fmt::format("{} {} {}", name.sysname, name.release, name.machine)},
            {"processor", first_line_with("/proc/cpuinfo", "model name")},
            {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
            {"memory_bytes", sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)},
            {"kernel_sets", kernel_sets}};
}

std::string now_utc() { return utc("%Y-%m-%dT%H:%M:%SZ"); }

}  // namespace fedhash::scenarios
