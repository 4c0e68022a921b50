// What a run leaves behind, written as it happens: metrics.csv, costs.csv, users.csv and
// events.jsonl in the run folder.
//
// metrics.csv holds only what the scenario, the seed and the accepted uploads determine, so it is
// the same to the byte however the run was spread over processes; everything that depends on the
// machine is in costs.csv.
#pragma once

#include <fstream>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/measures.hpp"
#include "common/wire/messages.hpp"
#include "server/ledger.hpp"
#include "server/options.hpp"

namespace fedhash::server {

struct RoundRecord {
    std::uint32_t round = 0;
    std::uint32_t sampled = 0;
    std::uint32_t accepted = 0;
    std::uint64_t flips = 0;
    std::uint32_t clients_ready = 0;
    double seconds = 0;
    double cpu_seconds = 0;        // of the coordinator
    std::uint64_t memory_kib = 0;  // resident, of its process
    RoundBytes bytes;
    std::uint64_t rows_heard = 0;  // (user, item) pairs in the accepted uploads
    // By the models (virtual_clock.hpp, attendance.hpp):
    std::uint32_t needed = 0;   // users
    std::uint32_t dropped = 0;  // took the tables and went away
    std::uint32_t late = 0, surplus = 0, too_stale = 0;
    bool abandoned = false;
    std::int64_t start_ns = 0, end_ns = 0;

    /// Sums of users; the end of the later one.
    RoundRecord& operator+=(const RoundRecord& other);
};

/// What federated matrix factorisation would send for the same work, computed, not measured: every
/// item's k float32 factors down to each sampled user, and for every rated item its id and k
/// float32 gradients up (FedMF, arXiv 1906.05108).
struct Float32Bytes {
    double down = 0, up = 0;
};
Float32Bytes float32_bytes(std::uint32_t bits, std::uint32_t items, std::uint64_t sampled,
                           std::uint64_t rows);

using EventSink = std::function<void(const nlohmann::json& event)>;

class Records {
  public:
    /// Makes the files. Throws RunError naming the file, UsageError where it is there already.
    Records(const Options& options, EventSink sink);

    /// A line of metrics.csv: what happened in a round, with the measurement that followed it, if
    /// any.
    void metrics(const RoundRecord& record, const std::string& part, const wire::Scores* scores);
    void costs(const RoundRecord& record);
    /// A line of clock.csv: modelled times, and who did not count by the models.
    void clock(const RoundRecord& record);
    /// A line of traffic.csv: what users' devices took part in the round for; and of sizes.csv for
    /// each number of bytes that any of them was sent, or sent.
    void traffic(std::uint32_t round, const DeviceTraffic& traffic);
    void users(const std::vector<UserTotals>& totals, std::uint32_t clients);
    void event(const nlohmann::json& event);

    /// Takes the files away, of a run that did not begin.
    void discard();

  private:
    struct File {
        std::string path;
        std::ofstream stream;
    };
    File open(const std::string& name);
    static void finish_line(File& file);

    std::string folder_;
    std::vector<std::string> made_;
    std::uint32_t bits_, items_;
    std::vector<MetricSpec> specs_;
    std::size_t ways_;  // of scoring
    EventSink sink_;
    File metrics_, costs_, traffic_, sizes_, clock_, events_;
};

/// Metrics as JSON, in the shape of summary.json: {"HR@10": {"expected": ..., ...}, ...}.
nlohmann::json to_json(const MetricSums& sums, std::span<const std::uint32_t> cutoffs);
/// The same for each way of scoring that has figures: {"codes": {"HR@10": ...}, "vector": ...}.
nlohmann::json to_json(const wire::Scores& scores, const Options& options);
/// Ten entries, least popular tenth first: {"items": count, "Recall@10": expected, ...}.
nlohmann::json deciles_to_json(const MetricSums& sums, std::span<const std::uint32_t> cutoffs);

}  // namespace fedhash::server
