// fedhash search-bench: hands over to the program that is linked with the peers.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "common/errors.hpp"
#include "scenarios/commands/commands.hpp"
#include "scenarios/launch/program_folder.hpp"

namespace fedhash::scenarios {

int search_bench_command(const Words& words) {
    const std::filesystem::path program = program_folder() / "fedhash-search-bench";
    if (!std::filesystem::exists(program))
        throw UsageError(program.string() +
                         " was not built; apt-get install libfaiss-dev libopenblas-dev for its "
                         "peers, then: cmake --preset release && cmake --build --preset release "
                         "--target fedhash-search-bench");
    std::string name = "fedhash search-bench";
    std::vector<char*> arguments{name.data()};
    std::vector<std::string> copies(words);
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::cout.flush();
    execv(program.c_str(), arguments.data());
    throw RunError(program.string() + ": cannot be started: " + std::strerror(errno));
}

}  // namespace fedhash::scenarios
