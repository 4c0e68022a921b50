#define FEDHASH_PEERS peers_baseline
#define FEDHASH_PEERS_NAME "baseline"
#include "tests/bench/peers.inc"
