#include "scenarios/search_bench/code_contestants.hpp"
#include "scenarios/search_bench/float_contestants.hpp"
#if FEDHASH_HAS_FAISS
#include "scenarios/search_bench/faiss.hpp"
#endif

namespace fedhash::scenarios {
namespace {

constexpr ContestantEntry table[] = {
    {"ranking", Kind::ranking, make_ranking, true, "Hamming distances to all items, exact"},
    {"lookup", Kind::lookup, make_lookup, false, "a table of all codes, growing radius, exact"},
    {"multi-index", Kind::lookup, make_multi_index, false,
     "a table for each part of a code, exact"},
    {"within 2", Kind::radius, make_within, false, "what is within distance 2, from those tables"},
    {"codes, then real", Kind::two_steps, make_two_step, false,
     "ten candidates an item by code, in the order of the real vectors"},
#if FEDHASH_HAS_OPENBLAS
    {"float, OpenBLAS", Kind::inner_products, make_openblas, true,
     "inner products of real vectors"},
#endif
    {"float, Eigen", Kind::inner_products, make_eigen, true, "inner products of real vectors"},
#if FEDHASH_HAS_FAISS
    {"Faiss", Kind::faiss, make_faiss_heap, false, "IndexBinaryFlat with a heap"},
    {"Faiss, counting", Kind::faiss, make_faiss_counting, false, "IndexBinaryFlat with counters"},
#endif
};

}  // namespace

std::span<const ContestantEntry> contestants() { return table; }

std::vector<std::string> absent_contestants() {
    std::vector<std::string> absent;
    if (!FEDHASH_HAS_OPENBLAS)
        absent.emplace_back(
            "OpenBLAS was not there when this was built: apt-get install libopenblas-dev");
    if (!FEDHASH_HAS_FAISS)
        absent.emplace_back(
            "Faiss was not there when this was built: apt-get install libfaiss-dev");
    return absent;
}

std::vector<std::string> peer_builds() {
    std::vector<std::string> builds;
#if FEDHASH_HAS_OPENBLAS
    builds.push_back(openblas_build());
#endif
#if FEDHASH_HAS_FAISS
    builds.push_back("Faiss " + faiss_version() +
                     (FEDHASH_FAISS_POPCNT ? "" : ", compiled without POPCNT instructions"));
#endif
    return builds;
}

}  // namespace fedhash::scenarios
