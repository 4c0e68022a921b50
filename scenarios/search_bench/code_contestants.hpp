// Ours, over codes.
#pragma once

#include "scenarios/search_bench/contestant.hpp"

namespace fedhash::scenarios {

std::unique_ptr<Contestant> make_ranking(const Corpus& corpus, std::string& why);
std::unique_ptr<Contestant> make_lookup(const Corpus& corpus, std::string& why);
std::unique_ptr<Contestant> make_multi_index(const Corpus& corpus, std::string& why);
/// All items within distance 2 by those tables, as papers use them: maybe none.
std::unique_ptr<Contestant> make_within(const Corpus& corpus, std::string& why);
std::unique_ptr<Contestant> make_two_step(const Corpus& corpus, std::string& why);

}  // namespace fedhash::scenarios
