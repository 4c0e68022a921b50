// fedhash: what people type.
#include <array>
#include <cstdio>
#include <iostream>

#include "common/errors.hpp"
#include "scenarios/commands/commands.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/show.hpp"

namespace {

using namespace fedhash;
using scenarios::Command;
using scenarios::Words;

constexpr std::array commands{
    Command{"run", scenarios::run_command, "run FILE [options]",
            "run an experiment; ends with a table and a run folder"},
    Command{"sweep", scenarios::sweep_command, "sweep FILE KEY=A,B...",
            "try settings, choose on validation, test the winner"},
    Command{"compare", scenarios::compare_command, "compare RUN...",
            "runs beside each other, with a test over users"},
    Command{"deal", scenarios::deal_command, "deal FILE --to FOLDER",
            "shards and options for programs that are started by hand, on other machines"},
    Command{"replay", scenarios::replay_command, "replay RUN-FOLDER|FILE",
            "run again in one process, or from a record without devices; compare the codes"},
    Command{"frames", scenarios::frames_command, "frames FILE|RUN",
            "what a recorded run said and heard, in words"},
    Command{"budget", scenarios::budget_command, "budget RUN",
            "what a run's users paid in bytes, and what that bought"},
    Command{"attack", scenarios::attack_command, "attack RUN|FILE",
            "what a curious coordinator learns of users from their uploads"},
    Command{"methods", scenarios::methods_command, "methods",
            "the pieces a method is made of, and the presets"},
    Command{"config", scenarios::config_command, "config [FILE]",
            "every setting, its value and where that came from"},
    Command{"data", scenarios::data_command, "data info PATH", "what a data set holds"},
    Command{"runs", scenarios::runs_command, "runs [DIR]", "list run folders"},
    Command{"query", scenarios::query_command, "query RUN --user ID",
            "a user's nearest items by code, with titles"},
    Command{"search-bench", scenarios::search_bench_command, "search-bench [options]",
            "speed of search on this machine, beside float and Faiss"},
};

std::string help() {
    std::string text =
        "fedhash: federated learning to hash for recommendation, simulated with real processes\n\n"
        "  fedhash run scenarios/quickstart.toml                        built-in data, a few "
        "seconds\n"
        "  fedhash run scenarios/ml-1m.toml --data FOLDER               MovieLens 1M, 8 client "
        "processes\n"
        "  fedhash run scenarios/ml-1m.toml --data FOLDER --set run.clients=users\n"
        "                                                               one process for each of "
        "6,040 users\n"
        "  fedhash run scenarios/quickstart.toml --set method.bits=128 --json\n"
        "  fedhash config scenarios/ml-1m.toml                          where each value comes "
        "from\n\n"
        "Commands\n";
    for (const Command& command : commands) {
        char line[160];
        std::snprintf(line, sizeof line, "  %-24s %s\n", command.usage, command.about);
        text += line;
    }
    return text +
           "  help settings            every setting with its default and range\n  version\n\n"
           "fedhash COMMAND --help shows a command's options. Documentation: docs/\n";
}

int dispatch(const Words& words) {
    if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
        const bool settings = words.size() > 1 && words[1] == "settings";
        if (words.size() > 1 && !settings)
            throw UsageError("no help on '" + words[1] +
                             "'; there is: fedhash help settings, and fedhash " + words[1] +
                             " --help where that is a command");
        std::cout << (settings ? scenarios::settings_help() : help());
        return words.empty() ? exit_usage : exit_ok;
    }
    if (words[0] == "version" || words[0] == "--version") {
        std::cout << "fedhash " FEDHASH_VERSION "\n";
        return exit_ok;
    }
    std::vector<std::string> names;
    for (const Command& command : commands) {
        if (words[0] == command.name) return command.run({words.begin() + 1, words.end()});
        names.emplace_back(command.name);
    }
    throw UsageError("unknown command '" + words[0] + "'" +
                     scenarios::settings::did_you_mean(words[0], names) + "; see fedhash help");
}

}  // namespace

int main(int argc, char** argv) {
    int code = exit_run_failed;
    std::string message;
    try {
        const int result = dispatch({argv + 1, argv + argc});
        std::cout.flush();
        if (std::cout) return result;
        message = "cannot write to standard output";
    } catch (const Error& error) {
        code = error.code();
        message = error.what();
    } catch (const std::exception& error) {
        message = std::string("unexpected: ") + error.what();
    }
    std::cerr << "error: " << message << '\n';
    return code;
}
