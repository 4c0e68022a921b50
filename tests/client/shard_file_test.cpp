#include "client/shard_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "common/errors.hpp"
#include "common/kernels/kernels.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

Shard some_shard() {
    auto made = tests::make_users(1, 7, 40);
    made.ranking.full = false;
    made.users[1].test.candidates = {ItemId{39}, ItemId{0}, ItemId{0}};
    wire::Token token;
    for (std::size_t j = 0; j < token.size(); ++j) token[j] = static_cast<std::uint8_t>(7 * j);
    return tests::deal(made, 1, 3, token);
}

bool same(const HeldOut& a, const HeldOut& b) {
    return a.items == b.items && a.deciles == b.deciles && a.candidates == b.candidates;
}

void overwrite(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

/// The file again, with a checksum that fits whatever the body says.
std::string sealed(std::string bytes) {
    const auto* body = reinterpret_cast<const std::uint8_t*>(bytes.data()) + 9;
    const std::uint32_t crc = kernels().crc32c(0, body, bytes.size() - 9);
    std::memcpy(&bytes[5], &crc, 4);
    return bytes;
}

}  // namespace

TEST_CASE("a shard comes back from its file as it was, and the file is its owner's alone") {
    const tests::TempFolder folder;
    const Shard shard = some_shard();
    write_shard(folder / "shard", shard);
    struct stat status {};
    REQUIRE(stat((folder / "shard").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    const Shard back = read_shard(folder / "shard");
    CHECK(back.token == shard.token);
    CHECK(back.client == 1);
    CHECK(back.clients == 3);
    CHECK(back.secrets == shard.secrets);
    CHECK(back.known == shard.known);
    CHECK(back.ranking.items == 40);
    CHECK_FALSE(back.ranking.full);
    REQUIRE(back.users.size() == shard.users.size());
    for (std::size_t u = 0; u < back.users.size(); ++u) {
        CAPTURE(u);
        CHECK(back.users[u].user == shard.users[u].user);
        CHECK(same(back.users[u].valid, shard.users[u].valid));
        CHECK(same(back.users[u].test, shard.users[u].test));
        REQUIRE(back.users[u].train.size() == shard.users[u].train.size());
        for (std::size_t j = 0; j < back.users[u].train.size(); ++j) {
            CHECK(back.users[u].train[j].item == shard.users[u].train[j].item);
            CHECK(back.users[u].train[j].value == shard.users[u].train[j].value);
        }
    }
    CHECK_THROWS_AS(write_shard(folder / "shard", shard), RunError);  // never over another
}

TEST_CASE("damage to any byte of a shard file, and a cut at any byte, is noticed") {
    const tests::TempFolder folder;
    write_shard(folder / "shard", some_shard());
    const std::string bytes = tests::contents(folder / "shard");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        CAPTURE(at);
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        overwrite(folder / "damaged", damaged);
        REQUIRE_THROWS_WITH_AS(read_shard(folder / "damaged"), doctest::Contains("damaged"),
                               DataError);
        overwrite(folder / "damaged", bytes.substr(0, at));
        REQUIRE_THROWS_AS(read_shard(folder / "damaged"), DataError);
    }
    CHECK_THROWS_AS(read_shard(folder / "absent"), DataError);
}

TEST_CASE("a shard whose checksum is right but whose body is not is refused, never misread") {
    const tests::TempFolder folder;
    write_shard(folder / "shard", some_shard());
    const std::string bytes = tests::contents(folder / "shard");
    std::size_t refused = 0, read = 0;
    for (std::size_t at = 9; at < bytes.size(); ++at) {
        for (char mask : {'\x01', '\x80', '\xff'}) {
            CAPTURE(at);
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ mask);
            overwrite(folder / "damaged", sealed(damaged));
            try {
                const Shard shard = read_shard(folder / "damaged");
                for (const UserData& user : shard.users)
                    for (const Rating& rating : user.train) {
                        REQUIRE(index(rating.item) < shard.ranking.items);
                        REQUIRE(std::isfinite(rating.value));
                    }
                ++read;
            } catch (const DataError&) {
                ++refused;
            }
        }
        overwrite(folder / "damaged", sealed(bytes.substr(0, at)));
        REQUIRE_THROWS_AS(read_shard(folder / "damaged"), DataError);
    }
    CHECK(refused > 0);
    CHECK(read > 0);
}
