#include "scenarios/experiments/identity.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <filesystem>

#include "common/errors.hpp"
#include "scenarios/settings/table.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {

std::string identity_text(const Loaded& loaded) {
    Scenario scenario = loaded.scenario;
    if (!scenario.data.path.empty())
        scenario.data.path =
            std::filesystem::absolute(scenario.data.path).lexically_normal().string();
    std::string text;
    for (const settings::Setting& setting : settings::all_settings()) {
        if (setting.key == "title" || setting.key == "run.threads" || setting.section() == "output")
            continue;
        const bool open = setting.chosen && !*setting.chosen(scenario);
        text += fmt::format("{} = {}{}\n", setting.key, settings::value_text(setting, scenario),
                            open ? " (open)" : "");
    }
    return text;
}

std::string short_hash(std::string_view text) {
    constexpr std::size_t digits = 12;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw RunError("SHA-256 failed");
    std::string hex;
    for (std::size_t i = 0; i < digits / 2; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

}  // namespace fedhash::scenarios
