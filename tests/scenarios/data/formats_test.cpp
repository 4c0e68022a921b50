// Every reader on small files in its format, and finding out which format it is.
#include "scenarios/data/formats.hpp"

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using test::dealt;
using test::Folder;
using test::listed;

namespace {

const std::string ml = "1::10::5\n1::20::1\n1::30::3\n2::10::4\n2::20::4\n2::40::2\n";

std::string format_of(const Folder& folder) { return load(folder.settings()).label; }

}  // namespace

TEST_CASE("MovieLens with three columns has ratings and no times") {
    const Folder folder;
    folder.write("ratings.dat", ml);
    const Dataset data = load(folder.settings());
    CHECK(data.train.size() == 6);
    CHECK(data.has_ratings);
    CHECK_FALSE(data.has_times);
    CHECK(data.users.size() == 2);
    CHECK(data.items.size() == 4);
}

TEST_CASE("MovieLens with four columns, CR LF and gzip holds out the last by time") {
    const Folder folder;
    folder.write_gz("ratings.dat.gz",
                    "1::10::5::300\r\n1::20::1::100\r\n1::30::3::200\r\n1::40::3::50\r\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "20 40 | 30 | 10");
    CHECK(data.split_label == "leave-one-out, the last by time; validation: the one before");
    CHECK(data.users[0].train[0].value == 0.0F);
    CHECK(data.users[0].train[1].value == 0.5F);
}

TEST_CASE("MovieLens titles in ISO-8859-1, genres and users' attributes are loaded") {
    const Folder folder;
    folder.write("ratings.dat", ml);
    folder.write(
        "movies.dat",
        "10::Am\xE9lie (2001)::Comedy|Romance\n99::Unrated::Drama\n20::Odd\n30::\"Q\"::War\n");
    folder.write("users.dat", "1::F::1::10::48067\n2::M::56::16::70072\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.item_titles == std::vector<std::string>{"Am\xC3\xA9lie (2001)", "Odd", "\"Q\"", ""});
    REQUIRE(data.item_attributes.size() == 1);
    CHECK(data.item_attributes[0].values ==
          std::vector<std::string>{"Comedy|Romance", "", "War", ""});
    REQUIRE(data.user_attributes.size() == 4);
    CHECK(data.user_attributes[0].name == "gender");
    CHECK(data.user_attributes[0].values == std::vector<std::string>{"F", "M"});
}

