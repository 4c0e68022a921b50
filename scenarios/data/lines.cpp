#include "scenarios/data/lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

}  // namespace

void Lines::Close::operator()(gzFile_s* file) const { gzclose(file); }

Lines::Lines(const std::filesystem::path& path) : name_(path.string()) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw DataError(name_ + ": expected a file, found a folder");
    errno = 0;
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_)
        throw DataError(fmt::format("{}: cannot be opened: {}", name_,
                                    errno != 0 ? std::strerror(errno) : "out of memory"));
    gzbuffer(file_.get(), static_cast<unsigned>(chunk_bytes));
}

void Lines::fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
    if (end_ > longest_line_bytes)
        throw error_at(
            name_, number_ + 1, 1,
            fmt::format("expected lines of at most {} MiB, found a longer one; this may not be a "
                        "text file",
                        longest_line_bytes >> 20));
    if (buffer_.size() - end_ < chunk_bytes) buffer_.resize(std::max(2 * end_, end_ + chunk_bytes));
    const int got = gzread(file_.get(), buffer_.data() + end_, static_cast<unsigned>(chunk_bytes));
    if (got < static_cast<int>(chunk_bytes)) {
        int code = Z_OK;
        const char* reason = gzerror(file_.get(), &code);
        // A stream that stops early is not an error of gzread: it returns what there was and leaves
        // a note.
        if (code == Z_BUF_ERROR)
            throw DataError(name_ + ": the compressed stream is cut short; fetch the file again");
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            throw DataError(fmt::format("{}: cannot be read: {}", name_,
                                        code == Z_ERRNO ? std::strerror(errno) : reason));
    }
    at_end_ = got == 0;
    end_ += static_cast<std::size_t>(got);
}

bool Lines::raw_line() {
    for (;;) {
        const void* newline = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
        if (newline != nullptr || at_end_) {
            if (newline == nullptr && begin_ == end_) return false;
            const std::size_t stop =
                newline == nullptr
                    ? end_
                    : static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data());
            text_ = std::string_view(buffer_).substr(begin_, stop - begin_);
            begin_ = scanned_ = newline == nullptr ? end_ : stop + 1;
            ++number_;
            return true;
        }
        scanned_ = end_;
        fill();
    }
}

bool Lines::next() {
    while (raw_line()) {
        if (number_ == 1) {
            if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
            if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
                throw error_at(name_, 1, 1,
                               "expected UTF-8 or ISO-8859-1 text, found UTF-16; save it as UTF-8");
        }
        if (text_.ends_with('\r')) {
            text_.remove_suffix(1);
            crlf_ = true;
        }
        if (const auto nul = text_.find('\0'); nul != std::string_view::npos)
            throw error_at(name_, number_, nul + 1,
                           "expected text, found a NUL byte; this may not be a text file");
        if (!trimmed(text_).empty()) return true;
    }
    return false;
}

std::vector<std::string> first_lines(const std::filesystem::path& path, std::size_t count) {
    std::vector<std::string> out;
    for (Lines lines(path); out.size() < count && lines.next();) out.emplace_back(lines.text());
    return out;
}

}  // namespace fedhash::scenarios
