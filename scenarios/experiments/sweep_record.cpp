#include "scenarios/experiments/sweep_record.hpp"

#include "scenarios/experiments/identity.hpp"

namespace fedhash::scenarios {
namespace {

using nlohmann::json;

json settings_json(const std::vector<Override>& settings) {
    json object = json::object();
    for (const Override& one : settings) object[one.key] = one.value;
    return object;
}

json trial_json(const Trial& one) {
    json object{{"id", one.id},
                {"run.seed", one.seed},
                {"data.seed", one.data_seed},
                {"state", name(one.outcome.state)}};
    if (!one.outcome.run.empty()) object["run"] = one.outcome.run.string();
    if (!one.outcome.reason.empty()) object["reason"] = one.outcome.reason;
    return object;
}

json trials_json(const std::vector<Trial>& trials) {
    json list = json::array();
    for (const Trial& one : trials) list.push_back(trial_json(one));
    return list;
}

}  // namespace

json sweep_identity(const Loaded& base, const std::vector<Axis>& axes) {
    json list = json::array();
    for (const Axis& axis : axes) list.push_back({{"key", axis.key}, {"values", axis.values}});
    return {{"base", short_hash(identity_text(base))}, {"axes", list}};
}

json sweep_json(const SweepPlan& plan, const SweepResult& result, const std::string& state) {
    const Loaded base = plan.resolve({});
    json sweep = sweep_identity(base, plan.axes);
    sweep["schema"] = 1;
    sweep["scenario"] = base.file;
    sweep["state"] = state;
    sweep["by"] = result.by;
    for (const Resolved& value : base.values) sweep["settings"][value.key] = value.value;
    sweep["points"] = json::array();
    for (const SweptPoint& swept : result.points)
        sweep["points"].push_back({{"settings", settings_json(swept.settings)},
                                   {"validation", swept.score ? json(*swept.score) : json()},
                                   {"trials", trials_json(swept.trials)}});
    if (result.tests.empty()) return sweep;
    json& winner = sweep["winner"];
    winner = {{"settings", settings_json(result.points[*result.winner].settings)},
              {"trials", trials_json(result.tests)},
              {"runs", json::array()}};
    for (const Trial& one : result.tests)
        if (one.outcome.state == TrialOutcome::State::finished)
            winner["runs"].push_back(one.outcome.run.string());
    return sweep;
}

}  // namespace fedhash::scenarios
