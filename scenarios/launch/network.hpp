// From settings to the models of links, attendance and asynchrony, and the files of one's own that
// they may name.
#pragma once

#include "scenarios/data/prepared.hpp"
#include "scenarios/settings/scenario.hpp"
#include "server/options.hpp"

namespace fedhash::scenarios {

/// network.links: "none", a name (common/links.hpp), or a CSV file with the columns down_kbps,
/// up_kbps, latency_ms and, if wanted, jitter_ms, loss_percent, share. Throws UsageError, DataError
/// with file:line.
LinkModel link_model(const NetworkSettings& network);

/// availability.trace: a CSV file with the columns user, from_s, to_s; users by the data's ids.
/// Throws DataError with file:line.
server::AttendanceModel attendance_model(const Scenario& scenario, const Prepared& data);

server::AsynchronyModel asynchrony_model(const AsynchronySettings& settings);

/// Settings of models that change nothing, because what they are of is not there.
std::vector<std::string> idle_model_notices(const Scenario& scenario);

/// Refuses models that do not go with each other or with the method. Throws UsageError.
void check_models(const server::Options& options);

}  // namespace fedhash::scenarios
