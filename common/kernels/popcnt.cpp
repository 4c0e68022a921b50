#define FEDHASH_KERNELS kernels_popcnt
#define FEDHASH_KERNELS_NAME "popcnt"
#include "common/kernels/loops.inc"
