// Every format to the letter, over hand-made run folders.
#include "scenarios/report/comparison_tables.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using namespace fedhash::scenarios::report;

namespace {

using Users = std::map<std::string, std::vector<float>>;

/// 64 bits on two seeds against 32 bits on one; the codes of the former are better for every user.
Comparison some_comparison() {
    const Users good{{"codes", {1, 0.75F, 1, 0.75F, 1, 0.75F}}, {"vector", {1, 0, 1, 0, 1, 0}}};
    Users poor{{"codes", {0, 0, 0.25F, 0, 0, 0.25F}}, {"vector", {0, 1, 0, 1, 0, 1}}};
    poor["popularity"] = poor["ials"] = std::vector<float>(6, 0);
    const tests::TempFolder at;
    std::vector<RunRecord> runs;
    const auto add = [&](const std::vector<Override>& settings, double level, const Users& users) {
        runs.push_back(tests::made_run(at / std::to_string(runs.size()), {settings, level, users}));
    };
    add({{"run.seed", "1"}}, 0.30, good);
    add({{"run.seed", "2"}}, 0.32, good);
    add({{"method.bits", "32"}}, 0.2, poor);
    CompareOptions options;
    options.metrics = {"HR@10", "NDCG@10"};
    options.reference = "dcd-plus, 32 bits";
    return compare(runs, options, tests::presets);
}

/// What is shown, from where the raw strings below begin: behind a line break.
std::string text_as(const std::string& format) {
    return "\n" + find_comparison_format(format).text(some_comparison(), {}, Style{}, 0);
}

}  // namespace

TEST_CASE("a terminal gets the tables with their digits below each other") {
    CHECK(text_as("terminal") == R"text(
made · leave-one-out · all items

How well
                   scored with  runs              HR@10            NDCG@10  of ceiling
dcd-plus, 64 bits  codes           2  0.3100 ± 0.0141**  0.1550 ± 0.0071**    52%  52%
dcd-plus, 64 bits  vector          2  0.4100 ± 0.0141    0.2050 ± 0.0071      68%  68%
dcd-plus, 32 bits  codes           1  0.2000             0.1000               33%  33%
dcd-plus, 32 bits  vector          1  0.3000             0.1500               50%  50%
random             baseline        2  0.0100         †   0.0050         †      2%   2%
popularity         baseline        2  0.1000             0.0500               17%  17%
iALS, the ceiling  baseline        2  0.6000             0.3000              100% 100%
±: standard deviation over seeds.
of ceiling: shares of the HR@10, NDCG@10 of iALS.
†: below popularity.
* p < 0.05, ** p < 0.01: differs from dcd-plus, 32 bits; paired t test over users, corrected by
  Holm's method for 4 tests.

At what cost
                       up    down  rounds   time
dcd-plus, 64 bits  1.4 kB  268 kB      11  2.5 s
dcd-plus, 32 bits  1.4 kB  268 kB      11  2.5 s
up, down: what a user sends and receives in the whole run, on average.
time: of one run, on average, without reading data and baselines.

NDCG@10 against dcd-plus, 32 bits
                   scored with  difference       95 % interval       p  p, corrected  users
dcd-plus, 64 bits  codes           +0.7917  [+0.5942, +0.9892]  0.0001        0.0006      6
dcd-plus, 64 bits  vector          +0.0000  [-1.1496, +1.1496]  1.0000        1.0000      6
The tests of the other metrics are in --format csv.
)text");
}

