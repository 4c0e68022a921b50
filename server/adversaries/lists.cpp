// The fourth question asks for one of two secrets of every user: with both its masks come off
// (Bonawitz et al., CCS 2017, section 6.2).
#include <algorithm>

#include "server/adversaries/adversaries.hpp"

namespace fedhash::server {

void ask_for_both(UserId, std::span<const UserId> victims, secure::Question& question) {
    for (const UserId victim : victims)
        for (auto* list : {&question.alive, &question.dropped})
            if (std::ranges::find(*list, victim) == list->end()) list->push_back(victim);
}

void split_lists(UserId asked, std::span<const UserId> victims, secure::Question& question) {
    if (index(asked) % 2 == 0) return;
    for (const UserId victim : victims)
        if (std::erase(question.alive, victim) > 0) question.dropped.push_back(victim);
}

}  // namespace fedhash::server
