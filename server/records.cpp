#include "server/records.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "common/population.hpp"
#include "common/private_file.hpp"

namespace fedhash::server {

namespace {

// Ten decimals: more than a sum of 2^-40 steps over millions of users can tell apart, and the same
// digits everywhere.
std::string decimal(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.10f", value);
    return text;
}

constexpr std::array brackets{&Bracket<std::int64_t>::expected, &Bracket<std::int64_t>::optimistic,
                              &Bracket<std::int64_t>::pessimistic};
constexpr std::array bracket_names{"expected", "optimistic", "pessimistic"};

[[noreturn]] void refuse_used(const std::string& file) {
    throw UsageError(file +
                     ": is there already, the record of another run; give a folder without "
                     "records");
}

/// The folder, which must have no records: nothing is begun that another run's would stop.
const std::string& without_records(const std::string& folder) {
    for (const char* name :
         {"metrics.csv", "costs.csv", "traffic.csv", "sizes.csv", "clock.csv", "events.jsonl"})
        if (std::filesystem::exists(folder + "/" + name)) refuse_used(folder + "/" + name);
    return folder;
}

}  // namespace

Float32Bytes float32_bytes(std::uint32_t bits, std::uint32_t items, std::uint64_t sampled,
                           std::uint64_t rows) {
    return {4.0 * bits * items * static_cast<double>(sampled),
            (4.0 + 4.0 * bits) * static_cast<double>(rows)};
}

Records::Records(const Options& options, EventSink sink)
    : folder_(without_records(options.run_folder)),
      bits_(options.variant.bits),
      items_(options.items),
      specs_(metric_specs(options.cutoffs)),
      ways_(scorings(options.variant, options.asymmetric).size()),
      sink_(std::move(sink)),
      metrics_(open("metrics.csv")),
      costs_(open("costs.csv")),
      traffic_(open("traffic.csv")),
      sizes_(open("sizes.csv")),
      clock_(open("clock.csv")),
      events_(open("events.jsonl")) {
    metrics_.stream << "round,part,users_sampled,users_accepted,item_bits_flipped,users_measured";
    for (const Scoring scoring : scorings(options.variant, options.asymmetric))
        for (const MetricSpec& spec : specs_)
            for (const char* bracket : bracket_names)
                metrics_.stream << ',' << name(scoring) << '.' << name(spec) << '.' << bracket;
    metrics_.stream << '\n';
    finish_line(metrics_);
    costs_.stream
        << "round,seconds,coordinator_cpu_seconds,clients_ready,users_sampled,users_accepted,"
           "down_publish_payload_bytes,down_request_payload_bytes,down_framing_bytes,"
           "up_reply_payload_bytes,up_framing_bytes,evaluation_down_bytes,evaluation_up_bytes,"
           "control_down_bytes,control_up_bytes,float32_down_bytes_computed,float32_up_bytes_"
           "computed,coordinator_memory_kib\n";
    finish_line(costs_);
    traffic_.stream << "round,users,tables,tables_payload_bytes,requests,requests_payload_bytes,"
                       "uploads,uploads_payload_bytes,needs,needs_payload_bytes,framing_bytes";
    for (const char* way : {"down", "up"})
        for (const char* figure : {"mean", "median", "p95", "most"})
            traffic_.stream << ',' << way << '_' << figure << "_bytes";
    traffic_.stream << '\n';
    finish_line(traffic_);
    sizes_.stream << "round,way,bytes,users\n";
    finish_line(sizes_);
    clock_.stream << "round,start_s,end_s,users_needed,users_sampled,users_dropped,users_late,"
                     "users_surplus,users_too_stale,users_accepted,abandoned\n";
    finish_line(clock_);
}

RoundRecord& RoundRecord::operator+=(const RoundRecord& other) {
    sampled += other.sampled;
    accepted += other.accepted;
    dropped += other.dropped;
    late += other.late;
    surplus += other.surplus;
    too_stale += other.too_stale;
    end_ns = std::max(end_ns, other.end_ns);
    return *this;
}

// Never one that is there: two coordinators must not write into one folder, and no records are
// lost to a second start.
Records::File Records::open(const std::string& name) {
    const std::string path = folder_ + "/" + name;
    std::FILE* made = std::fopen(path.c_str(), "wx");
    if (made == nullptr && errno == EEXIST) refuse_used(path);
    if (made == nullptr) fail_writing(path, errno);
    std::fclose(made);
    made_.push_back(path);
    File file{path, std::ofstream(path, std::ios::app)};
    if (!file.stream) fail_writing(path, errno);
    return file;
}

void Records::discard() {
    for (const std::string& path : made_) std::remove(path.c_str());
}

void Records::finish_line(File& file) {
    errno = 0;
    file.stream.flush();
    if (!file.stream) fail_writing(file.path, errno);
}

void Records::metrics(const RoundRecord& record, const std::string& part,
                      const wire::Scores* scores) {
    std::ofstream& out = metrics_.stream;
    out << record.round << ',' << part << ',' << record.sampled << ',' << record.accepted << ','
        << record.flips << ',';
    if (scores != nullptr) {
        std::uint64_t users = 0;
        for (const MetricSums& sums : scores->sums) users = std::max(users, sums.users);
        out << users;
    }
    for (std::size_t w = 0; w < ways_; ++w) {
        for (std::size_t s = 0; s < specs_.size(); ++s) {
            for (auto bracket : brackets) {
                out << ',';
                if (scores == nullptr || scores->sums[w].users == 0) continue;
                out << decimal(scores->sums[w].mean(scores->sums[w].values[s].*bracket));
            }
        }
    }
    out << '\n';
    finish_line(metrics_);
}

void Records::costs(const RoundRecord& record) {
    const auto& down = record.bytes.training[static_cast<std::size_t>(Direction::down)];
    const auto& up = record.bytes.training[static_cast<std::size_t>(Direction::up)];
    const auto of = [](const auto& counts, wire::Type type) {
        return counts[static_cast<std::size_t>(type)].payload;
    };
    const auto framing = [](const Count& count) { return count.frames * wire::header_bytes; };
    char seconds[64];
    std::snprintf(seconds, sizeof seconds, "%.6f,%.6f", record.seconds, record.cpu_seconds);
    costs_.stream << record.round << ',' << seconds << ',' << record.clients_ready << ','
                  << record.sampled << ',' << record.accepted << ','
                  << of(down, wire::Type::publish) + of(down, wire::Type::rows) << ','
                  << of(down, wire::Type::request) << ','
                  << framing(record.bytes.total(Direction::down)) << ','
                  << of(up, wire::Type::reply) + of(up, wire::Type::needs) << ','
                  << framing(record.bytes.total(Direction::up)) << ','
                  << record.bytes.evaluation_down.bytes() << ','
                  << record.bytes.evaluation_up.bytes() << ',' << record.bytes.control_down.bytes()
                  << ',' << record.bytes.control_up.bytes();
    const Float32Bytes floats = float32_bytes(bits_, items_, record.sampled, record.rows_heard);
    char computed[64];
    std::snprintf(computed, sizeof computed, ",%.0f,%.0f,", floats.down, floats.up);
    costs_.stream << computed << record.memory_kib << '\n';
    finish_line(costs_);
}

void Records::clock(const RoundRecord& record) {
    char times[64];
    std::snprintf(times, sizeof times, "%.6f,%.6f", 1e-9 * static_cast<double>(record.start_ns),
                  1e-9 * static_cast<double>(record.end_ns));
    clock_.stream << record.round << ',' << times << ',' << record.needed << ',' << record.sampled
                  << ',' << record.dropped << ',' << record.late << ',' << record.surplus << ','
                  << record.too_stale << ',' << record.accepted << ',' << (record.abandoned ? 1 : 0)
                  << '\n';
    finish_line(clock_);
}

void Records::traffic(std::uint32_t round, const DeviceTraffic& traffic) {
    std::uint64_t framing = 0;
    traffic_.stream << round << ',' << traffic.down.count();
    for (const Count& count : {traffic.tables, traffic.requests, traffic.uploads, traffic.needs}) {
        traffic_.stream << ',' << count.frames << ',' << count.payload;
        framing += count.bytes() - count.payload;
    }
    traffic_.stream << ',' << framing;
    for (const Sizes* sizes : {&traffic.down, &traffic.up}) {
        char mean[32];
        std::snprintf(mean, sizeof mean, ",%.2f", sizes->mean());
        traffic_.stream << mean << ',' << sizes->quantile(0.5) << ',' << sizes->quantile(0.95)
                        << ',' << sizes->quantile(1);
    }
    traffic_.stream << '\n';
    finish_line(traffic_);
    for (const auto& [way, sizes] : {std::pair{"down", &traffic.down}, {"up", &traffic.up}})
        for (const auto& [bytes, users] : sizes->counts())
            sizes_.stream << round << ',' << way << ',' << bytes << ',' << users << '\n';
    finish_line(sizes_);
}

void Records::users(const std::vector<UserTotals>& totals, std::uint32_t clients) {
    File file = open("users.csv");
    file.stream << "user,client,rounds_sampled,rounds_accepted,up_bytes,down_bytes\n";
    for (std::uint32_t u = 0; u < totals.size(); ++u)
        file.stream << u << ',' << client_of(UserId{u}, clients) << ',' << totals[u].sampled << ','
                    << totals[u].accepted << ',' << totals[u].up << ',' << totals[u].down << '\n';
    finish_line(file);
}

void Records::event(const nlohmann::json& event) {
    events_.stream << event.dump() << '\n';
    finish_line(events_);
    if (sink_) sink_(event);
}

nlohmann::json to_json(const MetricSums& sums, std::span<const std::uint32_t> cutoffs) {
    nlohmann::json result = nlohmann::json::object();
    const std::vector<MetricSpec> specs = metric_specs(cutoffs);
    for (std::size_t s = 0; s < specs.size(); ++s)
        for (std::size_t b = 0; b < brackets.size(); ++b)
            result[name(specs[s])][bracket_names[b]] = sums.mean(sums.values[s].*brackets[b]);
    return result;
}

nlohmann::json to_json(const wire::Scores& scores, const Options& options) {
    nlohmann::json result = nlohmann::json::object();
    const std::vector<Scoring> ways = scorings(options.variant, options.asymmetric);
    for (std::size_t w = 0; w < ways.size() && w < scores.sums.size(); ++w)
        if (scores.sums[w].users > 0)
            result[std::string(name(ways[w]))] = to_json(scores.sums[w], options.cutoffs);
    return result;
}

nlohmann::json deciles_to_json(const MetricSums& sums, std::span<const std::uint32_t> cutoffs) {
    nlohmann::json result = nlohmann::json::array();
    for (std::size_t decile = 0; decile < sums.decile_items.size(); ++decile) {
        nlohmann::json entry{{"items", sums.decile_items[decile]}};
        for (std::size_t k = 0; k < cutoffs.size(); ++k) {
            const double hits = from_fixed(sums.decile_hits[decile * cutoffs.size() + k]);
            const auto items = static_cast<double>(sums.decile_items[decile]);
            entry["Recall@" + std::to_string(cutoffs[k])] = items > 0 ? hits / items : 0.0;
        }
        result.push_back(entry);
    }
    return result;
}

}  // namespace fedhash::server