TEST_CASE("CSV has a row a line, with every test") {
    CHECK(text_as("csv") == R"text(
label,scored with,runs,reference,HR@10,HR@10 sd,HR@10 ties at worst,HR@10 ties at best,HR@10 of ceiling,HR@10 below popularity,HR@10 difference,HR@10 low,HR@10 high,HR@10 p,HR@10 p corrected,NDCG@10,NDCG@10 sd,NDCG@10 ties at worst,NDCG@10 ties at best,NDCG@10 of ceiling,NDCG@10 below popularity,NDCG@10 difference,NDCG@10 low,NDCG@10 high,NDCG@10 p,NDCG@10 p corrected,bytes up per user,bytes down per user,rounds,seconds,tried,dead bits,balance,correlation,shared codes,tied,drawn,commands
"dcd-plus, 64 bits",codes,2,0,0.31,0.01414213562,0.31,0.31,0.5166666667,0,0.7916666667,0.594170054,0.9891632793,0.0001480395101,0.0005921580402,0.155,0.007071067812,0.155,0.155,0.5166666667,0,0.7916666667,0.594170054,0.9891632793,0.0001480395101,0.0005921580402,1380,268000,11,2.5,,,,,,,,
"dcd-plus, 64 bits",vector,2,0,0.41,0.01414213562,0.41,0.41,0.6833333333,0,0,-1.149599145,1.149599145,1,1,0.205,0.007071067812,0.205,0.205,0.6833333333,0,0,-1.149599145,1.149599145,1,1,,,,,,,,,,,,
"dcd-plus, 32 bits",codes,1,1,0.2,,0.2,0.2,0.3333333333,0,,,,,,0.1,,0.1,0.1,0.3333333333,0,,,,,,1380,268000,11,2.5,,,,,,,,
"dcd-plus, 32 bits",vector,1,1,0.3,,0.3,0.3,0.5,0,,,,,,0.15,,0.15,0.15,0.5,0,,,,,,,,,,,,,,,,,
random,,2,0,0.01,0,0.01,0.01,0.01666666667,1,,,,,,0.005,0,0.005,0.005,0.01666666667,1,,,,,,,,,,,,,,,,,
popularity,,2,0,0.1,0,0.1,0.1,0.1666666667,0,,,,,,0.05,0,0.05,0.05,0.1666666667,0,,,,,,,,,,,,,,,,,
"iALS, the ceiling",,2,0,0.6,0,0.6,0.6,1,0,,,,,,0.3,0,0.3,0.3,1,0,,,,,,,,,,,,,,,,,
)text");
}

TEST_CASE("what the codes are like is a line for each that is scored by codes") {
    const tests::TempFolder at;
    std::vector<RunRecord> runs;
    for (const char* seed : {"1", "2"})
        runs.push_back(tests::made_run(at / seed, {{{"run.seed", seed}}, 0.3}));
    for (RunRecord& run : runs)
        run.summary["code_health"] = {
            {"balance", 0.25}, {"correlation", 0.125}, {"dead_bits", 1}, {"duplicates", 0.031}};
    runs[1].summary["code_health"]["dead_bits"] = 2;
    for (const char* bound : {"optimistic", "pessimistic"})
        runs[0].summary["metrics"]["codes"]["HR@10"][bound] = *bound == 'o' ? 0.4 : 0.2;
    CompareOptions options;
    options.metrics = {"HR@10"};
    const auto table = [&] {
        return terminal_text(code_table(compare(runs, options, tests::presets)), Style{}, 100);
    };
    CHECK("\n" + table() == R"text(
What the codes are like
                           HR@10  dead bits  balance  correlation  shared
dcd-plus, 64 bits  0.2500–0.3500        1.5     0.25         0.12    3.1%
Metrics from the unluckiest to the luckiest order of ties.
dead bits: the same in all items.
balance: mean over bits of |mean over items|; 0 is even, 1 is dead.
correlation: mean over pairs of bits, without its sign.
shared: items whose code another item has too.
)text");
    for (RunRecord& run : runs) {
        run.summary["code_health"]["tied"] = 7.5;
        run.summary["code_health"]["drawn"] = 2.0;
    }
    CHECK(tests::contains(table(), "  shared  tied  drawn\n"));
    CHECK(tests::contains(table(), "    3.1%   7.5    2.0\n"));

    for (RunRecord& run : runs) run.summary.erase("code_health");  // of an older version
    CHECK(tests::contains(table(), "                           HR@10\n"));
}

