// The subcommands of `fedhash`: each takes the words after its name and returns the exit code.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace fedhash::scenarios {

using Words = std::vector<std::string>;

struct Command {
    const char* name;
    int (*run)(const Words& words);
    const char* usage;
    const char* about;
};

int run_command(const Words& words);
int sweep_command(const Words& words);
int compare_command(const Words& words);
int attack_command(const Words& words);
int replay_command(const Words& words);
int frames_command(const Words& words);
int deal_command(const Words& words);
int budget_command(const Words& words);
int methods_command(const Words& words);
int config_command(const Words& words);
int data_command(const Words& words);
int runs_command(const Words& words);
int query_command(const Words& words);
int search_bench_command(const Words& words);

}  // namespace fedhash::scenarios
