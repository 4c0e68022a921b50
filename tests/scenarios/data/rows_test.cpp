#include "scenarios/data/rows.hpp"

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

std::string cells(std::string_view line, Separator separator) {
    std::vector<Field> fields;
    std::string scratch, out;
    if (!cut(line, separator, fields, scratch)) return "open";
    for (const Field& field : fields)
        out += "[" + std::string(field.text) + "]" + std::to_string(field.column);
    return out;
}

}  // namespace

TEST_CASE("fields are cut, trimmed, and know their column") {
    CHECK(cells("1::22::3", Separator::colons) == "[1]1[22]4[3]8");
    CHECK(cells("a\tb c\t", Separator::tab) == "[a]1[b c]3[]7");
    CHECK(cells(" a , b,,c", Separator::comma) == "[a]2[b]6[]8[c]9");
    CHECK(cells("  1  2\t3 ", Separator::blanks) == "[1]3[2]6[3]8");
    CHECK(cells("a|b", Separator::bar) == "[a]1[b]3");
    CHECK(cells("a;b", Separator::semicolon) == "[a]1[b]3");
}

TEST_CASE("quotes belong to comma and semicolon files only") {
    CHECK(cells(R"("a, b",c)", Separator::comma) == "[a, b]1[c]8");
    CHECK(cells(R"("say ""hi""";"x")", Separator::semicolon) == R"([say "hi"]1[x]14)");
    CHECK(cells(R"("",1)", Separator::comma) == "[]1[1]4");
    CHECK(cells(R"(1,"open)", Separator::comma) == "open");
    CHECK(cells("1\t\"Weird Al\" Yankovic", Separator::tab) == "[1]1[\"Weird Al\" Yankovic]3");
    CHECK(cells(R"(a "b",c)", Separator::comma) == R"([a "b"]1[c]7)");
}

TEST_CASE("separators have names, and an unknown one is an error that lists them") {
    CHECK(separator_named("tab") == Separator::tab);
    CHECK(separator_named("\t") == Separator::tab);
    CHECK(separator_named("\\t") == Separator::tab);
    CHECK(separator_named("space") == Separator::blanks);
    CHECK(separator_named("::") == Separator::colons);
    CHECK_THROWS_AS(separator_named("slash"), UsageError);
}

TEST_CASE("an unclosed quote is pointed at") {
    const test::Folder folder;
    Rows rows(folder.write("a.csv", "1,2\n1, \"x\n"), Separator::comma, "");
    CHECK(rows.next());
    CHECK(test::error_of(folder, [&] { rows.next(); }) ==
          "a.csv:2:4: expected a closing quote on the same line, found none");
}
