#include "scenarios/report/format.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace fedhash::scenarios::report;

TEST_CASE("durations read well from milliseconds to hours") {
    CHECK(duration_text(0) == "0 ms");
    CHECK(duration_text(0.0854) == "85 ms");
    CHECK(duration_text(0.9996) == "1.0 s");
    CHECK(duration_text(4.24) == "4.2 s");
    CHECK(duration_text(9.97) == "10 s");
    CHECK(duration_text(59.4) == "59 s");
    CHECK(duration_text(59.9) == "1 min 00 s");
    CHECK(duration_text(200) == "3 min 20 s");
    CHECK(duration_text(3599.7) == "1 h 00 min");
    CHECK(duration_text(7530) == "2 h 06 min");
    CHECK(duration_text(-1) == "–");
    CHECK(duration_text(std::numeric_limits<double>::quiet_NaN()) == "–");
}

TEST_CASE("bytes go by powers of ten") {
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(8) == "8 B");
    CHECK(bytes_text(8.25) == "8.2 B");
    CHECK(bytes_text(812.4) == "812 B");
    CHECK(bytes_text(999.4) == "999 B");
    CHECK(bytes_text(999.6) == "1.0 kB");
    CHECK(bytes_text(1'000) == "1.0 kB");
    CHECK(bytes_text(1'234'567) == "1.2 MB");
    CHECK(bytes_text(123'456'789) == "123 MB");
    CHECK(bytes_text(999'960'000) == "1.0 GB");
    CHECK(bytes_text(2.5e18) == "2500 PB");
    CHECK(bytes_text(-1) == "–");
}

TEST_CASE("counts have thousands separators") {
    CHECK(count_text(0) == "0");
    CHECK(count_text(999) == "999");
    CHECK(count_text(1'000) == "1,000");
    CHECK(count_text(1'000'209) == "1,000,209");
    CHECK(count_text(18'446'744'073'709'551'615u) == "18,446,744,073,709,551,615");
    CHECK(counted(1, "client", "clients") == "1 client");
    CHECK(counted(0, "client", "clients") == "0 clients");
}

TEST_CASE("a shell's words are quoted where they must be") {
    CHECK(shell_word("runs/a-1_b+c=d.e,f:g@h%") == "runs/a-1_b+c=d.e,f:g@h%");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b*") == "'a b*'");
    CHECK(shell_word("it's") == "'it'\\''s'");
}

TEST_CASE("width counts code points") {
    CHECK(width_of("") == 0);
    CHECK(width_of("users × items") == 13);
    CHECK(width_of("–…·") == 3);
}

TEST_CASE("text is cut to a width between code points") {
    CHECK(fit("round 3", 7) == "round 3");
    CHECK(fit("round 3", 6) == "round…");
    CHECK(fit("ééé", 2) == "é…");
    CHECK(fit("abc", 1) == "…");
    CHECK(fit("abc", 0) == "");
    CHECK(fit("", 0) == "");
}

TEST_CASE("words are wrapped within the width") {
    CHECK(wrap("", 10, 2) == "");
    CHECK(wrap("one two three", 20, 2) == "one two three");
    CHECK(wrap("one two three", 7, 2) == "one two\n  three");
    CHECK(wrap("one two three", 9, 2) == "one two\n  three");
    CHECK(wrap("unbreakable words", 4, 1) == "unbreakable\n words");
}
