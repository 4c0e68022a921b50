#include "scenarios/data/code_file.hpp"

#include <doctest/doctest.h>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/npy.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

TEST_CASE("codes come back from their file, a plane a row") {
    const tests::TempFolder folder;
    const auto file = folder / "codes.npy";
    Codes codes(24, 3);
    codes.words = {0x123456, 0xffffff, 0};
    write_npy(file, pack(codes), 3, 3);
    CHECK(read_codes(file, 24).codes == codes);
    CHECK(read_codes(file, 0).codes == codes);
    CHECK(read_codes(file, 24).planes == 1);
    CHECK(read_codes(file, 20).codes.bits == 20);
    CHECK(read_codes(file, 20).codes.words[1] == 0xfffff);
    const CodeFile planes = read_codes(file, 8);
    CHECK(planes.planes == 3);
    CHECK(planes.rows() == 3);
    CHECK(planes.codes.words[1] == 0x34);
}

TEST_CASE("files of another width are refused") {
    const tests::TempFolder folder;
    const auto file = folder / "codes.npy";
    write_npy(file, std::vector<std::uint8_t>(99), 3, 33);
    CHECK_THROWS_WITH_AS(read_codes(file, 16),
                         doctest::Contains("rows of 33 bytes; expected codes of 16 bits, 2 bytes"),
                         DataError);
    CHECK_THROWS_WITH_AS(read_codes(file, 0), doctest::Contains("expected codes of 1 to 32 bytes"),
                         DataError);
    write_npy(file, std::vector<std::uint8_t>{}, 3, 0);
    CHECK_THROWS_AS(read_codes(file, 0), DataError);
}
