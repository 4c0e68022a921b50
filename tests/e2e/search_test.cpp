// What people do with the codes of a run: ask for a user's list, open them elsewhere, time
// searches.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

/// Rows of a uint8 NumPy file.
std::vector<std::string> npy_rows(const fs::path& file, std::size_t columns) {
    const std::string bytes = contents(file);
    const std::size_t begin = bytes.find('\n') + 1;
    std::vector<std::string> rows;
    for (std::size_t at = begin; at + columns <= bytes.size(); at += columns)
        rows.push_back(bytes.substr(at, columns));
    return rows;
}

int distance(const std::string& a, const std::string& b) {
    int differing = 0;
    for (std::size_t j = 0; j < a.size(); ++j)
        differing += std::popcount(static_cast<std::uint8_t>(a[j] ^ b[j]));
    return differing;
}

/// Items and distances of `fedhash query --format csv`.
std::vector<std::pair<std::size_t, int>> queried(const fs::path& folder, const Words& more) {
    Words words{"query", folder.string(), "--format", "csv"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended result = run_fedhash(words);
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    std::istringstream lines(result.out);
    std::string line;
    std::getline(lines, line);
    CHECK(line == "rank,distance,item,title,status");
    std::vector<std::pair<std::size_t, int>> list;
    while (std::getline(lines, line)) {
        const std::size_t first = line.find(','), second = line.find(',', first + 1);
        list.emplace_back(std::stoul(line.substr(second + 1)),
                          std::stoi(line.substr(first + 1, second - first - 1)));
    }
    return list;
}

std::string query_error(const Words& words, int code) {
    const Ended result = run_fedhash(words);
    CHECK(result.code == code);
    CHECK(result.err.starts_with("error: "));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    return result.err;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a query lists a user's nearest items by code, seen ones only when asked") {
    TempFolder out;
    const fs::path folder = complete_run({"method.name=implicit-dcd", "run.rounds=3"}, out.path());
    const auto items = npy_rows(folder / "item_codes.npy", 8);
    const auto users = npy_rows(folder / "user_codes.npy", 8);
    REQUIRE(items.size() == 300);
    std::vector<std::pair<int, std::size_t>> all;
    for (std::size_t i = 0; i < items.size(); ++i)
        all.emplace_back(distance(users[7], items[i]), i);
    std::sort(all.begin(), all.end());

    const auto seen = queried(folder, {"--user", "7", "--seen", "--k", "300"});
    REQUIRE(seen.size() == 300);
    for (std::size_t r = 0; r < 300; ++r) {
        CHECK(seen[r].first == all[r].second);
        CHECK(seen[r].second == all[r].first);
    }
    // Without what the user was trained and validated on: as many fewer, in the same order.
    const auto fresh = queried(folder, {"--user", "7", "--k", "300"});
    const auto rows = csv(folder / "users.index.csv");
    const std::size_t known = std::stoul(rows[7].at("train")) + std::stoul(rows[7].at("valid"));
    CHECK(fresh.size() == 300 - known);
    CHECK(std::includes(seen.begin(), seen.end(), fresh.begin(), fresh.end(),
                        [](const auto& a, const auto& b) {
                            return std::pair(a.second, a.first) < std::pair(b.second, b.first);
                        }));
    CHECK(queried(folder, {"--user", "7"}).size() == 10);

    // Distances of 300 items repeat: some list ends within items that are as far, one does not.
    std::size_t cut = 0;
    for (std::size_t k = 1; k <= fresh.size(); ++k) {
        const bool tied = k < fresh.size() && fresh[k].second == fresh[k - 1].second;
        cut += tied ? 1 : 0;
        if (k > 10 && k < fresh.size()) continue;
        const Ended table =
            run_fedhash({"query", folder.string(), "--user", "7", "--k", std::to_string(k)});
        CAPTURE(k);
        CHECK(holds(table.out, "items are at distance") == tied);
    }
    CHECK(cut > 0);

    CHECK(holds(query_error({"query", folder.string(), "--user", "nobody"}, 2), "no such user"));
    CHECK(holds(query_error({"query", folder.string()}, 2), "--user ID"));
    CHECK(holds(query_error({"query"}, 2), "fedhash runs"));
    for (const std::string k : {"0", "-3"})
        CHECK(
            holds(query_error({"query", folder.string(), "--user", "7", "--k", k}, 2), "--k " + k));
    CHECK(holds(query_error({"query", (out / "nowhere").string(), "--user", "7"}, 2), "nowhere"));
    fs::remove(folder / "user_codes.npy");
    CHECK(holds(query_error({"query", folder.string(), "--user", "7"}, 2), "user_codes.npy"));
}

TEST_CASE("a query says when the method's score is not the distance alone") {
    TempFolder out;
    const fs::path folder = complete_run({"run.rounds=3"}, out.path());  // dcd-plus
    const Ended result = run_fedhash({"query", folder.string(), "--user", "7"});
    CHECK(result.code == 0);
    CHECK(holds(result.out, "nearest of 300 items"));
    CHECK(holds(result.out, "an item's bias"));
}

TEST_CASE("Faiss opens the codes of a run and finds the same distances") {
    const std::string python = "/usr/bin/python3";
    if (!fs::exists(python) || run(python, {"-c", "import faiss, numpy"}).code != 0) {
        MESSAGE("skipped: no python3-faiss here");
        return;
    }
    TempFolder out;
    // 36 bits: the last half of a byte is padding.
    for (const char* bits : {"method.bits=64", "method.bits=36"}) {
        const fs::path folder =
            complete_run({"method.name=implicit-dcd", "run.rounds=2", bits}, out / bits);
        const auto mine = queried(folder, {"--user", "11", "--seen", "--k", "20"});
        const Ended theirs = run(python, {"-c", R"(
import sys, faiss, numpy
folder = sys.argv[1]
index = faiss.read_index_binary(folder + "/item_codes.faiss")
items, users = (numpy.load(folder + "/" + name + "_codes.npy") for name in ("item", "user"))
assert index.ntotal == 300 and index.d == 8 * items.shape[1]
assert (faiss.vector_to_array(index.xb).reshape(items.shape) == items).all()
index.use_heap = False
distances, labels = index.search(numpy.ascontiguousarray(users[11:12]), 20)
print(" ".join(f"{i}:{d}" for i, d in zip(labels[0], distances[0])))
)",
                                          folder.string()});
        CAPTURE(theirs.err);
        REQUIRE(theirs.code == 0);
        std::string expected;
        for (const auto& [item, apart] : mine)
            expected +=
                (expected.empty() ? "" : " ") + std::to_string(item) + ":" + std::to_string(apart);
        CHECK(theirs.out == expected + "\n");
    }
}

