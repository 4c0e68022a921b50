#define FEDHASH_SCAN scan_avx512
#define FEDHASH_SCAN_NAME "avx512"
#include "client/retrieval/scan.inc"
