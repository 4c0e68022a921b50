#include "scenarios/data/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace fedhash::scenarios;

TEST_CASE("UTF-8 stays as it is and ISO-8859-1 becomes UTF-8") {
    CHECK(to_utf8("plain") == "plain");
    CHECK(to_utf8("Am\xC3\xA9lie") == "Am\xC3\xA9lie");
    CHECK(to_utf8("Am\xE9lie") == "Am\xC3\xA9lie");
    CHECK(to_utf8("\xE2\x82\xAC \xF0\x9F\x8E\xAC") == "\xE2\x82\xAC \xF0\x9F\x8E\xAC");
    CHECK(to_utf8("\xFF") == "\xC3\xBF");
}

TEST_CASE("overlong, surrogate and cut-off sequences are not UTF-8") {
    for (const std::string bytes : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                    "\xE2\x82", "\xF0\x9F\x8E"}) {
        CAPTURE(bytes.size());
        CHECK(to_utf8(bytes) != bytes);
        CHECK(to_utf8(to_utf8(bytes)) == to_utf8(bytes));
    }
}

TEST_CASE("a number fills its text and is finite") {
    CHECK(parse_number("4.5") == 4.5);
    CHECK(parse_number("+1e3") == 1000);
    CHECK(parse_number("-0.25") == -0.25);
    for (const char* text :
         {"", "nan", "inf", "-inf", "1e999", "3 stars", "1,5", "0x10", " 1", "++1", "-", "."}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text));
    }
}

TEST_CASE("quoted text is short, printable and UTF-8") {
    CHECK(in_quotes("abc") == "\"abc\"");
    CHECK(in_quotes("a\tb\x1b[31m") == "\"a\\x09b\\x1b[31m\"");
    CHECK(in_quotes("\xE9") == "\"\xC3\xA9\"");
    CHECK(in_quotes(std::string(1000, 'x')).size() < 50);
}

TEST_CASE("column names are compared without case and separators") {
    CHECK(folded("User-ID") == "userid");
    CHECK(folded("user_id") == folded("userId"));
}

TEST_CASE("counts are grouped by thousands") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
}
