// Reading what a coordinator recorded (server/recorder.hpp).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/options.hpp"
#include "server/recorder.hpp"

namespace fedhash::scenarios {

/// A frame of a record.
struct RecordedFrame {
    std::int64_t time_ns = 0;
    std::uint32_t client = 0;
    bool up = false;
    wire::Encoded frame;          // null: a hello
    std::string left;             // why the session ended, where that is what happened
    std::size_t said_before = 0;  // frames that went down to anybody before it
};

struct Record {
    server::Options options;
    std::vector<RecordedFrame> frames;
    bool complete = false;  // the run reached its end
};

/// FILE, or the record in a run folder. Throws DataError with the file and what is wrong; a record
/// that ends in the middle of an entry, as after a crash, ends before it.
Record read_record(const std::filesystem::path& file);

/// What a run with output.record leaves in its folder.
constexpr const char* record_name = "record.bin";

}  // namespace fedhash::scenarios
