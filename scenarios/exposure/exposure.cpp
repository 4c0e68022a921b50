#include "scenarios/exposure/exposure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/temporary_folder.hpp"
#include "scenarios/data/code_file.hpp"
#include "scenarios/exposure/expose.hpp"
#include "scenarios/exposure/poisoning.hpp"
#include "scenarios/playback/playback.hpp"

namespace fedhash::scenarios {

void check_attacks(const std::vector<std::string>& ids) {
    std::vector<std::string> known;
    for (const attacks::Attack& attack : attacks::attacks()) known.emplace_back(attack.id);
    for (const PoisoningId& one : poisoning_ids()) known.emplace_back(one.id);
    for (const std::string& id : ids)
        if (std::ranges::find(known, id) == known.end())
            throw UsageError(
                fmt::format("no attack '{}'; there is {}", id, fmt::join(known, ", ")));
}

namespace {

std::vector<Exposure> figures_of(const Record& record, const Prepared& data, std::uint32_t round,
                                 const std::vector<std::string>& ids, std::size_t& users) {
    const Truth truth = replay_devices(record, data, round);
    const TemporaryFolder folder;
    server::Observer observer(round);
    play_back(record, folder.path(), &observer);
    users = static_cast<std::size_t>(
        std::ranges::count(observer.seen(), round, &server::Observation::round));
    attacks::Sight sight{record.options.variant, record.options.items, round, &observer.seen(),
                         &observer.published()};
    sight.sum = &observer.sum();
    std::vector<Exposure> figures = expose(sight, truth, ids);
    if (sight.variant.adversary.clients == "none") return figures;
    const auto next = observer.published().find(round + 1);
    const Codes after =
        next != observer.published().end()
            ? next->second
            : read_codes(folder.path() / "item_codes.npy", sight.variant.bits).codes;
    std::ranges::move(expose_poisoning(sight, truth, after, record.options, ids),
                      std::back_inserter(figures));
    return figures;
}

}  // namespace

bool ExposureReport::violated() const { return std::ranges::any_of(audit, &AuditTest::violated); }

ExposureReport expose_run(const Record& record, const std::string& method, const Prepared& data,
                          std::uint32_t round, const std::vector<std::string>& ids) {
    check_attacks(ids);
    const Variant& variant = record.options.variant;
    const std::uint32_t last = last_round(record);
    if (round == 0) round = last;
    if (round > last)
        throw UsageError(fmt::format("--round {}: the record has {} rounds", round, last));
    if (find_exchange(variant.exchange).by_bit)
        throw UsageError("the exchange '" + variant.exchange +
                         "' asks users bit by bit; attacks are on uploads that are said at once");
    if (variant.teaching(round))
        throw UsageError(fmt::format(
            "--round {}: rounds up to {} are the real-valued teacher's, whose uploads no attack "
            "is on yet",
            round, variant.teacher.rounds));

    ExposureReport report{fmt::format("{}, {} bits, uplink {}, seed {}", method, variant.bits,
                                      variant.uplink, record.options.seed),
                          round,
                          0,
                          {},
                          {}};
    report.figures = figures_of(record, data, round, ids, report.users);
    // Items learn from what was said, and codes from items: from the second upload on, a code that
    // is said the same way for good has moved towards what was said.
    const bool wanted = ids.empty() || std::ranges::find(ids, "A4") != ids.end();
    if (variant.privacy.code == "permanent" && round > 1 && wanted) {
        std::size_t users = 0;
        for (Exposure& figure : figures_of(record, data, 1, {"A4"}, users)) {
            if (!figure.refused.empty()) continue;
            figure.figure += first_upload;
            figure.headline = false;
            report.figures.push_back(std::move(figure));
        }
    }
    report.audit = audit(variant, round, report.figures);
    return report;
}

}  // namespace fedhash::scenarios
