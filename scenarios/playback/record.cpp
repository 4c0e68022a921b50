#include "scenarios/playback/record.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "scenarios/launch/process_costs.hpp"
#include "scenarios/report/format.hpp"

namespace fedhash::scenarios {
namespace {

using server::RecordEntry;
using server::RecordKind;

// The file as it is, its frames, and what is made of them.
constexpr std::uint64_t copies_in_memory = 3;

wire::Buffer contents(const std::filesystem::path& file) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    std::error_code unknown;
    const std::uint64_t size = std::filesystem::file_size(file, unknown);
    if (!unknown && size > available_memory_bytes() / copies_in_memory)
        throw DataError(fmt::format(
            "{}: {}, which takes {} of memory to hear again; {} are free. Record a run of fewer "
            "rounds or users (run.rounds, run.participation)",
            file.string(), report::bytes_text(static_cast<double>(size)),
            report::bytes_text(static_cast<double>(copies_in_memory * size)),
            report::bytes_text(static_cast<double>(available_memory_bytes()))));
    if (!in) throw DataError(file.string() + ": cannot be read: " + std::strerror(errno));
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string text_of(wire::View bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

wire::Encoded checked_frame(wire::View bytes) {
    if (bytes.size() < wire::header_bytes) throw wire::DecodeError("a frame without a header");
    const wire::Header header = wire::read_header(bytes.first<wire::header_bytes>());
    const wire::View body = bytes.subspan(wire::header_bytes);
    if (body.size() != header.length) throw wire::DecodeError("a frame of another length");
    wire::check_body(header, body);
    return std::make_shared<const wire::Buffer>(bytes.begin(), bytes.end());
}

void take(const RecordEntry& entry, Record& record, wire::Encoded& table, std::size_t& said) {
    RecordedFrame frame{entry.time_ns, entry.client, false, nullptr, "", said};
    if (record.complete) throw wire::DecodeError("entries after the end");
    if (entry.client >= connections(record.options.variant, record.options.clients) &&
        entry.kind != RecordKind::options)
        throw wire::DecodeError("a client that the run does not have");
    switch (entry.kind) {
        case RecordKind::options:
            throw wire::DecodeError("options in the middle");
        case RecordKind::table:
            table = checked_frame(entry.bytes);
            return;
        case RecordKind::down:
            frame.frame = entry.bytes.empty() ? table : checked_frame(entry.bytes);
            if (!frame.frame) throw wire::DecodeError("tables that were never written");
            ++said;
            break;
        case RecordKind::up:
            frame.up = true;
            if (!entry.bytes.empty()) frame.frame = checked_frame(entry.bytes);
            break;
        case RecordKind::left:
            frame.up = true;
            frame.left = text_of(entry.bytes);
            break;
        case RecordKind::end:
            record.complete = true;
            return;
    }
    record.frames.push_back(std::move(frame));
}

/// An entry that is there in full.
bool whole(wire::View rest) {
    try {
        wire::ByteReader ahead(rest);
        RecordEntry entry;
        ahead(entry);
        return true;
    } catch (const wire::DecodeError&) {
        return false;
    }
}

}  // namespace

Record read_record(const std::filesystem::path& given) {
    const std::filesystem::path file =
        std::filesystem::is_directory(given) ? given / record_name : given;
    if (!std::filesystem::exists(file))
        throw UsageError(file.string() +
                         ": not there; a run writes it with --record (output.record=true)");
    const wire::Buffer bytes = contents(file);
    const auto fault = [&](const char* what) {
        return DataError(file.string() + ": not a record of fedhash, or a damaged one: " + what);
    };
    if (bytes.size() < server::record_magic.size() ||
        !std::equal(server::record_magic.begin(), server::record_magic.end(), bytes.begin()))
        throw fault("it does not begin like one");
    wire::ByteReader from(wire::View(bytes).subspan(server::record_magic.size()));
    Record record;
    try {
        RecordEntry entry;
        from(entry);
        if (entry.kind != RecordKind::options) throw wire::DecodeError("no options");
        record.options = server::options_from_text(text_of(entry.bytes));
        wire::Encoded table;
        std::size_t said = 0;
        while (from.left() > 0) {
            if (!whole(from.peek())) break;
            from(entry);
            take(entry, record, table, said);
        }
    } catch (const wire::DecodeError& error) {
        throw fault(error.what());
    } catch (const UsageError& error) {
        throw fault(error.what());
    }
    return record;
}

}  // namespace fedhash::scenarios
