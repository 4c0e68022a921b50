#define FEDHASH_LIMITS limits_popcnt
#include "scenarios/search_bench/limit_loops.inc"
