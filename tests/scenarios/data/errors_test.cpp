// What is wrong with a file is said with file, line, column, what was found and what was expected.
#include "scenarios/data/formats.hpp"
#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using test::contains;
using test::error_of;
using test::Folder;

namespace {

std::string error_in(const std::string& name, const std::string& text,
                     const std::string& format = "auto") {
    const Folder folder;
    DataSettings settings;
    settings.path = folder.write(name, text);
    settings.format = format;
    return error_of(folder, [&] { prepare(settings); });
}

}  // namespace

TEST_CASE("a rating that is no number is pointed at") {
    CHECK(error_in("ratings.dat", "1::2::3\n1::20::abc\n") ==
          "ratings.dat:2:8: expected a number, found \"abc\" as the rating; a row is "
          "user::item::rating[::time]");
    for (const std::string bad : {"nan", "inf", "-inf", "1e999", ""}) {
        CAPTURE(bad);
        CHECK(contains(error_in("ratings.dat", "1::2::3\n1::20::" + bad + "\n"),
                       "ratings.dat:2:8: expected a number, found \"" + bad));
    }
    CHECK(contains(error_in("u.data", "1\t2\t3\t4\n1\t3\t3\tnoon\n"),
                   "u.data:2:7: expected a number, found \"noon\" as the time"));
    CHECK(contains(error_in("x.csv", "user,item,rating\na,b,1\na,\"c\",\"x\"\n"),
                   "x.csv:3:7: expected a number, found \"x\""));
}

TEST_CASE("too few and too many columns are counted") {
    CHECK(error_in("ratings.dat", "1::2::3\n1::2\n") ==
          "ratings.dat:2:5: expected at least 3 columns separated by colons, found 2; a row is "
          "user::item::rating[::time]");
    CHECK(contains(error_in("ratings.dat", "1::2::3::4\n1::2::3\n"),
                   "ratings.dat:2:8: expected at least 4 columns"));
    CHECK(contains(error_in("ratings.dat", "1::2::3\n1::2::3::4::5\n"),
                   "ratings.dat:2:13: expected at most 4 columns"));
    CHECK(contains(error_in("m.inter", "user_id:token\titem_id:token\na\tb\tc\n"),
                   "m.inter:2:5: expected at most 2 columns"));
    CHECK(contains(error_in("a.csv", "user,item,rating\na,b,1\na,c\n"),
                   "a.csv:3:4: expected at least 3 columns"));
}

TEST_CASE("an empty id is pointed at, and one that is far too long") {
    CHECK(contains(error_in("ratings.dat", "::2::3\n"),
                   "ratings.dat:1:1: expected the id of a user, found nothing"));
    CHECK(contains(error_in("ratings.dat", "1::::3\n"),
                   "ratings.dat:1:4: expected the id of an item, found nothing"));
    CHECK(contains(error_in("ratings.dat", "1::" + std::string(5000, '9') + "::3\n"),
                   "ratings.dat:1:4: expected an id of at most 1024 bytes, found 5000"));
}

TEST_CASE("an empty file, a header alone, and a file of one column are refused") {
    for (const std::string name : {"ratings.dat", "u.data", "x.csv", "m.inter", "a.train.rating"}) {
        CAPTURE(name);
        CHECK(contains(error_in(name, ""), name + ": expected interactions, found an empty file"));
    }
    CHECK(contains(error_in("x.csv", "user,item\n"), "x.csv: expected interactions, found none"));
    CHECK(contains(error_in("x.csv", "one\ntwo\n"),
                   "x.csv:1:1: expected a known format, found \"one\""));
    CHECK(contains(error_in("x.csv", "one\ntwo\n", "delimited"),
                   "x.csv:1:1: expected rows of equally many columns, two or more"));
    CHECK(contains(error_in("ratings.dat", "1 2 3\n"),
                   "a row is user::item::rating[::time], or the same with tabs"));
}

TEST_CASE("a RecBole header without types is pointed at") {
    CHECK(contains(error_in("m.inter", "user_id:token\titem_id\na\tb\n"),
                   "m.inter:1:15: expected a column as name:type, found \"item_id\""));
}

