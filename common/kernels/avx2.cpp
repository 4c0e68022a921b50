#define FEDHASH_KERNELS kernels_avx2
#define FEDHASH_KERNELS_NAME "avx2"
#include "common/kernels/loops.inc"
