#include "scenarios/report/table_formats.hpp"

#include <doctest/doctest.h>

using namespace fedhash::scenarios::report;

namespace {

const TitledTable awkward{
    "50 % of_it",
    {{{"", false}, {"a|b"}, {"c"}},
     {{{"x_1 & y #2"}, {"0.5 ± 0.1* "}, {"–"}}, {{"[short]"}, {"-1"}, {"[-1, -2]"}}}},
    {"* p < 0.05 {so}, ~$1 ^2 \\ × ·…"}};

}  // namespace

TEST_CASE("a CSV field is quoted where it must be") {
    CHECK(csv_field("plain") == "plain");
    CHECK(csv_field("") == "");
    CHECK(csv_field("a,b") == "\"a,b\"");
    CHECK(csv_field("a\"b") == "\"a\"\"b\"");
    CHECK(csv_field("a\nb") == "\"a\nb\"");
}

TEST_CASE("a terminal gets the title, the aligned table and the wrapped notes") {
    CHECK(terminal_text({"Title", {{{"a"}}, {{{"1"}}}}, {"one two three"}}, Style{}, 8) ==
          "Title\na\n1\none two\n  three\n");
}

TEST_CASE("Markdown: specials are escaped, short rows filled up") {
    CHECK(markdown_text(awkward) ==
          "### 50 % of\\_it\n\n"
          "|  | a\\|b | c |\n"
          "| :--- | ---: | ---: |\n"
          "| x\\_1 & y #2 | 0.5 ± 0.1\\* | – |\n"
          "| [short] | -1 | [-1, -2] |\n"
          "\n\\* p &lt; 0.05 {so}, ~$1 ^2 \\ × ·…\n");
}

TEST_CASE("LaTeX: specials are escaped, no row begins with a bracket") {
    CHECK(latex_text(awkward) ==
          "\\begin{table}\n\\centering\n\\caption{50 \\% of\\_it}\n"
          "\\begin{tabular}{lrr}\n\\toprule\n"
          " & a|b & c \\\\\n"
          "\\midrule\n"
          "x\\_1 \\& y \\#2 & 0.5 $\\pm$ 0.1* & -- \\\\\n"
          "{[}short{]} & $-$1 & {[}$-$1, $-$2{]} \\\\\n"
          "\\bottomrule\n\\end{tabular}\n"
          "\\par\\footnotesize * p $<$ 0.05 \\{so\\}, \\textasciitilde{}\\$1 "
          "\\textasciicircum{}2 \\textbackslash{} $\\times$ $\\cdot$\\ldots{}\n"
          "\\end{table}\n");
}
