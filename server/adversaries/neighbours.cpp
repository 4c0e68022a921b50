// Who has all of a user's neighbours has its secrets: a server may play them, or leave it one
// accomplice (a Sybil attack; Bonawitz et al., CCS 2017, section 6.1, ask for known keys).
#include "server/adversaries/adversaries.hpp"

namespace fedhash::server {

void make_keys_up(std::vector<secure::Advert>& adverts) {
    for (secure::Advert& advert : adverts) {
        // The server knows the secrets of these; the signature is that of the true ones.
        advert.sealing = secure::public_key(secure::hash(advert.sealing));
        advert.masking = secure::public_key(secure::hash(advert.masking));
    }
}

void leave_one(std::vector<secure::Advert>& adverts) {
    if (adverts.size() > 1) adverts.resize(1);
}

}  // namespace fedhash::server
