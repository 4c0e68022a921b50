#include "scenarios/commands/arguments.hpp"

#include <iostream>

#include "common/errors.hpp"
#include "scenarios/experiments/sweep_record.hpp"

namespace fedhash::scenarios {

namespace options = boost::program_options;

options::options_description setting_options() {
    options::options_description known("Options");
    known.add_options()("data", options::value<std::string>()->value_name("PATH"),
                        "folder or file with the data (data.path)")(
        "set", options::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
        "override a setting; may be repeated (all settings: fedhash help settings)")(
        "winner", options::value<std::string>()->value_name("SWEEP"),
        "with the settings that won in this sweep, where --set says nothing else")(
        "no-baselines", "skip random, popularity and the real-valued ceiling");
    return known;
}

options::options_description scenario_options() {
    options::options_description known = setting_options();
    known.add_options()("out", options::value<std::string>()->value_name("DIR"),
                        "make the run folder in DIR (output.dir)")(
        "record", "keep every frame in record.bin, all uploads among them (output.record)");
    return known;
}

std::optional<options::variables_map> parse(const Words& words, const std::string& usage,
                                            const options::options_description& visible,
                                            const std::string& first, const std::string& rest) {
    options::options_description known = options::options_description().add(visible);
    known.add_options()("help,h", "this text");
    options::positional_options_description order;
    if (!first.empty()) {
        known.add_options()(first.c_str(), options::value<std::string>());
        order.add(first.c_str(), 1);
    }
    if (!rest.empty()) {
        known.add_options()(rest.c_str(), options::value<std::vector<std::string>>());
        order.add(rest.c_str(), -1);
    }
    options::variables_map given;
    try {
        options::store(options::command_line_parser(words)
                           .options(known)
                           .positional(order)
                           .style(options::command_line_style::unix_style &
                                  ~options::command_line_style::allow_guessing)
                           .run(),
                       given);
    } catch (const options::error& error) {
        throw UsageError(std::string(error.what()) + "; usage: " + usage);
    }
    if (given.count("help") == 0) return given;
    std::cout << "usage: " << usage << "\n\n" << visible;
    return std::nullopt;
}

std::filesystem::path preset_folder() { return FEDHASH_PRESETS; }

std::vector<Override> setting_overrides(const options::variables_map& given) {
    std::vector<Override> overrides;
    if (given.count("winner") != 0)
        overrides = read_winner(given["winner"].as<std::string>()).settings;
    if (given.count("data") != 0)
        overrides.push_back({"data.path", given["data"].as<std::string>()});
    if (given.count("record") != 0) overrides.push_back({"output.record", "true"});
    if (given.count("no-baselines") != 0) overrides.push_back({"baselines.enabled", "false"});
    if (given.count("set") != 0)
        for (const std::string& item : given["set"].as<std::vector<std::string>>())
            overrides.push_back(parse_override(item));
    return overrides;
}

Loaded load_scenario(const options::variables_map& given) {
    std::vector<Override> overrides;
    if (given.count("out") != 0)
        overrides.push_back({"output.dir", given["out"].as<std::string>()});
    for (Override& one : setting_overrides(given)) overrides.push_back(std::move(one));
    const std::string file = given.count("file") != 0 ? given["file"].as<std::string>() : "";
    return load(file, preset_folder(), overrides, process_environment());
}

}  // namespace fedhash::scenarios
