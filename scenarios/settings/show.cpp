#include "scenarios/settings/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "scenarios/settings/expectations.hpp"
#include "scenarios/settings/table.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {

using namespace settings;

namespace {

constexpr std::size_t page_width = 100;

std::string absolute(const std::string& path) {
    return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

/// Given files are relative to data.path; only when that is empty are they relative to the current
/// folder.
Scenario with_absolute_paths(Scenario scenario) {
    DataSettings& data = scenario.data;
    if (data.path.empty())
        for (std::string* file : {&data.train, &data.valid, &data.test, &data.candidates})
            *file = absolute(*file);
    data.path = absolute(data.path);
    return scenario;
}

/// Help, then what follows in brackets: a unit, a range.
std::string meaning(const Setting& setting, const std::string& note) {
    return note.empty() ? std::string(setting.help) : fmt::format("{} ({})", setting.help, note);
}

std::string range_text(const Setting& setting) {
    const std::string allowed = allowed_text(setting);
    return setting.unit.empty() ? allowed : fmt::format("{} {}", allowed, setting.unit);
}

/// Words in lines of `width`, each after the first behind `indent` blanks; the first line has
/// `used` columns already.
std::string wrapped(const std::string& text, std::size_t used, std::size_t indent) {
    std::string result;
    std::size_t column = used;
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find(' ', start), text.size());
        const std::string word = text.substr(start, end - start);
        if (start > 0 && column + 1 + word.size() > page_width) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (start > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word.size();
        start = end + 1;
    }
    return result;
}

}  // namespace

std::string config_text(const Loaded& loaded) {
    struct Line {
        std::string setting, origin;
    };
    std::vector<Line> lines;
    for (const Resolved& value : loaded.values)
        lines.push_back({fmt::format("{} = {}", value.key, value.value), value.origin});
    for (const Expectation& expectation : loaded.scenario.expect)
        lines.push_back({fmt::format("expect.{} = {}", toml_string(expectation.name),
                                     toml_string(condition_text(expectation))),
                         expectation.origin});

    constexpr std::size_t widest = 48;  // a long title does not push all origins to the right
    std::size_t width = 0;
    for (const Line& line : lines)
        if (line.setting.size() <= widest) width = std::max(width, line.setting.size());
    std::string text;
    for (const Line& line : lines)
        text += fmt::format("{:<{}}  # {}\n", line.setting, width, line.origin);
    return text;
}

std::string write_resolved(const Loaded& loaded) {
    const Scenario scenario = with_absolute_paths(loaded.scenario);
    Scenario copy = scenario;
    std::string text =
        "# All settings of a run. Run it again: fedhash run config.toml\n"
        "# Relative data paths were made absolute, so that this works from any folder.\n\n";
    std::string_view section;
    for (const Setting& setting : all_settings()) {
        if (setting.section() != section) {
            section = setting.section();
            text += fmt::format("\n[{}]\n", section);
        }
        // Whether somebody chose it matters: what the data brings along beats a default.
        const bool open = setting.chosen && !*setting.chosen(copy);
        const std::string line = fmt::format("{}{} = {}", open ? "# " : "", setting.name(),
                                             value_text(setting, scenario));
        const std::string note =
            open ? "not chosen: the data may decide" : std::string(setting.unit);
        text += fmt::format("{:<31} # {}\n", line, meaning(setting, note));
    }
    if (!scenario.expect.empty()) text += "\n[expect]\n";
    for (const Expectation& expectation : scenario.expect)
        text += fmt::format("{} = {}\n", toml_string(expectation.name),
                            toml_string(condition_text(expectation)));
    return text;
}

std::string settings_help() {
    constexpr std::size_t indent = 34;
    const Scenario defaults;
    std::string text =
        "Settings and their defaults, as in a scenario file. On the command line: --set "
        "run.rounds=20; in the\n"
        "environment: FEDHASH_RUN_ROUNDS=20. Command line > environment > file > preset > "
        "default.\n\n";
    std::string_view section;
    for (const Setting& setting : all_settings()) {
        if (setting.section() != section) {
            section = setting.section();
            text += fmt::format("\n[{}]\n", section);
        }
        const std::string line =
            fmt::format("{:<{}}",
                        fmt::format("  {} = {}", setting.name(), value_text(setting, defaults)),
                        indent - 2) +
            "  ";
        text += line + wrapped(meaning(setting, range_text(setting)), line.size(), indent);
        text += '\n';
    }
    text += "\n[expect]\n" +
            wrapped(
                "  What must hold at the end: a metric of the codes or a dotted path into "
                "summary.json, compared with a "
                "number or with another path.",
                0, 2) +
            "\n  \"HR@10\" = \">= 0.2\"\n  \"NDCG@10\" = \"> baselines.popularity.NDCG@10\"\n  "
            "users_lost = \"== 0\"\n";
    return text;
}

}  // namespace fedhash::scenarios
