// fedhash frames: what a recorded run said and heard, a frame a line, in words.
#include <fmt/format.h>

#include <iostream>
#include <limits>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/playback/playback.hpp"
#include "scenarios/playback/words.hpp"
#include "scenarios/settings/nearest.hpp"

namespace fedhash::scenarios {
namespace {

namespace options = boost::program_options;

std::string type_of(const RecordedFrame& frame) {
    if (!frame.left.empty()) return "left";
    if (!frame.frame) return wire::name(wire::Type::hello);
    return wire::name(wire::read_header(wire::View(*frame.frame).first<wire::header_bytes>()).type);
}

void check_type(const std::string& type) {
    std::vector<std::string> known{"left"};
    for (std::size_t t = 1; t < wire::type_count; ++t)
        known.emplace_back(wire::name(wire::Type(t)));
    if (std::ranges::find(known, type) == known.end())
        throw UsageError(fmt::format("--type: no type '{}'{}; there is {}", type,
                                     settings::did_you_mean(type, known), fmt::join(known, ", ")));
}

}  // namespace

int frames_command(const Words& words) {
    options::options_description known("Options");
    known.add_options()("type", options::value<std::string>()->value_name("TYPE"),
                        "frames of this type alone, such as reply")(
        "client", options::value<std::int64_t>()->value_name("N"), "of this client alone")(
        "limit", options::value<std::int64_t>()->value_name("N"), "no more than so many");
    const auto given = parse(
        words, "fedhash frames FILE|RUN [--type TYPE] [--client N] [--limit N]", known, "file");
    if (!given) return exit_ok;
    if (given->count("file") == 0)
        throw UsageError("which record? A run leaves record.bin in its folder with --record");
    const std::string type = given->count("type") == 0 ? "" : (*given)["type"].as<std::string>();
    if (!type.empty()) check_type(type);
    const Record record = read_record((*given)["file"].as<std::string>());
    const std::int64_t limit = given->count("limit") == 0 ? std::numeric_limits<std::int64_t>::max()
                                                          : (*given)["limit"].as<std::int64_t>();
    if (limit < 1) throw UsageError(fmt::format("--limit {}: one frame or more, please", limit));
    const bool one_client = given->count("client") != 0;
    const std::int64_t client = one_client ? (*given)["client"].as<std::int64_t>() : 0;
    if (one_client &&
        (client < 0 || client >= connections(record.options.variant, record.options.clients)))
        throw UsageError(fmt::format("--client {}: the run has {} clients, numbered from 0", client,
                                     record.options.clients));
    FrameWords reader(record.options);
    std::int64_t shown = 0;
    for (const RecordedFrame& frame : record.frames) {
        if (shown == limit) break;
        if (one_client && frame.client != client) continue;
        const std::string text = reader.of(frame);
        if (!type.empty() && type_of(frame) != type) continue;
        const std::size_t bytes = frame.frame ? frame.frame->size() : 0;
        std::cout << fmt::format("{:>12.6f} s  {}  client {:<5} {:<8} {:>8}  {}\n",
                                 1e-9 * static_cast<double>(frame.time_ns),
                                 frame.up ? "up  " : "down", frame.client, type_of(frame),
                                 bytes == 0 ? "" : fmt::format("{} B", bytes), text);
        ++shown;
    }
    if (!record.complete) std::cerr << early_end(record) << "\n";
    return exit_ok;
}

}  // namespace fedhash::scenarios
