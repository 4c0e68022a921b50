// The lines of a text file, plain or gzip. What a text editor may have done to it is undone here:
// byte order mark, carriage returns, blank lines, a missing last newline. The file is streamed, so
// memory is one line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct gzFile_s;  // of zlib

namespace fedhash::scenarios {

constexpr std::size_t longest_line_bytes = std::size_t{16} << 20;

class Lines {
  public:
    /// Throws DataError for a missing file, a folder, an unreadable file.
    explicit Lines(const std::filesystem::path& path);

    /// Moves to the next line that is not blank; false at the end. Throws DataError for a NUL byte,
    /// a line over longest_line_bytes, a damaged or truncated gzip stream.
    bool next();

    std::string_view text() const { return text_; }  // until the next call of next()
    std::size_t number() const { return number_; }   // of the current line, from 1
    const std::string& file() const { return name_; }
    bool crlf() const { return crlf_; }  // a line so far ended in CR LF

  private:
    struct Close {
        void operator()(gzFile_s* file) const;
    };

    bool raw_line();
    void fill();

    std::string name_;
    std::unique_ptr<gzFile_s, Close> file_;
    std::string buffer_;
    std::size_t begin_ = 0;    // of what is not yet handed out
    std::size_t end_ = 0;      // of what was read
    std::size_t scanned_ = 0;  // no newline in [begin_, scanned_)
    bool at_end_ = false;
    std::string_view text_;
    std::size_t number_ = 0;
    bool crlf_ = false;
};

/// The first lines of a file that are not blank, to tell what it is.
std::vector<std::string> first_lines(const std::filesystem::path& path, std::size_t count);

}  // namespace fedhash::scenarios
