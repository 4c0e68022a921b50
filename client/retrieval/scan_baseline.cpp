#define FEDHASH_SCAN scan_baseline
#define FEDHASH_SCAN_NAME "baseline"
#include "client/retrieval/scan.inc"
