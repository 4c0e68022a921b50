// Model inconsistency (Pasquini, Francati, Ateniese, CCS 2022) with what RAIFLE (NDSS 2025) does to
// item features: the server chooses the codes that a victim learns on. Each bit of the user's code
// is then an answer to a question about its items that nobody has asked before.
#include "common/random.hpp"
#include "server/adversaries/adversaries.hpp"

namespace fedhash::server {

void choose_codes(Tables& tables, std::uint64_t seed) {
    Stream random = stream(seed, Purpose::adversary, tables.version);
    for (std::size_t i = 0; i < tables.codes.rows; ++i)
        randomise(tables.codes.row(i), tables.codes.bits, random);
}

}  // namespace fedhash::server
