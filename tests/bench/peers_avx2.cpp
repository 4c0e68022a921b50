#define FEDHASH_PEERS peers_avx2
#define FEDHASH_PEERS_NAME "avx2"
#include "tests/bench/peers.inc"
