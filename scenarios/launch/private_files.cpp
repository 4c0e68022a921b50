// What the clients left behind for their owners, gathered into the run folder.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/npy.hpp"
#include "common/population.hpp"
#include "common/scoring.hpp"
#include "scenarios/launch/outcome.hpp"

namespace fedhash::scenarios {

namespace {

namespace fs = std::filesystem;

/// The bytes after a header of `words` u32 behind four letters; throws RunError when there are not
/// `expected` of them.
wire::Buffer read_body(const fs::path& file, std::size_t words, std::size_t expected) {
    std::ifstream in(file, std::ios::binary);
    wire::Buffer bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::size_t header = 4 + words * sizeof(std::uint32_t);
    if (bytes.size() != header + expected)
        throw RunError(file.string() + ": not what a client of this run leaves");
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
    return bytes;
}

void make_private(const fs::path& file) {
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace

std::uint32_t merge_user_codes(const fs::path& folder, const server::Options& options,
                               const fs::path& to) {
    if (!makes_codes(options.variant)) return 0;
    const std::uint32_t planes = options.variant.user_bits;  // a user has so many rows
    Codes all(options.variant.bits, std::size_t{options.users} * planes);
    std::uint32_t missing = 0;
    for (std::uint32_t c = 0; c < options.clients; ++c) {
        const std::uint32_t users = users_of(c, options.clients, options.users);
        const fs::path file = folder / ("codes-" + std::to_string(c));
        if (!fs::exists(file)) {
            missing += users;
            continue;
        }
        Codes part(options.variant.bits, std::size_t{users} * planes);
        const wire::Buffer bytes = read_body(file, 4, part.words.size() * sizeof(std::uint64_t));
        if (!bytes.empty()) std::memcpy(part.words.data(), bytes.data(), bytes.size());
        for (std::size_t row = 0; row < part.rows; ++row) {
            const CodeView from = part.row(row);
            const auto user = static_cast<std::uint32_t>(row / planes);
            const std::size_t first = index(hosted_user(c, options.clients, user)) * planes;
            std::copy(from.begin(), from.end(), all.row(first + row % planes).begin());
        }
        fs::remove(file);
    }
    write_npy(to, pack(all), options.users, planes * bytes_for(all.bits));
    make_private(to);
    return missing;
}

void merge_user_metrics(const fs::path& folder, const server::Options& options,
                        const fs::path& to) {
    const std::vector<Scoring> ways = scorings(options.variant, options.asymmetric);
    const std::size_t metrics = metric_specs(options.cutoffs).size();
    std::vector<std::vector<float>> all(
        ways.size(),
        std::vector<float>(options.users * metrics, std::numeric_limits<float>::quiet_NaN()));
    for (std::uint32_t c = 0; c < options.clients; ++c) {
        const std::uint32_t users = users_of(c, options.clients, options.users);
        const fs::path file = folder / ("metrics-" + std::to_string(c));
        if (!fs::exists(file)) continue;
        std::vector<float> part(ways.size() * users * metrics);
        const wire::Buffer bytes = read_body(file, 5, part.size() * sizeof(float));
        if (!bytes.empty()) std::memcpy(part.data(), bytes.data(), bytes.size());
        for (std::size_t w = 0; w < ways.size(); ++w)
            for (std::uint32_t j = 0; j < users; ++j)
                std::copy_n(part.data() + (w * users + j) * metrics, metrics,
                            all[w].data() + index(hosted_user(c, options.clients, j)) * metrics);
        fs::remove(file);
    }
    fs::create_directories(to);
    for (std::size_t w = 0; w < ways.size(); ++w) {
        if (std::all_of(all[w].begin(), all[w].end(), [](float v) { return std::isnan(v); }))
            continue;
        const fs::path file = to / (std::string(name(ways[w])) + ".npy");
        write_npy(file, all[w], options.users, metrics);
        make_private(file);
    }
}

}  // namespace fedhash::scenarios
