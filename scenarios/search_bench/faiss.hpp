// The peer: Faiss, as it was found when this was built.
#pragma once

#include "scenarios/search_bench/contestant.hpp"

namespace fedhash::scenarios {

/// IndexBinaryFlat, selecting by a heap, and by counting.
std::unique_ptr<Contestant> make_faiss_heap(const Corpus& corpus, std::string& why);
std::unique_ptr<Contestant> make_faiss_counting(const Corpus& corpus, std::string& why);

std::string faiss_version();

}  // namespace fedhash::scenarios
