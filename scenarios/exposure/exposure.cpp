#include "scenarios/exposure/exposure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <future>
#include <iterator>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/temporary_folder.hpp"
#include "scenarios/data/code_file.hpp"
#include "scenarios/exposure/active.hpp"
#include "scenarios/exposure/expose.hpp"
#include "scenarios/exposure/poisoning.hpp"
#include "scenarios/exposure/shadow.hpp"
#include "scenarios/playback/playback.hpp"

namespace fedhash::scenarios {

std::vector<std::string> attack_ids() {
    std::vector<std::string> ids;
    for (const attacks::Attack& attack : attacks::attacks()) ids.emplace_back(attack.id);
    ids.emplace_back(active_id);
    for (const PoisoningId& one : poisoning_ids()) ids.emplace_back(one.id);
    return ids;
}

void check_attacks(const std::vector<std::string>& ids) {
    const std::vector<std::string> known = attack_ids();
    for (const std::string& id : ids)
        if (std::ranges::find(known, id) == known.end())
            throw UsageError(
                fmt::format("no attack '{}'; there is {}", id, fmt::join(known, ", ")));
}

namespace {

/// A record, played back once more before an observer.
struct Replay {
    const Record& record;
    TemporaryFolder folder;
    server::Observer observer;
    PlayedBack played;
    Truth truth;
    Questioned questioned;

    Replay(const Record& recorded, const Prepared& data, std::uint32_t round)
        : record(recorded), observer(round) {
        std::future<Truth> devices;
        const bool masked = find_exchange(recorded.options.variant.exchange).masked;
        if (!masked)
            devices = std::async(std::launch::async,
                                 [&] { return replay_devices(recorded, data, round, {}); });
        played = play_back(recorded, folder.path(), &observer);
        // Who is in a masked sum, the coordinator says.
        truth =
            masked ? replay_devices(recorded, data, round, observer.sum().users) : devices.get();
        if (!has_clear_sum() || truth.clear->uploads.empty() ||
            recorded.options.variant.privacy.noise_q8 == 0)
            return;
        questioned = question_users(observer.sum(), *truth.clear);
        truth.present = questioned.present;
    }

    /// Users who were lied to under masks learnt on other tables.
    bool has_clear_sum() const { return truth.clear && record.options.lie == "none"; }

    attacks::Sight sight(const server::Observer::Uploads& uploads, std::uint32_t round) const {
        attacks::Sight sight{record.options.variant, record.options.items, round, &uploads.seen,
                             &uploads.tables};
        sight.sum = &observer.sum();
        sight.decoys = &observer.decoys();
        sight.shadow = shadow_device(record.options.variant, uploads.tables);
        sight.candidates = questioned.candidates;
        return sight;
    }
    /// What the item codes became after that round.
    Codes after(std::uint32_t round) const {
        const auto& published = observer.honest().tables;
        const auto next = published.find(round + 1);
        return next != published.end()
                   ? next->second
                   : read_codes(folder.path() / "item_codes.npy", record.options.variant.bits)
                         .codes;
    }
};

void check_opened(const Replay& replay, ExposureReport& report) {
    report.sums =
        check_sums(replay.record.options.variant, replay.observer.sum(), *replay.truth.clear);
    if (report.sums->violated()) throw RunError(sum_text(*report.sums));
}

std::vector<Exposure> figures_of(const Record& record, const Prepared& data, std::uint32_t round,
                                 const std::vector<std::string>& ids, ExposureReport& report) {
    const Replay replay(record, data, round);
    const attacks::Sight sight = replay.sight(replay.observer.honest(), round);
    const auto users = std::ranges::count(*sight.seen, round, &server::Observation::round);
    report.users = static_cast<std::size_t>(users);
    if (replay.has_clear_sum()) check_opened(replay, report);
    std::vector<Exposure> figures;
    const auto add = [&figures](std::vector<Exposure> more) {
        std::ranges::move(more, std::back_inserter(figures));
    };
    if (users > 0) add(expose(sight, replay.truth, ids));
    const auto is_asked = [&ids](const char* id) {
        return std::ranges::find(ids, id) != ids.end();
    };
    const bool wanted = ids.empty() || is_asked(active_id);
    if (record.options.lie != "none" && wanted)
        add(expose_active(server::find_server_lie(record.options.lie), replay.played.lies,
                          replay.sight(replay.observer.victims(), round), sight, replay.truth));
    if (users > 0 && record.options.variant.adversary.clients != "none")
        add(expose_poisoning(sight, replay.truth, replay.after(round), record.options, ids));
    // Of "all" attacks these are not missed.
    if (record.options.lie == "none" && is_asked(active_id))
        add({{.attack = active_id,
              .name = "a coordinator that lies",
              .refused = "the coordinator of this run does as it should (adversary.server)"}});
    for (const PoisoningId& one : poisoning_ids())
        if (record.options.variant.adversary.clients == "none" && is_asked(one.id))
            add({{.attack = one.id,
                  .name = "users who lie",
                  .refused = "nobody lies in this run (adversary.clients)"}});
    return figures;
}

}  // namespace

void check_attackable(const Variant& variant, std::uint32_t rounds, std::uint32_t round) {
    if (round > rounds)
        throw UsageError(fmt::format("--round {}: there are {} rounds", round, rounds));
    if (round == 0) round = rounds;
    if (find_exchange(variant.exchange).by_bit)
        throw UsageError("the exchange '" + variant.exchange +
                         "' asks users bit by bit; attacks are on uploads that are said at once");
    if (variant.teaching(round))
        throw UsageError(fmt::format(
            "--round {}: rounds up to {} are the real-valued teacher's, whose uploads no attack "
            "is on yet",
            round, variant.teacher.rounds));
}

ExposureReport expose_run(const Record& record, const std::string& method, const Prepared& data,
                          std::uint32_t round, const std::vector<std::string>& ids) {
    check_attacks(ids);
    const Variant& variant = record.options.variant;
    const std::uint32_t last = last_round(record);
    if (round == 0) round = last;
    if (last == 0) throw DataError("the record has no whole round to attack");
    check_attackable(variant, last, round);

    ExposureReport report{fmt::format("{}, {} bits, uplink {}, seed {}", method, variant.bits,
                                      variant.uplink, record.options.seed),
                          round,
                          0,
                          {}};
    report.figures = figures_of(record, data, round, ids, report);
    // Items learn from what was said, and codes from items: from the second upload on, a code that
    // is said the same way for good has moved towards what was said.
    const bool wanted = ids.empty() || std::ranges::find(ids, "A4") != ids.end();
    if (variant.privacy.code == "permanent" && round > 1 && wanted) {
        ExposureReport first;
        for (Exposure& figure : figures_of(record, data, 1, {"A4"}, first)) {
            if (!figure.refused.empty()) continue;
            figure.figure += first_upload;
            figure.headline = false;
            report.figures.push_back(std::move(figure));
        }
    }
    report.audit = audit(variant, record.options.users, round, report.figures);
    return report;
}

}  // namespace fedhash::scenarios