TEST_CASE("candidate lists are checked") {
    const Folder folder;
    folder.write("a.train.rating", "0\t1\t1\n");
    folder.write("a.test.rating", "0\t3\t1\n");
    folder.write("a.test.negative", "(0,3)\t7\n(0;3)\t8\n");
    CHECK(error_of(folder, [&] { prepare(folder.settings()); }) ==
          "a.test.negative:2:1: expected a user, or (user,item), and items, found \"(0;3)\"");
    folder.write("a.test.negative", "(0,3)\n");
    CHECK(contains(error_of(folder, [&] { prepare(folder.settings()); }),
                   "a.test.negative: expected candidates, found none"));
    folder.write("a.test.negative", "(0,3");
    CHECK(contains(error_of(folder, [&] { prepare(folder.settings()); }),
                   "a.test.negative:1:1: expected a user"));
}

TEST_CASE("what is not there is named, with what was looked for") {
    const Folder folder;
    const std::string nothing = error_of(folder, [&] { prepare(folder.settings()); });
    CHECK(contains(nothing, "expected a data set, found none of these files"));
    CHECK(contains(nothing, "movielens: ratings.dat, ratings-notime.dat, u.data"));
    CHECK(contains(nothing, "lightgcn: train.txt"));
    DataSettings settings = folder.settings();
    settings.format = "recbole";
    CHECK_FALSE(error_of(folder, [&] { prepare(settings); }).find("lightgcn") != std::string::npos);
    settings.path += "/none";
    CHECK(contains(error_of(folder, [&] { prepare(settings); }), "none: no such file or folder"));
    settings = folder.settings();
    settings.train = "gone.csv";
    CHECK(contains(error_of(folder, [&] { prepare(settings); }),
                   "gone.csv: cannot be opened: No such file"));
    std::filesystem::create_directory(folder.path() / "sub");
    settings.train = "sub";
    settings.format = "delimited";
    CHECK(contains(error_of(folder, [&] { prepare(settings); }),
                   "sub: expected a file, found a folder"));
}

TEST_CASE("an unknown format, split, order or header lists the known ones") {
    const Folder folder;
    folder.write("ratings.dat", "1::1::1\n1::2::1\n1::3::1\n");
    const auto usage = [&](auto change) {
        DataSettings settings = folder.settings();
        change(settings);
        return error_of<UsageError>(folder, [&] { prepare(settings); });
    };
    const std::string formats = usage([](auto& s) { s.format = "csv"; });
    for (const Format& format : scenarios::formats())
        CHECK(contains(formats, std::string(format.name)));
    CHECK(contains(usage([](auto& s) { s.split = "temporal"; }),
                   "data.split: unknown value \"temporal\"; known: leave-one-out"));
    CHECK(contains(usage([](auto& s) { s.order = "first"; }), "data.order: unknown value"));
    CHECK(contains(usage([](auto& s) { s.order = "time"; }),
                   "data.order=time: the data have no times"));
    CHECK(contains(usage([](auto& s) { s.split = "given"; }),
                   "data.split=given: no test part was found"));
    CHECK(contains(usage([](auto& s) {
                       s.split = "ratio";
                       s.test_ratio = 1;
                   }),
                   "data.test_ratio"));
    CHECK(contains(usage([](auto& s) {
                       s.split = "ratio";
                       s.valid_ratio = -1;
                   }),
                   "data.valid_ratio"));
    CHECK(contains(usage([](auto& s) { s.valid = "x"; }),
                   "data.valid: a given validation file needs"));
    CHECK(contains(usage([](auto& s) { s.candidates = "x"; }),
                   "data.candidates: given candidates need"));
    CHECK(contains(usage([](auto& s) { s.path = ""; }), "data.path: expected a folder or a file"));
    CHECK(contains(usage([](auto& s) { s.format = "synthetic"; }), "--set data.format=auto"));
    CHECK(contains(usage([](auto& s) {
                       s.format = "delimited";
                       s.train = "ratings.dat";
                       s.header = "maybe";
                   }),
                   "data.header"));
    CHECK(contains(usage([](auto& s) {
                       s.format = "synthetic";
                       s.path.clear();
                       s.threshold = 3;
                   }),
                   "data.threshold: the data have no ratings"));
    CHECK(contains(usage([](auto& s) {
                       s.format = "synthetic";
                       s.path.clear();
                       s.synthetic.items = 3;
                   }),
                   "data.synthetic.items"));
    CHECK(contains(usage([](auto& s) {
                       s.test = "ratings.dat";
                       s.k_core = 2;
                   }),
                   "data.k_core: does not go with a given split"));
    CHECK(contains(usage([](auto& s) {
                       s.split = "ratio";
                       s.holdout_ratio = 0.1;
                   }),
                   "data.holdout_ratio (--holdout of a sweep): goes with a given split; "
                   "data.split=ratio has"));
    folder.write("more.dat", "1::4::1\n");
    folder.write("rest.dat", "1::5::1\n");
    const auto held_out = [&](double ratio, const char* valid) {
        return usage([&](auto& s) {
            s.test = "more.dat";
            s.valid = valid;
            s.holdout_ratio = ratio;
        });
    };
    CHECK(contains(held_out(0.1, "rest.dat"), "the data give a validation part"));
    CHECK(contains(held_out(1, ""), "data.holdout_ratio: expected a number from 0 to below 1"));
}

