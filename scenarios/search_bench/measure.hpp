// The measurements of search-bench: every way of searching, on every corpus, in turns.
#pragma once

#include <optional>

#include "scenarios/search_bench/contestant.hpp"
#include "scenarios/search_bench/timing.hpp"

namespace fedhash::scenarios {

struct SearchRow {
    std::string corpus, way;
    Kind kind{};
    std::uint32_t bits = 0;
    std::size_t items = 0, wanted = 0;
    std::string absent;            // why there are no figures
    Spread one_ns;                 // a query
    double one_limit_ns = 0;       // what the machine needs for the codes at least
    std::optional<Spread> all_ns;  // a query and item, all queries together
    double all_limit_ns = 0;
    std::size_t memory_bytes = 0;
    double buckets = 0, candidates = 0;  // a query
    double recall = 0;  // of what ranking by code (of real vectors: OpenBLAS or Eigen) finds
    std::optional<double> empty;  // share of the queries that found nothing, of a fixed radius
};

struct MeasureOptions {
    std::vector<std::size_t> wanted;
    std::size_t excluded = 0;  // items a query, in searches for all queries together
    TimingOptions timing;
    std::vector<std::string> ways;  // empty: all
};

/// All ways on one corpus. Throws RunError where two exact ways disagree.
std::vector<SearchRow> measure(const Corpus& corpus, const MeasureOptions& options,
                               std::uint64_t seed);

}  // namespace fedhash::scenarios
