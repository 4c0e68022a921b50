#include "shuffler/mixer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/errors.hpp"
#include "shuffler/key_file.hpp"
#include "tests/common/temp_folder.hpp"
#include "tests/shuffler/made_notes.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using shuffler::Batch;

namespace {

const secure::Key secret = numbered_key(7);

std::vector<std::pair<int, int>> numbers_in(const Batch& batch) {
    std::vector<std::pair<int, int>> numbers;
    for (const wire::Buffer& piece : batch.pieces) numbers.emplace_back(piece[0], piece[1]);
    return numbers;
}

}  // namespace

TEST_CASE("every piece comes out once, whatever the note it was in") {
    for (const std::uint32_t pieces : {1u, 4u}) {
        const wire::Welcome run = shuffled_run(pieces);
        const Batch batch = shuffler::open_and_mix(made_notes(run, 3, 40, secret), run, 3, secret);
        CHECK(batch.unread.empty());
        std::vector<std::pair<int, int>> numbers = numbers_in(batch), all;
        for (int sender = 0; sender < 40; ++sender)
            for (int p = 0; p < static_cast<int>(pieces); ++p) all.emplace_back(sender, p);
        CHECK(numbers != all);  // one order of 40!
        std::ranges::sort(numbers);
        CHECK(numbers == all);
        for (const wire::Buffer& piece : batch.pieces)
            CHECK(piece.size() == shuffle::piece_bytes(run.variant, run.items));
    }
}

TEST_CASE("no place is more likely than another") {
    // 2,000 orders of three; each of the six is expected 333 times, give or take 17. Six standard
    // deviations are a false alarm in 10^8 runs.
    wire::Welcome run = shuffled_run(1);
    const wire::Buffer notes = made_notes(run, 1, 3, secret);
    std::map<std::vector<std::pair<int, int>>, int> orders;
    for (int n = 0; n < 2000; ++n)
        ++orders[numbers_in(shuffler::open_and_mix(notes, run, 1, secret))];
    CHECK(orders.size() == 6);
    for (const auto& [order, times] : orders) CHECK(std::abs(times - 333) < 100);
}

TEST_CASE("notes of another round, run or shuffler stay shut, the others are opened") {
    const wire::Welcome run = shuffled_run(4);
    wire::Welcome other = run;
    other.seed = 6;
    wire::Buffer notes;
    const auto add = [&notes](const secure::Bytes& note) {
        notes.insert(notes.end(), note.begin(), note.end());
    };
    add(made_note(run, 2, 0, secret));
    add(made_note(run, 3, 1, secret));
    add(made_note(other, 3, 2, secret));
    add(made_note(run, 3, 3, numbered_key(8)));
    add(made_note(run, 3, 4, secret));
    add(secure::Bytes(shuffle::note_bytes(run.variant, run.items)));
    const Batch batch = shuffler::open_and_mix(notes, run, 3, secret);
    CHECK(batch.unread == std::vector<std::uint32_t>{0, 2, 3, 5});
    std::set<int> senders;
    for (const auto& [sender, piece] : numbers_in(batch)) senders.insert(sender);
    CHECK(senders == std::set<int>{1, 4});
    CHECK(batch.pieces.size() == 8);
    notes.pop_back();
    CHECK_THROWS_AS(shuffler::open_and_mix(notes, run, 3, secret), wire::DecodeError);
}

TEST_CASE("a note is opened once, and none where there are too few to hide among") {
    const wire::Welcome run = shuffled_run(1);
    wire::Buffer notes = made_notes(run, 1, 3, secret);
    const secure::Bytes again = made_note(run, 1, 1, secret);
    notes.insert(notes.end(), again.begin(), again.end());
    const Batch batch = shuffler::open_and_mix(notes, run, 1, secret);
    CHECK(batch.unread == std::vector<std::uint32_t>{3});
    CHECK(batch.pieces.size() == 3);
    CHECK_THROWS_AS(shuffler::open_and_mix(made_notes(run, 1, 2, secret), run, 1, secret),
                    wire::DecodeError);
}

TEST_CASE("a shuffler's keys come back from their file, and nothing else does") {
    const TempFolder folder;
    const std::filesystem::path file = folder / "keys";
    shuffler::KeyFile keys{{}, 12, secret};
    keys.token.fill(0xab);
    shuffler::write_key_file(file, keys);
    CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    const shuffler::KeyFile again = shuffler::read_key_file(file);
    CHECK(again.token == keys.token);
    CHECK(again.place == 12);
    CHECK(again.secret == secret);
    CHECK_THROWS_AS(shuffler::read_key_file(folder / "none"), DataError);
    const std::string text = contents(file);
    for (const std::string& bad :
         {std::string(), std::string("FDHS"), text.substr(0, text.size() - 1), text + "x"}) {
        const std::filesystem::path other = folder / "bad";
        std::ofstream(other) << bad;
        CHECK_THROWS_AS(shuffler::read_key_file(other), DataError);
    }
}
