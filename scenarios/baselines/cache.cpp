#include "scenarios/baselines/cache.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "scenarios/baselines/ials_dispatch.hpp"

namespace fedhash::scenarios {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int version = 2;  // to be raised with any change that changes results

std::optional<fs::path> environment_path(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return fs::path(value);
}

fs::path folder(const BaselineSettings& settings) {
    if (!settings.cache.empty()) return settings.cache;
    if (const auto path = environment_path("XDG_CACHE_HOME")) return *path / "fedhash";
    if (const auto path = environment_path("HOME")) return *path / ".cache" / "fedhash";
    return {};
}

/// FNV-1a, 64 bits: a file name; the file itself holds the key.
std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash;
}

json to_json(const MetricSums& sums) {
    json values = json::array();
    for (const auto& value : sums.values)
        values.push_back({value.expected, value.optimistic, value.pessimistic});
    return {{"users", sums.users},
            {"values", values},
            {"decile_items", sums.decile_items},
            {"decile_hits", sums.decile_hits}};
}

/// Throws json::exception or std::invalid_argument.
MetricSums from_json(const json& object, std::size_t specs, std::size_t cutoffs) {
    MetricSums sums(specs, cutoffs);
    const json& values = object.at("values");
    if (values.size() != specs || object.at("decile_items").size() != sums.decile_items.size() ||
        object.at("decile_hits").size() != sums.decile_hits.size())
        throw std::invalid_argument("wrong number of sums");
    sums.users = object.at("users").get<std::uint64_t>();
    for (std::size_t i = 0; i < specs; ++i)
        sums.values[i] = {values[i].at(0).get<std::int64_t>(), values[i].at(1).get<std::int64_t>(),
                          values[i].at(2).get<std::int64_t>()};
    object.at("decile_items").get_to(sums.decile_items);
    object.at("decile_hits").get_to(sums.decile_hits);
    return sums;
}

/// Throws std::system_error.
void write_atomically(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::string temporary = file.string() + ".XXXXXX";
    const int descriptor = ::mkstemp(temporary.data());
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), temporary);
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) break;
        done += static_cast<std::size_t>(count);
    }
    const bool closed = ::close(descriptor) == 0;
    if (done < text.size() || !closed) {
        const int error = errno;
        ::unlink(temporary.c_str());
        throw std::system_error(error, std::generic_category(), temporary);
    }
    std::error_code error;
    fs::rename(temporary, file, error);
    if (error) {
        ::unlink(temporary.c_str());
        throw std::system_error(error, file.string());
    }
}

}  // namespace

BaselineCache::BaselineCache(const Prepared& data, const BaselineSettings& settings,
                             std::uint64_t seed, std::span<const std::uint32_t> cutoffs,
                             std::function<void(std::string_view)> notice)
    : key_(fmt::format("ials v{}; data {}; {} items; {}; {}; factors {}; epochs {}; seed {}; k {}",
                       version, data.hash, data.ranking.items,
                       data.ranking.full ? "full ranking" : "candidates",
                       data.has_validation ? "validation part" : "own hold-out",
                       settings.ials_factors, settings.ials_epochs, seed, fmt::join(cutoffs, ","))),
      users_(data.users.size()),
      specs_(metric_specs(cutoffs).size()),
      cutoffs_(cutoffs.size()),
      notice_(std::move(notice)) {
    if (data.hash.empty()) return;
    const fs::path place = folder(settings);
    if (place.empty())
        notify(
            "tuned baselines are not kept: none of baselines.cache, XDG_CACHE_HOME and HOME is "
            "set");
    else
        file_ = place / fmt::format("ials-{:016x}.json", fingerprint(key_));
}

std::optional<Baseline> BaselineCache::load() const {
    if (file_.empty()) return std::nullopt;
    std::ifstream in(file_);
    if (!in) return std::nullopt;
    try {
        const json object = json::parse(in);
        if (object.at("key").get<std::string>() != key_) throw std::invalid_argument("another key");
        Baseline baseline{"ials", object.at("detail").get<std::string>(),
                          from_json(object.at("sums"), specs_, cutoffs_),
                          std::vector<float>(users_ * specs_)};
        std::ifstream users(users_file(), std::ios::binary);
        users.read(reinterpret_cast<char*>(baseline.user_metrics.data()),
                   static_cast<std::streamsize>(baseline.user_metrics.size() * sizeof(float)));
        if (!users || users.peek() != std::ifstream::traits_type::eof())
            throw std::invalid_argument("the users' metrics are missing or of another size");
        return baseline;
    } catch (const std::exception& error) {
        notify(fmt::format("cached baseline ignored: {}: {}", file_.string(), error.what()));
        return std::nullopt;
    }
}

void BaselineCache::store(const Baseline& baseline, const IalsChoice& choice) const {
    if (file_.empty()) return;
    const json object{{"key", key_},
                      {"detail", baseline.detail},
                      {"factors", choice.options.factors},
                      {"a0", choice.options.unobserved},
                      {"lambda", choice.options.ridge},
                      {"epochs", choice.epochs},
                      {"validation_ndcg", choice.ndcg},
                      {"kernels", ials_kernels().name},
                      {"sums", to_json(baseline.sums)}};
    const std::string users(reinterpret_cast<const char*>(baseline.user_metrics.data()),
                            baseline.user_metrics.size() * sizeof(float));
    try {
        write_atomically(users_file(), users);
        write_atomically(file_, object.dump(1) + "\n");
    } catch (const std::system_error& error) {  // filesystem_error is one
        notify(fmt::format("tuned baselines are not kept: {}", error.what()));
    }
}

fs::path BaselineCache::users_file() const { return fs::path(file_).replace_extension(".f32"); }

void BaselineCache::notify(const std::string& text) const {
    if (notice_) notice_(text);
}

}  // namespace fedhash::scenarios
