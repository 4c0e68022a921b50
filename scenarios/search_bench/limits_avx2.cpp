#define FEDHASH_LIMITS limits_avx2
#include "scenarios/search_bench/limit_loops.inc"
