#define FEDHASH_PEERS peers_popcnt
#define FEDHASH_PEERS_NAME "popcnt"
#include "tests/bench/peers.inc"
