// Tuned baselines on disk, so that the next run on the same data has its ceiling at once.
//
// One JSON file per key, and the users' metrics as plain float32 beside it; the key names the data
// (Prepared::hash), everything of the settings that shapes the result, and a version of this code.
// A file is written beside its place and renamed, and believed only if its key and shape are right.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/baselines/baselines.hpp"
#include "scenarios/baselines/ials_tuning.hpp"

namespace fedhash::scenarios {

class BaselineCache {
  public:
    BaselineCache(const Prepared& data, const BaselineSettings& settings, std::uint64_t seed,
                  std::span<const std::uint32_t> cutoffs,
                  std::function<void(std::string_view)> notice);

    /// Nothing if there is no such file, or, with a notice, if it is not what it should be.
    std::optional<Baseline> load() const;

    /// A failure is a notice.
    void store(const Baseline& baseline, const IalsChoice& choice) const;

  private:
    void notify(const std::string& text) const;

    std::string key_;
    std::filesystem::path file_;  // empty: there is no cache
    std::filesystem::path users_file() const;
    std::size_t users_ = 0, specs_ = 0;
    std::size_t cutoffs_ = 0;
    std::function<void(std::string_view)> notice_;
};

}  // namespace fedhash::scenarios
