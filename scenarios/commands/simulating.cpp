#include "scenarios/commands/simulating.hpp"

#include <nlohmann/json.hpp>

#include "scenarios/report/status_line.hpp"

namespace fedhash::scenarios {

std::string joined(const char* command, const Words& words) {
    std::string text = command;
    for (const std::string& word : words) {
        const bool plain = word.find_first_of(" \t'\"$*?;&|<>()[]{}") == std::string::npos;
        text += plain ? " " + word : " '" + word + "'";
    }
    return text;
}

nlohmann::json simulate_with_status(const Loaded& loaded, const std::string& command,
                                    const Replay* replay) {
    report::StatusLine status = report::StatusLine::on_stderr();
    const Announcer announce{[&status](const std::string& text) { status.progress(text); },
                             [&status](const std::string& text) { status.step(text); },
                             [&status](const std::string& text) { status.say(text); }};
    return simulate(loaded, command, announce, replay);
}

}  // namespace fedhash::scenarios
