#define FEDHASH_KERNELS kernels_baseline
#define FEDHASH_KERNELS_NAME "baseline"
#include "common/kernels/loops.inc"