TEST_CASE("MovieTweetings keeps ids as text and its users' accounts out") {
    const Folder folder;
    folder.write(
        "ratings.dat",
        "1::0111161::9::1373234211\n1::1375666::8::1373234212\n1::0068646::8::1373234213\n");
    folder.write("users.dat", "1::139564917\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.item_names == std::vector<std::string>{"0068646", "0111161", "1375666"});
    CHECK(data.user_attributes.empty());
}

TEST_CASE("u.data, u.item and u.user are MovieLens 100K") {
    const Folder folder;
    folder.write("u.data", "1\t3\t5\t30\n1\t1\t4\t10\n1\t2\t3\t20\n");
    folder.write(
        "u.item",
        "1|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n");
    folder.write("u.user", "1|24|M|technician|85711\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "1 | 2 | 3");
    CHECK(data.item_titles[0] == "Toy Story (1995)");
    REQUIRE(data.item_attributes.size() == 2);
    CHECK(data.item_attributes[1].values[0] == "Animation|Children's|Comedy");
    CHECK(data.user_attributes[2].values[0] == "technician");
}

TEST_CASE("ratings.csv of MovieLens 20M comes with movies.csv") {
    const Folder folder;
    folder.write("ratings.csv",
                 "userId,movieId,rating,timestamp\n1,2,3.5,30\n1,29,0.5,10\n1,32,5.0,20\n");
    folder.write("movies.csv",
                 "movieId,title,genres\n29,\"City of Lost Children, The (1995)\",Drama|Sci-Fi\n");
    const Prepared data = prepare(folder.settings());
    CHECK(test::contains(data.label, "MovieLens ratings.csv"));
    CHECK(dealt(data, 0) == "29 | 32 | 2");
    CHECK(data.item_titles[1] == "City of Lost Children, The (1995)");
}

TEST_CASE("a delimited file without header is read by position, whatever separates it") {
    for (const std::string mark : {" ", "\t", ",", ";", "|", "   "}) {
        CAPTURE(mark);
        const Folder folder;
        std::string text;
        for (const char* row : {"u1 a 1 30", "u1 b 2 20", "u1 c 3 10", "u2 a 1.5 5"}) {
            std::string line = row;
            for (auto at = line.find(' '); at != std::string::npos;
                 at = line.find(' ', at + mark.size()))
                line.replace(at, 1, mark);
            text += line + "\n";
        }
        folder.write("ratings.txt", text);
        const Prepared data = prepare(folder.settings());
        CHECK(dealt(data, 0) == "c | b | a");
        CHECK(data.user_names[1] == "u2");
    }
}

TEST_CASE(
    "a header's well-known names are found in any order and spelling, behind a byte order mark") {
    const Folder folder;
    folder.write("ratings.csv",
                 "\xEF\xBB\xBF"
                 "date,Rating,book_id,User-ID\r\n3,1,a,u\r\n2,5,b,u\r\n1,3,c,u\r\n");
    const Dataset data = load(folder.settings());
    CHECK(data.columns ==
          std::vector<std::string>{"user = User-ID (column 4)", "item = book_id (column 3)",
                                   "rating = Rating (column 2)", "time = date (column 1)"});
    CHECK(data.train[1].rating == 5);
    CHECK(data.train[1].time == 2);
}

TEST_CASE(
    "KuaiRec's columns are found, a time in words is passed over, a missing one is the oldest") {
    const Folder folder;
    folder.write("small_matrix.csv",
                 "user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio\n"
                 "14,148,4381,6067,2020-07-05 05:27:48.378,20200705,1593898068.378,0.72\n"
                 "14,183,11635,6100,,,,1.9\n"
                 "14,200,100,6100,2020-07-05 05:28:00.057,20200705,1593898080.057,0.02\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "183 | 148 | 200");
    CHECK(test::contains(test::joined(data.notices), "1 rows have no time"));
}

TEST_CASE("columns can be named or numbered in the settings") {
    const Folder folder;
    const auto path =
        folder.write("log.csv", "when,what,who,rating\n1,x,ann,2\n2,y,ann,2\n3,z,ann,2\n");
    DataSettings settings;
    settings.path = path;
    settings.columns = {"who", "2", "-", "when"};
    const Prepared data = prepare(settings);
    CHECK(dealt(data, 0) == "x | y | z");
    CHECK(data.user_names[0] == "ann");

    settings.columns.user = "whom";
    CHECK(test::error_of<UsageError>(folder, [&] { prepare(settings); }) ==
          "data.columns.user: no column \"whom\" in log.csv; it has: when, what, who, rating");
    settings.columns = {};
    CHECK(test::error_of<UsageError>(folder, [&] { prepare(settings); }) ==
          "data.columns.user: log.csv:1:1: cannot tell which column is the user; set it to one of: "
          "when, what, who, rating");
}

TEST_CASE("numbered columns serve a file without header") {
    const Folder folder;
    DataSettings settings;
    settings.path = folder.write("log.tsv", "9\tx\tann\n8\ty\tann\n7\tz\tann\n");
    settings.columns = {"3", "2", "", "1"};
    CHECK(dealt(prepare(settings), 0) == "z | y | x");
    settings.columns.user = "4";
    CHECK(test::error_of<UsageError>(folder, [&] { prepare(settings); }) ==
          "data.columns.user: no column 4 in log.tsv; it has 3");
    settings.columns.user = "who";
    settings.header = "no";
    CHECK(test::contains(test::error_of<UsageError>(folder, [&] { prepare(settings); }),
                         "has no header"));
}

TEST_CASE("HetRec's user_artists.dat is found and its titles come from artists.dat") {
    const Folder folder;
    folder.write_gz("user_artists.dat.gz",
                    "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n2\t53\t11351\n");
    folder.write("artists.dat",
                 "id\tname\turl\n51\tDuran Duran\thttp://x\n52\t\"Weird Al\" Yankovic\thttp://y\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.item_titles == std::vector<std::string>{"Duran Duran", "\"Weird Al\" Yankovic", ""});
}

TEST_CASE("Book-Crossing's semicolons, quotes and ISO-8859-1 are read") {
    const Folder folder;
    folder.write("BX-Book-Ratings.csv",
                 "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"1\";\"03\xE9X\";\"0\"\n\"1\";"
                 "\"155061224\";\"5\"\n\"1\";\"9\";\"3\"\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.item_names == std::vector<std::string>{"03\xC3\xA9X", "155061224", "9"});
}

TEST_CASE("RecBole's typed header is read, with .item and .user") {
    const Folder folder;
    folder.write("ml.inter",
                 "user_id:token\titem_id:token\trating:float\ttimestamp:float\na\tx\t4\t3."
                 "0\na\ty\t2\t2.5\na\tz\t3\t1e0\n");
    folder.write(
        "ml.item",
        "item_id:token\tmovie_title:token_seq\tclass:token_seq\nx\tToy Story\tAnimation\n");
    folder.write("ml.user", "user_id:token\tage:token\na\t24\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "z | y | x");
    CHECK(data.item_titles[0] == "Toy Story");
    CHECK(data.item_attributes[0].name == "class");
    CHECK(data.user_attributes[0].values[0] == "24");
}

TEST_CASE("RecBole's benchmark files are a given split") {
    const Folder folder;
    const std::string header = "user_id:token\titem_id:token\n";
    folder.write("ml.train.inter", header + "a\tx\na\ty\n");
    folder.write("ml.valid.inter", header + "a\tz\n");
    folder.write("ml.test.inter", header + "a\tw\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "x y | z | w");
    CHECK(data.has_validation);
}

TEST_CASE("LightGCN's lines may use blanks or tabs and may be of a user without items") {
    const Folder folder;
    folder.write("train.txt", "0 1 2 3\n1\t3\t4\n2\n10 \n");
    folder.write("test.txt", "0 4 5\n1 0\n2 1\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.users.size() == 4);
    CHECK(data.user_names[3] == "10");
    CHECK(dealt(data, 0) == "1 2 3 | | 4 5");
    CHECK(dealt(data, 2) == "| | 1");
    CHECK_FALSE(data.has_validation);
    CHECK(data.split_label == "given; no validation part: tuning and early stop are off");
    CHECK(data.ranking.full);
    CHECK(test::contains(test::joined(data.notices), "2 users have nothing to train on"));
    CHECK(test::contains(test::joined(data.notices), "2 of 6 items occur only in held-out parts"));
}

TEST_CASE("NCF's negatives are scored exactly as given") {
    const Folder folder;
    folder.write("ml.train.rating", "0\t1\t5\t10\n0\t2\t3\t20\n1\t1\t4\t10\n1\t3\t4\t10\n");
    folder.write("ml.test.rating", "0\t3\t5\t30\n1\t2\t4\t30\n");
    folder.write("ml.test.negative", "(0,3)\t7\t5\t1\t5\t3\n(1,2)\t9\t8\n");
    Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "1 2 | | 3");
    CHECK(listed(data, data.users[0].test.candidates) == "7 5 1 5 3");
    CHECK_FALSE(data.ranking.full);
    CHECK(data.candidates_label == "given list, exactly as given");
    CHECK(test::contains(test::joined(data.notices),
                         "of 7, 1 (1 distinct) are in the user's training set, 1 (1 distinct) are "
                         "held-out items of the "
                         "user, 1 repeat one"));

    DataSettings clean = folder.settings();
    clean.clean_candidates = true;
    data = prepare(clean);
    CHECK(listed(data, data.users[0].test.candidates) == "7 5");
    CHECK(listed(data, data.users[1].test.candidates) == "9 8");
    CHECK(data.candidates_label == "given list, cleaned");
    // What is said of the list is the same whether it is then cleaned or not (5 is kept, and is no
    // training item when it comes again).
    CHECK(test::contains(test::joined(data.notices),
                         "of 7, 1 (1 distinct) are in the user's training set, 1 (1 distinct) are "
                         "held-out items of the "
                         "user, 1 repeat one"));
}

TEST_CASE("NCF lists drawn for another item are counted") {
    const Folder folder;
    folder.write("a.train.rating", "0\t1\t1\n0\t2\t1\n");
    folder.write("a.test.rating", "0\t3\t1\n");
    folder.write("a.test.negative", "(0,4)\t7\t5\n");
    CHECK(test::contains(test::joined(prepare(folder.settings()).notices),
                         "1 of 1 lists are for an item"));
}

TEST_CASE("a folder of several NCF sets asks for one file, whose siblings it then takes") {
    const Folder folder;
    for (const std::string stem : {"a", "b"}) {
        folder.write(stem + ".train.rating", "0\t1\t1\n");
        folder.write(stem + ".test.rating", "0\t3\t1\n");
    }
    CHECK(test::contains(test::error_of<UsageError>(folder, [&] { prepare(folder.settings()); }),
                         "holds several sets (a, b)"));
    DataSettings one;
    one.path = folder.file("b.train.rating");
    CHECK(dealt(prepare(one), 0) == "1 | | 3");
}

TEST_CASE(
    "LightFR's rows rated 0 are candidates, in file order, and values are on training's scale") {
    const Folder folder;
    folder.write("f_train.csv", "user_id,item_id,ratings\r\n0,0,0.51\r\n0,1,1.01\r\n0,2,0.01\r\n");
    folder.write("f_val.csv", "user_id,item_id,ratings\r\n0,4,3.0\r\n0,1,0.0\r\n0,6,0\r\n");
    folder.write("f_test.csv",
                 "user_id,item_id,ratings\r\n0,5,0.0\r\n0,3,4.0\r\n0,5,0.0\r\n0,4,0.0\r\n");
    const Prepared data = prepare(folder.settings());
    CHECK(dealt(data, 0) == "0 1 2 | 4 | 3");
    CHECK(data.users[0].train[0].value == doctest::Approx(0.5));
    CHECK(data.users[0].train[1].value == 1.0F);
    CHECK(listed(data, data.users[0].valid.candidates) == "1 6");
    CHECK(listed(data, data.users[0].test.candidates) == "5 5 4");
    DataSettings settings = folder.settings();
    settings.threshold = 3;
    CHECK_THROWS_AS(prepare(settings), UsageError);
}

TEST_CASE("LightFR without a validation file has no validation part") {
    const Folder folder;
    folder.write("f_train.csv", "user_id,item_id,ratings\n0,0,0.51\n0,1,1.01\n0,2,0.01\n");
    folder.write("f_test.csv", "user_id,item_id,ratings\n0,5,0.0\n0,3,4.0\n");
    const Prepared data = prepare(folder.settings());
    CHECK_FALSE(data.has_validation);
    CHECK(data.users[0].train.size() == 3);
}

TEST_CASE("given files override split and negatives, with a notice") {
    const Folder folder;
    folder.write("ratings.csv", "user,item\nu,a\nu,b\nu,c\nv,a\n");
    folder.write("held.csv", "user,item\nu,d\nu,a\nu,d\n");
    folder.write("tune.csv", "user,item\nu,e\n");
    folder.write("lists.txt", "user\titem\nu\tf\tg\nu f\n");
    DataSettings settings = folder.settings();
    settings.test = "held.csv";
    settings.valid = folder.file("tune.csv");
    settings.candidates = "lists.txt";
    settings.split = "ratio";
    settings.split_set = settings.negatives_set = true;
    settings.negatives = 10;
    const Prepared data = prepare(settings);
    CHECK(dealt(data, 0) == "a b c | e | d");
    CHECK(listed(data, data.users[0].test.candidates) == "f g f");
    CHECK(listed(data, data.users[0].valid.candidates) == "f g f");
    const std::string notices = test::joined(data.notices);
    CHECK(test::contains(notices, "data.split=ratio is not used"));
    CHECK(test::contains(notices, "eval.negatives is not used"));
    CHECK(
        test::contains(notices, "1 given test interactions are also in the user's training part"));
    CHECK(data.candidates_label == "given list, exactly as given; the same list for validation");
}

TEST_CASE("a held-out part without candidates is not scored") {
    const Folder folder;
    folder.write("a.train.rating", "0\t1\t1\n1\t2\t1\n");
    folder.write("a.test.rating", "0\t3\t1\n1\t3\t1\n");
    folder.write("a.test.negative", "(0,3)\t7\n");
    const Prepared data = prepare(folder.settings());
    CHECK(data.users[0].test.items.size() == 1);
    CHECK(data.users[1].test.items.empty());
    CHECK(test::contains(test::joined(data.notices), "1 of 2 users have no test candidates"));
}

TEST_CASE("the format is told by file names, and of a single file by its first lines") {
    const std::string header = "user_id:token\titem_id:token\n";
    for (const auto& [text, expected] : {std::pair<std::string, std::string>{ml, "MovieLens"},
                                         {"userId,movieId,rating\n1,2,3\n", "MovieLens"},
                                         {header + "a\tx\n", "RecBole"},
                                         {"0 1 2 3\n1 4\n", "LightGCN"},
                                         {"1 2 3\n1 4 5\n", "some.txt: some.txt"}}) {
        const Folder folder;
        DataSettings settings;
        settings.path = folder.write("some.txt", text);
        CHECK(test::contains(load(settings).label, expected));
    }
    const Folder both;
    both.write("ratings.txt", "1 2 3\n");
    both.write("train.txt", "1 2 3\n");
    CHECK(test::contains(format_of(both), "ratings.txt"));  // no test.txt: not LightGCN's split
    both.write("test.txt", "1 4\n");
    CHECK(test::contains(format_of(both), "LightGCN"));
}

TEST_CASE("a file is found as .gz when only that exists") {
    const Folder folder;
    folder.write_gz("mine.csv.gz", "user,item\nu,a\nu,b\nu,c\n");
    DataSettings settings = folder.settings();
    settings.train = "mine.csv";
    CHECK(prepare(settings).users.size() == 1);
    settings.train.clear();
    settings.path = folder.file("mine.csv");
    CHECK(prepare(settings).users.size() == 1);
}

TEST_CASE("numbers do not depend on the order of rows") {
    const Folder a, b;
    a.write("ratings.dat", ml);
    b.write("ratings.dat", "2::40::2\n1::30::3\n2::20::4\n1::20::1\n2::10::4\n1::10::5\n");
    CHECK(prepare(a.settings()).hash == prepare(b.settings()).hash);
}
