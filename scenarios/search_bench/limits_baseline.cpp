#define FEDHASH_LIMITS limits_baseline
#include "scenarios/search_bench/limit_loops.inc"
