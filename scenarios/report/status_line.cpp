#include "scenarios/report/status_line.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "scenarios/report/format.hpp"
#include "scenarios/report/table.hpp"

namespace fedhash::scenarios::report {
namespace {

constexpr std::string_view start_over = "\r\x1b[K";

std::size_t stderr_columns() {
    const char* term = std::getenv("TERM");
    if (term && std::string_view(term) == "dumb") return 0;
    constexpr std::size_t unknown_width =
        80;  // a terminal that does not tell, such as a serial line
    const std::size_t columns = terminal_columns(STDERR_FILENO);
    return columns == 0 && isatty(STDERR_FILENO) != 0 ? unknown_width : columns;
}

}  // namespace

StatusLine::StatusLine(std::ostream& out, std::function<std::size_t()> columns)
    : out_(out), columns_(std::move(columns)) {}

StatusLine StatusLine::on_stderr() { return {std::cerr, stderr_columns}; }

StatusLine::~StatusLine() { erase(); }

void StatusLine::draw(const std::string& text, std::size_t columns) {
    if (text == shown_) return;
    // The last column stays free: some terminals wrap as soon as it is written.
    out_ << start_over << fit(text, columns - 1) << std::flush;
    shown_ = text;
}

void StatusLine::progress(const std::string& text) {
    if (const std::size_t columns = columns_(); columns > 0) draw(text, columns);
}

void StatusLine::step(const std::string& text) {
    if (const std::size_t columns = columns_(); columns > 0)
        draw(text, columns);
    else
        out_ << text << std::endl;
}

void StatusLine::say(const std::string& text) {
    const std::string shown = shown_;
    erase();
    out_ << text << std::endl;
    if (!shown.empty()) progress(shown);
}

void StatusLine::erase() {
    if (shown_.empty()) return;
    out_ << start_over << std::flush;
    shown_.clear();
}

}  // namespace fedhash::scenarios::report
