#include "scenarios/exposure/active.hpp"

#include "common/exchange.hpp"

namespace fedhash::scenarios {

namespace {

Exposure items_by_codes(const char* whose, const attacks::Sight& sight, const Truth& truth) {
    constexpr attacks::Attack attack{active_id, "", attacks::About::labels, attacks::items_of_codes,
                                     nullptr};
    Exposure auc = score(attack, attack.run(sight), truth, sight.variant.bits).front();
    auc.figure = std::string("AUC of items by codes (") + whose + ")";
    return auc;
}

}  // namespace

std::vector<Exposure> expose_active(const server::ServerLie& lie, const server::LieRecord& lies,
                                    const attacks::Sight& victims, const attacks::Sight& others,
                                    const Truth& truth) {
    std::vector<Exposure> figures;
    if (find_exchange(victims.variant.exchange).masked) {
        figures.push_back(share_of("victims whose upload was opened", lies.opened, lies.tried, 0));
        figures.back().of = "victims, round by round";
    } else if (!attacks::has_closed_form(victims.variant)) {
        figures.push_back({.refused = "rows that do not give a code away"});
    } else {
        figures.push_back(items_by_codes("victims", victims, truth));
        figures.push_back(items_by_codes("users told the truth", others, truth));
    }
    figures.push_back(
        share_of("rounds of lies in which somebody refused", lies.noticed, lies.rounds, 0));
    figures.back().of = "rounds";
    figures.front().headline = figures.front().refused.empty();
    for (Exposure& figure : figures) {
        figure.attack = active_id;
        figure.name = std::string("a coordinator that lies: ") + lie.name;
    }
    return figures;
}

}  // namespace fedhash::scenarios
