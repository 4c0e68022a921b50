// A record of everything that a coordinator said and heard, for a replay without devices and for
// looking at (fedhash replay FILE, fedhash frames FILE). It holds all uploads, so it is its owner's
// alone (mode 0600). The run token is left out.
//
//   "FHRECORD" | version u32 | entries, each: kind u8 | modelled time i64 (ns) | client u32 | bytes
//
//   options   the coordinator's options, as text
//   table     a frame that follows for several clients
//   down      the last table, or a frame of its own, was posted to the client
//   up        a frame came from the client, at its modelled arrival; a hello without its body
//   left      the session ended; the reason
//   end       the run reached its end; a record without it was cut off
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>

#include "common/wire/channel.hpp"
#include "server/options.hpp"

namespace fedhash::server {

enum class RecordKind : std::uint8_t { options, table, down, up, left, end };

struct RecordEntry {
    RecordKind kind{};
    std::int64_t time_ns = 0;
    std::uint32_t client = 0;
    wire::View bytes;
    template <class Archive>
    void serialize(Archive& ar) {
        auto number = static_cast<std::uint8_t>(kind);
        ar(number, time_ns, client, bytes);
        if (number > static_cast<std::uint8_t>(RecordKind::end))
            throw wire::DecodeError("an entry of an unknown kind");
        kind = RecordKind{number};
    }
};

constexpr std::array<std::uint8_t, 12> record_magic{'F', 'H', 'R', 'E', 'C', 'O',
                                                    'R', 'D', 2,   0,   0,   0};

class Recorder {
  public:
    /// Creates the file. Throws RunError.
    Recorder(const std::filesystem::path& file, const Options& options,
             std::function<std::int64_t()> now_ns);

    void down(std::uint32_t client, const wire::Encoded& frame);
    void up(std::uint32_t client, const wire::Frame& frame, std::int64_t arrival_ns);
    void left(std::uint32_t client, const std::string& reason);
    void end();

  private:
    void write(RecordKind kind, std::int64_t time_ns, std::uint32_t client, wire::View bytes);

    std::filesystem::path path_;
    std::ofstream file_;
    std::function<std::int64_t()> now_ns_;
    wire::Encoded table_;  // that was written last
};

}  // namespace fedhash::server
