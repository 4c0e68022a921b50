// The [data] and data-shaping [eval] settings of a scenario, as the data pipeline takes them.
#pragma once

#include <cstdint>
#include <string>

namespace fedhash::scenarios {

struct SyntheticSettings {
    std::uint32_t users = 1000;
    std::uint32_t items = 1200;
    double popularity = 0.9;  // exponent s of (rank + 5)^-s
    double affinity = 8;      // beta: how strongly a planted code decides what its user picks
};

/// Columns of a delimited file: a header's name or a 1-based number. Empty: found by a well-known
/// name in the header or, when nothing is set and there is no header, by position (user, item,
/// rating, time). "-": not to be used.
struct ColumnSettings {
    std::string user, item, rating, time;
};

struct DataSettings {
    std::string path;  // a folder in which known file names are found, or one file
    std::string format =
        "auto";  // auto, movielens, delimited, recbole, lightgcn, ncf, lightfr, synthetic
    std::string train, valid, test,
        candidates;  // given files, relative to path or absolute; empty = by format
    std::string split = "leave-one-out";  // leave-one-out, ratio, given
    bool split_set =
        false;  // the user chose `split` (so a given split in the data overrides it with a notice)
    double test_ratio = 0.2;  // ratio split: share of each user's interactions held out for testing
    double valid_ratio = 0.1;    // ratio split: share of the remaining ones held out for tuning
    double holdout_ratio = 0;    // given split without a validation part: share of each user's
                                 // training interactions held out for tuning; 0 = none
    std::string order = "auto";  // leave-one-out takes: time (last), random (seeded), auto (time if
                                 // there are times)
    std::uint64_t seed = 1;      // of split, negatives and generator
    double threshold = 0;        // explicit -> implicit: keep ratings >= threshold; 0 = keep all
    std::uint32_t k_core = 0;  // drop users and items with fewer interactions, repeatedly; 0 = off
    std::uint32_t max_users = 0;  // caps, 0 = off: the first users in the fixed order ...
    std::uint32_t max_items = 0;  // ... and the most popular items
    ColumnSettings columns;       // delimited only
    std::string separator =
        "auto";  // delimited only: auto, ",", ";", "\t" (or "tab"), " " (or "space"), "::", "|"
    std::string header = "auto";  // delimited only: auto, yes, no
    SyntheticSettings synthetic;

    // [eval]
    std::uint32_t negatives = 0;  // sampled candidates per user and part; 0 = rank everything
    bool negatives_set = false;   // the user chose `negatives`
    bool clean_candidates =
        false;  // given candidates: drop training items, repeats and the relevant items
};

}  // namespace fedhash::scenarios
