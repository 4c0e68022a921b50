// What a run's users paid in bytes for how good it was, round by round: from traffic.csv,
// sizes.csv, metrics.csv, clock.csv and summary.json of its folder. Bytes are those of a device of
// its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fedhash::scenarios {

struct BudgetRound {
    std::uint32_t round = 0;
    double down_mean = 0, up_mean = 0;  // bytes of those who took part
    double down_median = 0, up_median = 0;
    double paid = 0;                // bytes per user since the start, both ways
    double seconds = 0;             // modelled, since the start
    std::optional<double> quality;  // on validation
};

/// Frames of a kind, per user and round in which it took part.
struct BudgetMessage {
    std::string name;
    bool up = false;
    double frames = 0, payload = 0, framing = 0;  // a round
    double bytes() const { return payload + framing; }
};

struct Budget {
    std::string run;     // "dcd-plus, 64 bits, seed 1"
    std::string metric;  // NDCG@10 of the first way of scoring
    double users = 0;
    std::vector<BudgetRound> rounds;
    std::vector<BudgetMessage> messages;
    double model = 0;                // bytes of the trained model, per user, after the last round
    double float32_per_round = 0;    // FedMF, both ways, per user and round, computed
    double length_entropy_bits = 0;  // of an upload
    std::optional<double> random, popularity, ceiling;  // on the test part
    std::optional<double> tested;                       // the run itself, there
    std::uint32_t from = 1;                             // round from which on the medians count
    double down_median = 0, up_median = 0;              // of all users and rounds from there on

    /// The best quality that was reached for at most so many bytes per user.
    std::optional<double> quality_at(double bytes) const;
    /// The first round at whose end the quality was at least `share` of the last one measured.
    const BudgetRound* reached(double share) const;
};

/// `metric`: a column of metrics.csv such as "codes.NDCG@10", or empty. `from`: the first round of
/// the medians over rounds; nothing: of the later half of them. Throws UsageError, DataError.
Budget read_budget(const std::filesystem::path& run, const std::string& metric,
                   std::optional<std::uint32_t> from = std::nullopt);

}  // namespace fedhash::scenarios
