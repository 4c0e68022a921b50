#define FEDHASH_PEERS peers_scalar
#define FEDHASH_PEERS_NAME "scalar"
#include "tests/bench/peers.inc"
