#define FEDHASH_LIMITS limits_avx512
#include "scenarios/search_bench/limit_loops.inc"
