#include "scenarios/data/lines.hpp"

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using test::Folder;

namespace {

std::string read_all(const std::string& path) {
    std::string out;
    for (Lines lines(path); lines.next();)
        out += std::to_string(lines.number()) + "=" + std::string(lines.text()) + ";";
    return out;
}

}  // namespace

TEST_CASE(
    "lines come without byte order mark, carriage returns and blank lines, and keep their "
    "numbers") {
    const Folder folder;
    CHECK(read_all(folder.write("a", "\xEF\xBB\xBFx\r\n\r\n \t\ny z\r\nlast")) ==
          "1=x;4=y z;5=last;");
    CHECK(read_all(folder.write("b", "one\n")) == "1=one;");
    CHECK(read_all(folder.write("c", "")) == "");
    CHECK(read_all(folder.write("d", "\n\n")) == "");
}

TEST_CASE("plain and gzip files read alike, across many buffers") {
    const Folder folder;
    std::string text, expected;
    for (int i = 1; i <= 200'000; ++i) {
        text += "line " + std::to_string(i) + "\n";
        expected += std::to_string(i) + "=line " + std::to_string(i) + ";";
    }
    CHECK(read_all(folder.write("plain", text)) == expected);
    CHECK(read_all(folder.write_gz("packed.gz", text)) == expected);
}

TEST_CASE("a line of a megabyte is one line") {
    const Folder folder;
    const std::string line(1'500'000, 'x');
    CHECK(read_all(folder.write("a", "first\n" + line + "\nlast\n")) ==
          "1=first;2=" + line + ";3=last;");
}

TEST_CASE("a line over the limit is refused") {
    const Folder folder;
    const auto path =
        folder.write_gz("bomb.gz", "a,b\n" + std::string(longest_line_bytes + 1'000'000, '0'));
    CHECK(test::contains(test::error_of(folder, [&] { read_all(path); }),
                         "bomb.gz:2:1: expected lines of at most 16 MiB"));
}

TEST_CASE("a truncated or damaged gzip file is refused") {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 10007) + "\n";
    const auto whole = folder.write_gz("whole.gz", text);
    std::ifstream in(whole, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    REQUIRE(bytes.size() > 1000);

    const auto cut = folder.write("cut.gz", bytes.substr(0, bytes.size() / 2));
    CHECK(test::error_of(folder, [&] { read_all(cut); }) ==
          "cut.gz: the compressed stream is cut short; fetch the file again");
    const auto without_trailer = folder.write("trailer.gz", bytes.substr(0, bytes.size() - 4));
    CHECK(
        test::contains(test::error_of(folder, [&] { read_all(without_trailer); }), "trailer.gz: "));
    std::string damaged = bytes;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    const auto broken = folder.write("broken.gz", damaged);
    CHECK(test::contains(test::error_of(folder, [&] { read_all(broken); }),
                         "broken.gz: cannot be read: "));
}

TEST_CASE("what is not text is refused with its place") {
    const Folder folder;
    const auto nul = folder.write("nul", std::string("ab\nc\0d\n", 7));
    CHECK(test::contains(test::error_of(folder, [&] { read_all(nul); }),
                         "nul:2:2: expected text, found a NUL byte"));
    const auto wide = folder.write("wide", std::string("\xFF\xFE\x31\x00", 4));
    CHECK(test::contains(test::error_of(folder, [&] { read_all(wide); }),
                         "wide:1:1: expected UTF-8 or ISO-8859-1 text, found UTF-16"));
    CHECK(test::contains(test::error_of(folder, [&] { Lines lines(folder.path()); }),
                         "expected a file, found a folder"));
    CHECK(test::contains(test::error_of(folder, [&] { Lines lines(folder.file("none")); }),
                         "none: cannot be opened: No such file or directory"));
}

TEST_CASE("the first lines of a file can be looked at") {
    const Folder folder;
    CHECK(first_lines(folder.write("a", "x\n\ny\nz\n"), 2) == std::vector<std::string>{"x", "y"});
    CHECK(first_lines(folder.write("b", "x"), 5).size() == 1);
}
