#define FEDHASH_PEERS peers_avx512
#define FEDHASH_PEERS_NAME "avx512"
#include "tests/bench/peers.inc"