TEST_CASE("Markdown has the tables as pipe tables") {
    CHECK(text_as("markdown") == R"text(
### How well

|  | scored with | runs | HR@10 | NDCG@10 | of ceiling |
| :--- | :--- | ---: | ---: | ---: | ---: |
| dcd-plus, 64 bits | codes | 2 | 0.3100 ± 0.0141\*\* | 0.1550 ± 0.0071\*\* | 52% 52% |
| dcd-plus, 64 bits | vector | 2 | 0.4100 ± 0.0141 | 0.2050 ± 0.0071 | 68% 68% |
| dcd-plus, 32 bits | codes | 1 | 0.2000 | 0.1000 | 33% 33% |
| dcd-plus, 32 bits | vector | 1 | 0.3000 | 0.1500 | 50% 50% |
| random | baseline | 2 | 0.0100 † | 0.0050 † | 2% 2% |
| popularity | baseline | 2 | 0.1000 | 0.0500 | 17% 17% |
| iALS, the ceiling | baseline | 2 | 0.6000 | 0.3000 | 100% 100% |

±: standard deviation over seeds.

of ceiling: shares of the HR@10, NDCG@10 of iALS.

†: below popularity.

\* p &lt; 0.05, \*\* p &lt; 0.01: differs from dcd-plus, 32 bits; paired t test over users, corrected by Holm's method for 4 tests.

### At what cost

|  | up | down | rounds | time |
| :--- | ---: | ---: | ---: | ---: |
| dcd-plus, 64 bits | 1.4 kB | 268 kB | 11 | 2.5 s |
| dcd-plus, 32 bits | 1.4 kB | 268 kB | 11 | 2.5 s |

up, down: what a user sends and receives in the whole run, on average.

time: of one run, on average, without reading data and baselines.

### NDCG@10 against dcd-plus, 32 bits

|  | scored with | difference | 95 % interval | p | p, corrected | users |
| :--- | :--- | ---: | ---: | ---: | ---: | ---: |
| dcd-plus, 64 bits | codes | +0.7917 | [+0.5942, +0.9892] | 0.0001 | 0.0006 | 6 |
| dcd-plus, 64 bits | vector | +0.0000 | [-1.1496, +1.1496] | 1.0000 | 1.0000 | 6 |

The tests of the other metrics are in --format csv.
)text");
}

TEST_CASE("LaTeX has the tables with booktabs rules") {
    CHECK(text_as("latex") == R"text(
\begin{table}
\centering
\caption{How well}
\begin{tabular}{llrrrr}
\toprule
 & scored with & runs & HR@10 & NDCG@10 & of ceiling \\
\midrule
dcd-plus, 64 bits & codes & 2 & 0.3100 $\pm$ 0.0141** & 0.1550 $\pm$ 0.0071** & 52\% 52\% \\
dcd-plus, 64 bits & vector & 2 & 0.4100 $\pm$ 0.0141 & 0.2050 $\pm$ 0.0071 & 68\% 68\% \\
dcd-plus, 32 bits & codes & 1 & 0.2000 & 0.1000 & 33\% 33\% \\
dcd-plus, 32 bits & vector & 1 & 0.3000 & 0.1500 & 50\% 50\% \\
random & baseline & 2 & 0.0100 $\dagger$ & 0.0050 $\dagger$ & 2\% 2\% \\
popularity & baseline & 2 & 0.1000 & 0.0500 & 17\% 17\% \\
iALS, the ceiling & baseline & 2 & 0.6000 & 0.3000 & 100\% 100\% \\
\bottomrule
\end{tabular}
\par\footnotesize $\pm$: standard deviation over seeds.
\par\footnotesize of ceiling: shares of the HR@10, NDCG@10 of iALS.
\par\footnotesize $\dagger$: below popularity.
\par\footnotesize * p $<$ 0.05, ** p $<$ 0.01: differs from dcd-plus, 32 bits; paired t test over users, corrected by Holm's method for 4 tests.
\end{table}

\begin{table}
\centering
\caption{At what cost}
\begin{tabular}{lrrrr}
\toprule
 & up & down & rounds & time \\
\midrule
dcd-plus, 64 bits & 1.4 kB & 268 kB & 11 & 2.5 s \\
dcd-plus, 32 bits & 1.4 kB & 268 kB & 11 & 2.5 s \\
\bottomrule
\end{tabular}
\par\footnotesize up, down: what a user sends and receives in the whole run, on average.
\par\footnotesize time: of one run, on average, without reading data and baselines.
\end{table}

\begin{table}
\centering
\caption{NDCG@10 against dcd-plus, 32 bits}
\begin{tabular}{llrrrrr}
\toprule
 & scored with & difference & 95 \% interval & p & p, corrected & users \\
\midrule
dcd-plus, 64 bits & codes & +0.7917 & {[}+0.5942, +0.9892{]} & 0.0001 & 0.0006 & 6 \\
dcd-plus, 64 bits & vector & +0.0000 & {[}$-$1.1496, +1.1496{]} & 1.0000 & 1.0000 & 6 \\
\bottomrule
\end{tabular}
\par\footnotesize The tests of the other metrics are in --format csv.
\end{table}
)text");
}

