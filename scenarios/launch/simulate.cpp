#include "scenarios/launch/simulate.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/npy.hpp"
#include "common/private_file.hpp"
#include "common/relaxed.hpp"
#include "common/scoring.hpp"
#include "scenarios/baselines/baselines.hpp"
#include "scenarios/data/code_file.hpp"
#include "scenarios/launch/adversary.hpp"
#include "scenarios/launch/code_health.hpp"
#include "scenarios/launch/network.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/privacy.hpp"
#include "scenarios/launch/program_folder.hpp"
#include "scenarios/launch/run_folder.hpp"
#include "scenarios/launch/unused.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/settings/expectations.hpp"
#include "scenarios/settings/show.hpp"
#include "server/records.hpp"

namespace fedhash::scenarios {

namespace {

std::string status_text(const nlohmann::json& event, double seconds) {
    const auto round = event.at("round").get<double>(), rounds = event.at("rounds").get<double>();
    std::string text = fmt::format("round {:.0f} of {:.0f}", round, rounds);
    if (event.contains("metric"))
        text += fmt::format(", validation {} {:.4f}", event["metric"].get<std::string>(),
                            event["value"].get<double>());
    text += fmt::format(
        ", {} down, {} up, {} clients", report::bytes_text(event.at("down").get<double>()),
        report::bytes_text(event.at("up").get<double>()), event.at("clients_ready").get<int>());
    if (round < rounds)
        text += fmt::format(", {} left", report::duration_text(seconds * (rounds - round) / round));
    return text;
}

std::string loss_text(const nlohmann::json& event) {
    return fmt::format("lost client {} ({}) in round {}: {}", event.at("client").get<int>(),
                       report::counted(event.at("users").size(), "user", "users"),
                       event.at("round").get<int>(), event.at("reason").get<std::string>());
}

class Watch {
  public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

  private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

nlohmann::json run_transport(const Job& job) {
    return job.options.transport == "in-process" ? run_in_one_process(job) : run_in_processes(job);
}

// Ctrl-C once the simulation is over: the records are finished, and only the baselines end early.
// The computation looks up whenever it reports progress.
class InterruptFlag {
  public:
    struct Raised {};
    InterruptFlag() : before_(std::signal(SIGINT, [](int) { raised = 1; })) { raised = 0; }
    ~InterruptFlag() { std::signal(SIGINT, before_); }
    InterruptFlag(const InterruptFlag&) = delete;
    InterruptFlag& operator=(const InterruptFlag&) = delete;
    static void check() {
        if (raised != 0) throw Raised{};
    }

