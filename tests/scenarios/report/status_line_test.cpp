#include "scenarios/report/status_line.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace fedhash::scenarios::report;

TEST_CASE("on a terminal the line is rewritten in place and erased at the end") {
    std::ostringstream out;
    {
        StatusLine line(out, [] { return std::size_t{80}; });
        line.progress("round 1");
        line.step("round 1 of 2");
        line.step("round 1 of 2");  // nothing new, nothing drawn
    }
    CHECK(out.str() == "\r\x1b[Kround 1\r\x1b[Kround 1 of 2\r\x1b[K");
}

TEST_CASE("the live line fits into the terminal, one column left free") {
    std::ostringstream out;
    StatusLine line(out, [] { return std::size_t{8}; });
    line.progress("round 1 of 2");
    CHECK(out.str() == "\r\x1b[Kround …");
}

TEST_CASE("a line that stays goes above the live one") {
    std::ostringstream out;
    StatusLine line(out, [] { return std::size_t{80}; });
    line.progress("round 1");
    line.say("client 3 is lost");
    CHECK(out.str() == "\r\x1b[Kround 1\r\x1b[Kclient 3 is lost\n\r\x1b[Kround 1");
}

TEST_CASE("without a terminal there are plain lines, steps only") {
    std::ostringstream out;
    {
        StatusLine line(out, [] { return std::size_t{0}; });
        line.progress("round 1: 3 of 8");
        line.step("round 1 of 2");
        line.say("client 3 is lost");
        line.erase();
    }
    CHECK(out.str() == "round 1 of 2\nclient 3 is lost\n");
}

TEST_CASE("nothing shown, nothing erased") {
    std::ostringstream out;
    {
        StatusLine line(out, [] { return std::size_t{80}; });
    }
    CHECK(out.str().empty());
}

TEST_CASE("a terminal of one column does no harm") {
    std::ostringstream out;
    StatusLine line(out, [] { return std::size_t{1}; });
    line.progress("round 1");
    CHECK(out.str() == "\r\x1b[K");
}