TEST_CASE("what does not fit into a terminal is left out and named, the headline last") {
    Comparison comparison = some_comparison();
    const auto titles = [&comparison](std::size_t width) {
        std::string joined;
        for (const Column& column : quality_table(comparison, width).table.columns)
            joined += column.title + " ";
        return joined;
    };
    CHECK(titles(90) == " scored with runs HR@10 NDCG@10 of ceiling ");
    CHECK(titles(70) == " scored with runs NDCG@10 of ceiling ");
    CHECK(titles(10) == " scored with runs NDCG@10 of ceiling ");
    CHECK(quality_table(comparison, 70).notes.back() ==
          "Too narrow for HR@10; choose with --metrics.");
}

TEST_CASE("without tests there are no marks, no test table and no promise of them") {
    Comparison comparison = some_comparison();
    comparison.tests = 0;
    for (ComparedLine& line : comparison.lines) line.tests.clear();
    const std::string text = find_comparison_format("terminal").text(comparison, {}, Style{}, 0);
    CHECK_FALSE(tests::contains(text, "*"));
    CHECK_FALSE(tests::contains(text, "against"));
    CHECK(tests::contains(text, "At what cost"));
}

TEST_CASE("parts are shown as asked for, commands in a block of their own") {
    Comparison comparison = some_comparison();
    comparison.lines[0].commands = {"fedhash run a_b.toml", "fedhash run c.toml"};
    comparison.lines[0].tried = 8;
    const auto shown = [&comparison](const char* format, const std::vector<std::string>& parts) {
        return "\n" + find_comparison_format(format).text(comparison, chosen_parts(parts), {}, 0);
    };
    CHECK(shown("markdown", {"commands"}) == R"text(
### How each row is made

```
# dcd-plus, 64 bits
fedhash run a_b.toml
fedhash run c.toml
```
)text");
    CHECK(shown("latex", {"commands"}) == R"text(
% How each row is made
\begin{verbatim}
# dcd-plus, 64 bits
fedhash run a_b.toml
fedhash run c.toml
\end{verbatim}
)text");
    CHECK(shown("markdown", {"cost"}) == R"text(
### At what cost

|  | up | down | rounds | time | tried |
| :--- | ---: | ---: | ---: | ---: | ---: |
| dcd-plus, 64 bits | 1.4 kB | 268 kB | 11 | 2.5 s | 8 |
| dcd-plus, 32 bits | 1.4 kB | 268 kB | 11 | 2.5 s | – |

up, down: what a user sends and receives in the whole run, on average.

time: of one run, on average, without reading data and baselines.

tried: settings of which the best on validation was taken.
)text");
    CHECK_FALSE(tests::contains(shown("terminal", {}), "How each row is made"));
    const std::string refusal = tests::refusal_of([] { chosen_parts({"costs"}); });
    CHECK(tests::contains(refusal, "did you mean 'cost'"));
}

TEST_CASE("an unknown format is refused with the known ones") {
    const std::string refusal = tests::refusal_of([] { find_comparison_format("markdwon"); });
    CHECK(tests::contains(refusal, "did you mean 'markdown'"));
    CHECK(tests::contains(refusal, "terminal, csv, markdown, latex"));
}