TEST_CASE("a setting that removes everything is named") {
    const Folder folder;
    folder.write("ratings.dat", "1::1::1\n1::2::1\n1::3::1\n");
    const auto failing = [&](auto change) {
        DataSettings settings = folder.settings();
        change(settings);
        return error_of(folder, [&] { prepare(settings); });
    };
    CHECK(failing([](auto& s) { s.threshold = 4; }) ==
          "data.threshold=4 leaves none of the 3 interactions; choose a lower value");
    CHECK(contains(failing([](auto& s) { s.k_core = 2; }), "data.k_core=2 leaves none"));
    CHECK(contains(failing([](auto& s) { s.max_items = 2; }), "nothing is left to test with"));
}

TEST_CASE("a damaged file of titles costs a notice, not the run") {
    const Folder folder;
    folder.write("ratings.csv", "userId,movieId,rating\n1,1,1\n1,2,1\n1,3,1\n");
    folder.write("movies.csv", "movieId,title,genres\n1,\"open,Drama\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.item_titles.empty());
    CHECK(contains(test::joined(data.notices), "titles and attributes left out: "));
}

TEST_CASE("damaged files of every format end in an error or in data, never in a crash") {
    const std::string seeds[] = {"1::2::3::4\n1::3::4::5\n2::3::1::1\n",
                                 "user_id:token\titem_id:token\trating:float\na\tb\t1\na\tc\t2\n",
                                 "user,item,rating\n\"a\",\"b,c\",1\na,d,2\n", "0 1 2 3\n1 4\n2\n",
                                 "(0,1)\t2\t3\n(1,2)\t4\n"};
    // The name that belongs to each text; half of the time the text gets another one's.
    const char* names[] = {"ratings.dat",     "m.inter", "x.csv",         "train.txt",
                           "a.test.negative", "u.data",  "a.train.rating"};
    const char alphabet[] = "\0\n\r\t ,;:|\"(0-.en\xFF\xEF";
    std::uint64_t state = 1;
    const auto draw = [&](std::size_t n) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state >> 33U) % n;
    };
    const Folder folder;
    for (int round = 0; round < (FEDHASH_SANITIZED ? 700 : 2000); ++round) {
        CAPTURE(round);
        const std::size_t kind = draw(std::size(seeds));
        const std::string name = names[draw(2) == 0 ? kind : draw(std::size(names))];
        std::string text = seeds[kind];
        for (std::size_t edits = 1 + draw(6); edits > 0; --edits) {
            const char c = alphabet[draw(sizeof alphabet - 1)];
            const std::size_t at = draw(text.size());
            if (draw(2) == 0)
                text[at] = c;
            else
                text.insert(at, 1, c);
        }
        folder.write("a.train.rating", "0\t5\t1\n1\t5\t1\n");
        folder.write("a.test.rating", "0\t1\t1\n1\t2\t1\n");
        DataSettings settings;
        settings.path = folder.write(name, text);
        if (name == "a.test.negative") settings.path = folder.file("a.train.rating");
        try {
            const std::string description = describe(settings);
            CHECK_FALSE(description.empty());
            const Prepared data = prepare(settings);
            CHECK_FALSE(data.users.empty());
        } catch (const Error& error) {
            CHECK((error.code() == exit_data || error.code() == exit_usage));
        }
        for (const char* written : names) std::filesystem::remove(folder.path() / written);
    }
}
