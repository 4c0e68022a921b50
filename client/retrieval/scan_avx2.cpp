#define FEDHASH_SCAN scan_avx2
#define FEDHASH_SCAN_NAME "avx2"
#include "client/retrieval/scan.inc"
