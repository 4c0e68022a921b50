#include <fstream>
#include <iterator>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/npy.hpp"
#include "common/population.hpp"
#include "scenarios/launch/outcome.hpp"

namespace fedhash::scenarios {

namespace {

// What client/device.cpp writes: "FDHC" | client | clients | bits | count | words.
Codes read_codes(const std::filesystem::path& file, std::uint32_t bits, std::uint32_t users) {
    std::ifstream in(file, std::ios::binary);
    const wire::Buffer bytes((std::istreambuf_iterator<char>(in)),
                             std::istreambuf_iterator<char>());
    Codes codes(bits, users);
    const std::size_t header = 4 + 4 * sizeof(std::uint32_t);
    if (bytes.size() != header + codes.words.size() * sizeof(std::uint64_t))
        throw RunError(file.string() + ": not the codes of " + std::to_string(users) + " users");
    if (users > 0) std::memcpy(codes.words.data(), &bytes[header], bytes.size() - header);
    return codes;
}

}  // namespace

std::uint32_t merge_user_codes(const std::filesystem::path& folder, const server::Options& options,
                               const std::filesystem::path& to) {
    Codes all(options.variant.bits, options.users);
    std::uint32_t missing = 0;
    for (std::uint32_t c = 0; c < options.clients; ++c) {
        const std::uint32_t users = users_of(c, options.clients, options.users);
        const std::filesystem::path file = folder / ("codes-" + std::to_string(c));
        if (!std::filesystem::exists(file)) {
            missing += users;
            continue;
        }
        const Codes part = read_codes(file, options.variant.bits, users);
        for (std::uint32_t j = 0; j < users; ++j) {
            const CodeView from = part.row(j);
            std::copy(from.begin(), from.end(),
                      all.row(index(hosted_user(c, options.clients, j))).begin());
        }
        std::filesystem::remove(file);
    }
    write_npy(to, pack(all), all.rows, bytes_for(all.bits));
    std::filesystem::permissions(
        to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return missing;
}

}  // namespace fedhash::scenarios
