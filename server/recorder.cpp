#include "server/recorder.hpp"

#include <cerrno>

#include "common/private_file.hpp"

namespace fedhash::server {

Recorder::Recorder(const std::filesystem::path& file, const Options& options,
                   std::function<std::int64_t()> now_ns)
    : path_(file), now_ns_(std::move(now_ns)) {
    write_private_file(file, record_magic);
    file_.open(file, std::ios::binary | std::ios::app);
    Options told = options;
    told.token = told.shuffler_token = {};
    const std::string text = to_text(told);
    write(RecordKind::options, 0, 0,
          {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void Recorder::write(RecordKind kind, std::int64_t time_ns, std::uint32_t client,
                     wire::View bytes) {
    const wire::Buffer entry = wire::encode(RecordEntry{kind, time_ns, client, bytes});
    errno = 0;
    file_.write(reinterpret_cast<const char*>(entry.data()),
                static_cast<std::streamsize>(entry.size()));
    file_.flush();
    if (!file_) fail_writing(path_, errno);
}

// Tables go to many clients; each is written once.
void Recorder::down(std::uint32_t client, const wire::Encoded& frame) {
    const std::int64_t now_ns = now_ns_();
    if (frame == table_) return write(RecordKind::down, now_ns, client, {});
    const wire::Header header = wire::read_header(wire::View(*frame).first<wire::header_bytes>());
    if (header.type != wire::Type::publish) return write(RecordKind::down, now_ns, client, *frame);
    table_ = frame;
    write(RecordKind::table, now_ns, 0, *frame);
    write(RecordKind::down, now_ns, client, {});
}

void Recorder::up(std::uint32_t client, const wire::Frame& frame, std::int64_t arrival_ns) {
    if (frame.type == wire::Type::hello) return write(RecordKind::up, arrival_ns, client, {});
    write(RecordKind::up, arrival_ns, client, *wire::frame(frame.type, frame.body));
}

void Recorder::left(std::uint32_t client, const std::string& reason) {
    write(RecordKind::left, now_ns_(), client,
          {reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size()});
}

void Recorder::end() { write(RecordKind::end, now_ns_(), 0, {}); }

}  // namespace fedhash::server
