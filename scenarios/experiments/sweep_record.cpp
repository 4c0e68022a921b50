#include "scenarios/experiments/sweep_record.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
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

json sweep_identity(const Loaded& base, const std::vector<Axis>& axes, bool all) {
    json list = json::array();
    for (const Axis& axis : axes) list.push_back({{"key", axis.key}, {"values", axis.values}});
    json identity{{"base", short_hash(identity_text(base))}, {"axes", list}};
    if (all) identity["all"] = true;
    return identity;
}

Winner read_winner(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "sweep.json";
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw UsageError(folder.string() + ": not the folder of a sweep: it has no sweep.json");
    const json sweep = json::parse(in, nullptr, false);
    const json::json_pointer method("/winner/method");
    if (!sweep.is_object() || !sweep.contains(method) || !sweep.at(method).is_object())
        throw UsageError(folder.string() +
                         ": this sweep has no winner yet; its command, given again, goes on");
    Winner winner{{}, sweep.value("tried", std::size_t{0})};
    for (const auto& [key, value] : sweep.at(method).items())
        winner.settings.push_back({key, value.get<std::string>()});
    return winner;
}

json sweep_json(const SweepPlan& plan, const SweepResult& result, const std::string& state) {
    const Loaded base = plan.resolve({});
    json sweep = sweep_identity(base, plan.axes, plan.all);
    sweep["schema"] = 1;
    sweep["scenario"] = base.file;
    sweep["state"] = state;
    sweep["by"] = result.by;
    for (const Resolved& value : base.values) sweep["settings"][value.key] = value.value;
    // One point that goes on from another sweep's winner is no further choice.
    const bool chose = !plan.all && (result.points.size() > 1 || plan.tried_before == 0);
    sweep["tried"] = plan.tried_before + (chose ? result.points.size() : 0);
    sweep["points"] = json::array();
    for (const SweptPoint& swept : result.points)
        sweep["points"].push_back({{"settings", settings_json(swept.settings)},
                                   {"validation", swept.score ? json(*swept.score) : json()},
                                   {"trials", trials_json(swept.trials)}});
    if (plan.all)
        for (const std::filesystem::path& run : result.tested_runs())
            sweep["runs"].push_back(run.string());
    if (result.tests.empty()) return sweep;
    json& winner = sweep["winner"];
    const std::vector<Override>& won = result.points[*result.winner].settings;
    winner = {{"settings", settings_json(won)},
              {"method", json::object()},
              {"trials", trials_json(result.tests)},
              {"runs", json::array()}};
    for (const std::filesystem::path& run : result.tested_runs())
        winner["runs"].push_back(run.string());
    for (const Resolved& value : plan.resolve(won).values)
        if (value.key == "method.name" || preset_may_set(value.key))
            winner["method"][value.key] = value.value;
    return sweep;
}

}  // namespace fedhash::scenarios