TEST_CASE("search-bench times every way that there is, and refuses what makes no sense") {
    TempFolder out;
    const fs::path folder = complete_run({"method.name=implicit-dcd", "run.rounds=2"}, out.path());
    const Words small{
        "search-bench", "--items", "500",       "--bits", "16",        "--flips", "0.5,0.05",
        "--k",          "5",       "--seconds", "0",      "--queries", "5",       "--run",
        folder.string()};
    const Ended terminal = run_fedhash(small);
    CAPTURE(terminal.err);
    REQUIRE(terminal.code == 0);
    for (const char* text : {"ranking", "lookup", "float, Eigen", "trained", "clustered 0.05",
                             "One query at a time", "All queries together", "GB/s"})
        CHECK_MESSAGE(holds(terminal.out, text), text);

    Words as_csv = small;
    as_csv.insert(as_csv.end(), {"--format", "csv", "--out", (out / "bench.csv").string()});
    REQUIRE(run_fedhash(as_csv).code == 0);
    CHECK(contents(out / "bench.csv").starts_with("codes,bits,items,K,way,"));

    // Without a run folder it trains codes itself.
    const Ended trained = run_fedhash({"search-bench", "--items", "400", "--bits", "16", "--flips",
                                       "0.5", "--k", "5", "--seconds", "0", "--queries", "5",
                                       "--ways", "ranking;within 2", "--format", "csv"});
    CAPTURE(trained.err);
    REQUIRE(trained.code == 0);
    CHECK(holds(trained.out, "\ntrained,16,400,5,ranking,"));
    CHECK(holds(trained.out, "\nrandom,16,400,5,within 2,"));

    // More queries than users, more wanted than items, and a way that does not go.
    const Ended odd =
        run_fedhash({"search-bench", "--run", folder.string(), "--queries", "99999", "--k", "1000",
                     "--seconds", "0", "--ways", "ranking;lookup", "--excluded", "0"});
    CHECK(odd.code == 0);
    CHECK(holds(odd.err, "there are as many queries"));
    CHECK(holds(odd.out, "- lookup of 64 bits: a table of all codes has 24 bits at most."));

    const auto refused = [](Words more) {
        more.insert(more.begin(), "search-bench");
        return query_error(more, 2);
    };
    CHECK(holds(refused({"--bits", "12"}), "multiple of 8"));
    CHECK(holds(refused({"--items", "many"}), "'many'"));
    CHECK(holds(refused({"--k", "0"}), "from 1"));
    CHECK(holds(refused({"--flips", "0.7"}), "0.5"));
    CHECK(holds(refused({"--ways", "rankin"}), "did you mean 'ranking'"));
    CHECK(holds(refused({"--format", "pdf"}), "markdown"));
    CHECK(holds(refused({"--kernels", "mmx"}), "baseline"));
    CHECK(holds(refused({"--bogus"}), "bogus"));
    const std::string nowhere = out / "no" / "file";
    CHECK(holds(query_error({"search-bench", "--out", nowhere}, 1), nowhere + ": cannot be"));
    CHECK(holds(query_error({"search-bench", "--run", (out / "nowhere").string()}, 3),
                "item_codes.npy"));
    CHECK(holds(refused({"--k", "5,5"}), "--k: 5 is there twice"));
    CHECK(holds(refused({"--items", "100"}), "--excluded 0"));
    CHECK(holds(refused({"--items", "1e4"}), "a whole number"));
    CHECK(holds(refused({"--run", folder.string(), "--bits", "16"}), "their own length"));
    CHECK(holds(refused({"--run", folder.string(), "--untrained"}), "--untrained"));
}
