// fedhash methods: the pieces a method is made of, and the presets.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "client/feedback.hpp"
#include "client/learner.hpp"
#include "client/objective.hpp"
#include "client/regulariser.hpp"
#include "client/relaxed_losses.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/similarity.hpp"
#include "common/solver.hpp"
#include "common/uplink.hpp"
#include "common/wire/coders.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/table.hpp"
#include "server/item_step.hpp"
#include "server/quantiser.hpp"

namespace fedhash::scenarios {

namespace {

namespace fs = std::filesystem;
namespace options = boost::program_options;
using report::Table;

constexpr std::size_t usual_columns = 100;  // where the output is no terminal

template <class Pieces>
void add_axis(Table& table, const std::string& axis, const std::string& question,
              const Pieces& pieces) {
    table.rows.push_back({{"method." + axis, report::Tone::bold}, {question, report::Tone::dim}});
    for (const auto& piece : pieces)
        table.rows.push_back({{"  " + std::string(piece.name)}, {piece.about}});
}

/// The comment at the head of a file, in one line up to its first full stop.
std::string first_sentence(const fs::path& file) {
    std::ifstream in(file);
    std::string text;
    for (std::string line; std::getline(in, line) && line.starts_with('#');) {
        const auto begin = line.find_first_not_of("# ");
        if (begin != std::string::npos) text += (text.empty() ? "" : " ") + line.substr(begin);
        const auto end = text.find(". ");
        if (end != std::string::npos) return text.substr(0, end + 1);
    }
    return text;
}

std::vector<fs::path> preset_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(preset_folder()))
        if (entry.path().extension() == ".toml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int methods_command(const Words& words) {
    options::options_description known("Options");
    known.add_options()("names", "the presets' names alone, one a line");
    const auto given = parse(words, "fedhash methods [--names]", known, "");
    if (!given) return exit_ok;
    if (given->count("names") != 0) {
        for (const fs::path& file : preset_files()) std::cout << file.stem().string() << '\n';
        return exit_ok;
    }
    const report::Style style = report::style_of(1);
    Table axes{{{"axis and piece", false}, {"what it is", false}}, {}};
    add_axis(axes, "learner", "what a device solves for", client::learners());
    add_axis(axes, "similarity", "how two codes make a score", similarities());
    add_axis(axes, "feedback", "what interactions are taken to mean", client::feedbacks());
    add_axis(axes, "objective", "what scores should achieve", client::objectives());
    add_axis(axes, "objective", "of learners that go by gradients (real ... mixed)",
             client::relaxed_losses());
    add_axis(axes, "regulariser", "what else a user's code should be", client::regularisers());
    add_axis(axes, "solver", "how a code is found", solvers());
    add_axis(axes, "uplink", "what a device says", uplinks());
    add_axis(axes, "exchange", "how a round's words travel", exchanges());
    add_axis(axes, "item_rule", "how the server makes items of the sums", server::item_rules());
    add_axis(axes, "quantiser", "how real factors become codes at the end", server::quantisers());
    for (const wire::CoderRow& row : wire::coder_rows()) {
        const std::string title = "coding." + std::string(row.content);
        if (std::ranges::none_of(axes.rows,
                                 [&](const auto& cells) { return cells[0].text == title; }))
            axes.rows.push_back(
                {{title, report::Tone::bold}, {"how it is written", report::Tone::dim}});
        axes.rows.push_back({{"  " + std::string(row.name)}, {std::string(row.about)}});
    }
    const std::size_t terminal = report::terminal_columns(1);
    const std::size_t columns = terminal == 0 ? usual_columns : terminal;
    std::cout << render_wrapped(axes, columns, style) << '\n';

    Table presets{{{"preset", false}, {"what it is", false}}, {}};
    for (const fs::path& file : preset_files())
        presets.rows.push_back({{file.stem().string()}, {first_sentence(file)}});
    std::cout << render_wrapped(presets, columns, style)
              << "\nfedhash run FILE --set method.name=PRESET; any piece can be set apart: --set "
                 "method.solver=block.\nFormulas and sources: docs/methods.md. A piece of your "
                 "own: docs/add-a-method.md.\n";
    return exit_ok;
}

}  // namespace fedhash::scenarios
