#include "scenarios/report/table.hpp"

#include <doctest/doctest.h>

using namespace fedhash::scenarios::report;

namespace {

const Table small{{{"", false}, {"HR@10"}, {"n"}},
                  {{{"größer"}, {"0.25", Tone::bold}, {"1"}}, {{"a"}, {}, {"1,000"}}, {{"short"}}}};

}  // namespace

TEST_CASE("a table is aligned by code points, numbers to the right, without blanks at line ends") {
    CHECK(render(small, Style{}) ==
          "        HR@10      n\n"
          "größer   0.25      1\n"
          "a              1,000\n"
          "short\n");
    CHECK(width_of(small) == 20);
}

TEST_CASE("style paints without moving a column") {
    CHECK(render(small, Style{true}) ==
          "        \x1b[2mHR@10\x1b[0m      \x1b[2mn\x1b[0m\n"
          "größer   \x1b[1m0.25\x1b[0m      1\n"
          "a              1,000\n"
          "short\n");
}

TEST_CASE("the last column can go on in more lines, or be cut") {
    const Table table{{{"name", false}, {"about", false}}, {{{"a"}, {"one two three"}}, {{"b"}}}};
    CHECK(render_wrapped(table, 14, Style{}) ==
          "name  about\n"
          "a     one two\n"
          "      three\n"
          "b\n");
    CHECK(render_wrapped(table, 100, Style{}) == render(table, Style{}));
    Table longer = table;
    longer.rows[0][1].text = "a label of twenty-four c";
    CHECK(render_cut(longer, 0, Style{}) == render(longer, Style{}));
    CHECK(render_cut(longer, 30, Style{}) == render(longer, Style{}));
    CHECK(render_cut(longer, 29, Style{}) ==
          "name  about\n"
          "a     a label of twenty-four…\n"
          "b\n");
    CHECK(render_cut(longer, 3, Style{}).find("a     a label of twenty-f…\n") != std::string::npos);
}

TEST_CASE("a table of nothing is nothing but its titles") {
    CHECK(render(Table{{{"x"}}, {}}, Style{}) == "x\n");
    CHECK(width_of(Table{}) == 0);
}

TEST_CASE("style is off without a terminal, with NO_COLOR and on a dumb terminal") {
    CHECK(style_for(true, nullptr, nullptr).on);
    CHECK(style_for(true, nullptr, "xterm").on);
    CHECK(style_for(true, "", "xterm").on);  // set but empty does not count: no-color.org
    CHECK_FALSE(style_for(false, nullptr, "xterm").on);
    CHECK_FALSE(style_for(true, "1", "xterm").on);
    CHECK_FALSE(style_for(true, nullptr, "dumb").on);
}

TEST_CASE("painting with style off changes nothing") {
    CHECK(Style{}.paint(Tone::bad, "x") == "x");
    CHECK(Style{true}.paint(Tone::plain, "x") == "x");
    CHECK(Style{true}.paint(Tone::bad, "") == "");
    CHECK(Style{true}.paint(Tone::dim, "x") == "\x1b[2mx\x1b[0m");
}
