#define FEDHASH_KERNELS kernels_avx512
#define FEDHASH_KERNELS_NAME "avx512"
#include "common/kernels/loops.inc"