  private:
    static inline volatile std::sig_atomic_t raised = 0;
    void (*before_)(int);
};

// Something that works when it is pasted.
std::string next_command(const Loaded& loaded, const Prepared& data, const Variant& variant,
                         const std::filesystem::path& folder, const nlohmann::json& summary) {
    if (summary.value("users_lost", 0) > 0)
        return program_name() + " replay " + report::shell_word(folder.string());
    if (loaded.scenario.data.format == "synthetic")
        return program_name() + " run scenarios/ml-1m.toml --data FOLDER-WITH-MOVIELENS-1M";
    if (makes_codes(variant) && loaded.scenario.output.user_codes && !data.user_names.empty())
        return fmt::format("{} query {} --user {}", program_name(),
                           report::shell_word(folder.string()),
                           report::shell_word(data.user_names.front()));
    return fmt::format("{} compare {}", program_name(),
                       report::shell_word((folder.parent_path() / "*").string()));
}

/// What a person should know before the run: settings that do not do what they seem to.
std::vector<std::string> setting_notices(const Loaded& loaded, const Variant& variant,
                                         std::size_t users) {
    std::vector<std::string> notices = unused_notices(loaded, variant);
    for (std::string& notice : idle_model_notices(loaded.scenario))
        notices.push_back(std::move(notice));
    for (std::string& notice : idle_privacy_notices(loaded.scenario.privacy))
        notices.push_back(std::move(notice));
    for (std::string& notice : idle_adversary_notices(loaded.scenario.adversary, users))
        notices.push_back(std::move(notice));
    if (loaded.scenario.run.clients > users)
        notices.push_back(fmt::format("run.clients={}: there are only {} users, so as many clients",
                                      loaded.scenario.run.clients, report::count_text(users)));
    return notices;
}

// Of random codes nobody asks for a paired test.
void write_user_metrics(const std::filesystem::path& folder, const Baseline& baseline,
                        std::size_t users) {
    if (baseline.name == "random" || users == 0) return;
    std::filesystem::create_directories(folder / "user_metrics");
    const std::filesystem::path file = folder / "user_metrics" / (baseline.name + ".npy");
    write_npy(file, baseline.user_metrics, users, baseline.user_metrics.size() / users);
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void add_baselines(nlohmann::json& summary, const Prepared& data, const Scenario& scenario,
                   const std::filesystem::path& folder, const Announcer& announce) {
    const Listener listener{[&](std::string_view text) {
                                InterruptFlag::check();
                                announce.progress("baselines: " + std::string(text));
                            },
                            [&](std::string_view text) { announce.say(std::string(text)); }};
    for (const Baseline& baseline : run_baselines(data, scenario.baselines, scenario.method.bits,
                                                  scenario.data.seed, scenario.eval.k, listener)) {
        write_user_metrics(folder, baseline, data.users.size());
        summary["baselines"][baseline.name] = server::to_json(baseline.sums, scenario.eval.k);
        summary["baselines_detail"][baseline.name] = baseline.detail;
    }
}

std::filesystem::path begin_folder(const Loaded& loaded, const Prepared& data,
                                   const std::string& command) {
    const Scenario& scenario = loaded.scenario;
    const std::filesystem::path folder = make_run_folder(
        scenario.output.dir,
        fmt::format("{}-{}_s{}", scenario.method.name, scenario.method.bits, scenario.run.seed));
    write_text(folder / "config.toml", write_resolved(loaded));
    write_text(folder / "manifest.json", nlohmann::json{{"schema", 1},
                                                        {"command", program_name() + " " + command},
                                                        {"started", now_utc()},
                                                        {"seed", scenario.run.seed},
                                                        {"data_hash", data.hash},
                                                        {"machine", describe_machine()},
                                                        {"outcome", "running"}}
                                                 .dump(2) +
                                             "\n");
    write_indexes(folder, data);
    if (data.planted)
        for (const auto& [name, words, rows] :
             {std::tuple{"planted_user_codes.npy", &data.planted->users, data.users.size()},
              std::tuple{"planted_item_codes.npy", &data.planted->items,
                         std::size_t{data.ranking.items}}}) {
            Codes codes(data.planted->bits, rows);
            codes.words = *words;
            write_npy(folder / name, pack(codes), rows, bytes_for(codes.bits));
        }
    return folder;
}

// Ratings, run token and the pieces of user_codes.npy: gone before anything else that can fail or
// be interrupted.
void remove_private(const std::filesystem::path& folder) {
    std::error_code ignored;
    std::filesystem::remove_all(folder / "private", ignored);
}

void end_folder(const std::filesystem::path& folder, const nlohmann::json& summary) {
    remove_private(folder);  // first: on a full disk this makes room for the rest
    write_text(folder / "summary.json", summary.dump(2) + "\n");
    std::ifstream in(folder / "manifest.json");
    nlohmann::json manifest = nlohmann::json::parse(in);
    manifest["ended"] = now_utc();
    manifest["outcome"] = summary["outcome"];
    write_text(folder / "manifest.json", manifest.dump(2) + "\n");
    std::error_code ignored;
    std::filesystem::remove(folder / "logs", ignored);  // stays when something is in it
}

void gather_private(const Job& job, nlohmann::json& summary) {
    merge_user_metrics(job.run_folder / "private", job.options, job.run_folder / "user_metrics");
    const std::uint32_t missing = merge_user_codes(job.run_folder / "private", job.options,
                                                   job.run_folder / "user_codes.npy");
    if (missing > 0)
        summary["notices"].push_back(
            fmt::format("user_codes.npy: {} left no code, their rows are zero",
                        report::counted(missing, "user", "users")));
}

/// Figures of the codes that the run left, and a notice for each sign of a collapse.
void describe_codes(nlohmann::json& summary, const Job& job, const Prepared& data,
                    std::span<const std::uint32_t> cutoffs) {
    const Variant& variant = job.options.variant;
    const std::filesystem::path file = job.run_folder / "item_codes.npy";
    if (!makes_codes(variant) || !std::filesystem::exists(file)) return;
    const Codes items = read_codes(file, variant.bits).codes;
    CodeHealth health = code_health(items);
    const std::filesystem::path users = job.run_folder / "user_codes.npy";
    const bool by_distance = variant.similarity == "hamming" && variant.bias_bits == 0;
    if (by_distance && std::filesystem::exists(users))
        add_ties(health, items, read_codes(users, variant.bits).codes, variant.user_bits,
                 data.users, headline_cutoff(cutoffs));
    nlohmann::json& figures = summary["code_health"];
    figures = {{"balance", health.balance},
               {"correlation", health.correlation},
               {"dead_bits", health.dead_bits},
               {"duplicates", health.duplicates}};
    if (health.tied) {
        figures["place"] = health.place;
        figures["tied"] = *health.tied;
        figures["drawn"] = *health.drawn;
    }
    figures["collapse"] = collapse_warnings(health, variant.bits, items.rows);
    for (const auto& warning : figures["collapse"])
        summary["notices"].push_back("the codes collapse: " + warning.get<std::string>());
}

void describe_run(nlohmann::json& summary, const Loaded& loaded, const Prepared& data,
                  const Variant& variant, const std::filesystem::path& folder) {
    // What scoring `vector` scores with (client/scoring.cpp).
    summary["vector_source"] = variant.quantiser == "free"                          ? "decoded"
                               : is_relaxed(variant) && variant.quantiser == "none" ? "gradients"
                                                                                    : "ridge";
    summary["method"] = loaded.scenario.method.name;
    summary["title"] = loaded.scenario.title;
    summary["transport"] = loaded.scenario.run.transport;
    summary["data"] = {{"label", data.label},
                       {"split", data.split_label},
                       {"candidates", data.candidates_label},
                       {"hash", data.hash},
                       {"seed", loaded.scenario.data.seed}};
    for (const std::string& notice : data.notices) summary["notices"].push_back(notice);
    for (const std::string& notice : setting_notices(loaded, variant, data.users.size()))
        summary["notices"].push_back(notice);
    const AdversarySettings& adversary = loaded.scenario.adversary;
    if (adversary.server != "none" || adversary.clients != "none")
        summary["adversary"] = adversary_json(adversary, variant, data);
    summary["run_folder"] = folder.string();
}

/// A mistake in the small file of links is told before much data are read.
Prepared read_data(const Scenario& scenario) {
    link_model(scenario.network);
    return prepare(scenario.data);
}

bool hides_users(const Variant& variant) {
    const PrivacyVariant& privacy = variant.privacy;
    return privacy.decoys != "none" || privacy.code != "exact" || privacy.items != "exact" ||
           privacy.ballots > 0 || find_exchange(variant.exchange).masked ||
           find_exchange(variant.exchange).shuffled;
}

}  // namespace

nlohmann::json simulate(const Loaded& loaded, const std::string& command, const Announcer& announce,
                        const Replay* replay) {
    const Watch watch;
    const Scenario& scenario = loaded.scenario;
    announce.progress("reading data");
    const Prepared data = read_data(scenario);
    for (const std::string& notice : data.notices) announce.say(notice);
    announce.step(fmt::format("{}: {} users, {} items", data.label,
                              report::count_text(data.users.size()),
                              report::count_text(data.ranking.items)));

    Job job{&data,
            plan(scenario, data, fresh_token()),
            {},
            scenario.output.user_codes,
            scenario.run.threads,
            {}};
    for (const std::string& notice :
         setting_notices(loaded, job.options.variant, data.users.size()))
        announce.say(notice);
    if (replay != nullptr) job.options.lost = replay->lost;
    job.run_folder = begin_folder(loaded, data, command);
    Watch training;
    std::set<std::uint32_t> named;  // clients whose loss was announced; later rounds lack them too
    job.on_event = [&](const nlohmann::json& event) {
        const std::string kind = event.at("event");
        if (kind == "ready") {
            training = Watch();
            announce.step(fmt::format(
                "{} ready",
                report::counted(event.at("clients").get<std::size_t>(), "client", "clients")));
        } else if (kind == "round") {
            announce.step(status_text(event, training.seconds()));
        } else if (kind == "lost" && named.insert(event.at("client").get<std::uint32_t>()).second) {
            announce.say(loss_text(event));
        }
    };
    announce.progress(
        fmt::format("starting {}", report::counted(job.options.clients, "client", "clients")));

    nlohmann::json summary;
    const auto record = [&] {
        summary["seconds"]["whole_command"] = watch.seconds();
        end_folder(job.run_folder, summary);
    };
    std::optional<InterruptFlag> interrupt;
    std::exception_ptr failure;
    try {
        summary = run_transport(job);
        interrupt.emplace();
        if (scenario.output.user_codes && summary["outcome"] != "interrupted")
            gather_private(job, summary);
        describe_codes(summary, job, data, scenario.eval.k);
        if (hides_users(job.options.variant))
            summary["privacy"] = privacy_json(job.options, data, summary);
    } catch (const std::exception& error) {
        failure = std::current_exception();
        summary["outcome"] = "failed";
        summary["outcome_detail"] = error.what();
    }
    describe_run(summary, loaded, data, job.options.variant, job.run_folder);
    if (replay == nullptr)
        summary["next"] = next_command(loaded, data, job.options.variant, job.run_folder, summary);
    else
        summary["replay_of"] = replay->run_folder.string();
    record();
    if (failure) std::rethrow_exception(failure);
    // What was trained is safe now, whatever becomes of the baselines.
    if (scenario.baselines.enabled && scenario.eval.test && summary["outcome"] != "interrupted") {
        try {
            add_baselines(summary, data, scenario, job.run_folder, announce);
        } catch (const InterruptFlag::Raised&) {
            summary["baselines_interrupted"] = true;
            summary["notices"].push_back(
                "the baselines were interrupted: those missing were not measured");
        }
        record();
    }
    return summary;
}

std::filesystem::path deal_for_hosts(Loaded loaded, const std::string& command,
                                     const std::filesystem::path& folder,
                                     const Announcer& announce) {
    std::error_code error;
    if (std::filesystem::exists(folder, error))
        throw UsageError(folder.string() + ": is there already; choose another --to");
    announce.progress("reading data");
    const Prepared data = read_data(loaded.scenario);
    for (const std::string& notice : data.notices) announce.say(notice);
    loaded.scenario.run.transport = "tcp";
    server::Options options = plan(loaded.scenario, data, fresh_token());
    std::filesystem::create_directories(folder / "shards", error);
    if (error) throw RunError(folder.string() + ": cannot be made: " + error.message());
    loaded.scenario.output.dir = folder.string();
    const std::filesystem::path run = begin_folder(loaded, data, command);
    options.run_folder = run.string();
    const std::string text = server::to_text(options) + "\n";
    write_private_file(folder / "server.json",
                       {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    const Identities identities = identities_for(options);
    for (std::uint32_t c = 0; c < options.clients; ++c)
        client::write_shard(folder / "shards" / std::to_string(c),
                            deal(data, c, options, identities));
    if (identities.shuffler)
        shuffler::write_key_file(folder / "shuffler", shuffler_keys(options, identities));
    nlohmann::json summary;
    describe_run(summary, loaded, data, options.variant, run);
    if (loaded.scenario.baselines.enabled && loaded.scenario.eval.test)
        add_baselines(summary, data, loaded.scenario, run, announce);
    write_text(run / "summary.json", summary.dump(2) + "\n");
    remove_private(run);
    std::filesystem::remove(run / "logs", error);
    return run;
}

std::string describe_plan(const Loaded& loaded) {
    const Prepared data = read_data(loaded.scenario);
    const server::Options options = plan(loaded.scenario, data, {});
    const Variant& variant = options.variant;
    std::string text = fmt::format("{}\n  split       {}\n  candidates  {}\n", data.label,
                                   data.split_label, data.candidates_label);
    for (const std::string& notice : data.notices) text += "  notice      " + notice + "\n";
    for (const std::string& notice : setting_notices(loaded, variant, data.users.size()))
        text += "  notice      " + notice + "\n";
    // A teacher says real vectors and has rules of its own: the other pieces are not used.
    const std::string pieces =
        variant.learner == "teacher"
            ? fmt::format("teacher learner, {} factors, quantiser {}", variant.teacher.factors,
                          variant.quantiser)
            : fmt::format("{} learner, {} objective, {} uplink, {} item rule", variant.learner,
                          variant.objective, variant.uplink, variant.item_rule);
    text += fmt::format("  method      {} ({})\n", loaded.scenario.method.name, pieces);
    text += fmt::format("  run         {} users on {}, {} at {:.0f} % participation, over {}\n",
                        report::count_text(options.users),
                        report::counted(options.clients, "client process", "client processes"),
                        report::counted(options.rounds, "round", "rounds"),
                        100 * options.participation, options.transport);
    if (makes_codes(variant))
        text += fmt::format(
            "  item codes  {} bits, {} all together (computed; a run counts what crosses)\n",
            variant.bits,
            report::bytes_text(static_cast<double>(bytes_for(variant.bits)) * options.items));
    return text;
}

}  // namespace fedhash::scenarios
