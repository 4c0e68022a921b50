#include "client/retrieval/scan_kernels.hpp"

#include <string_view>

#include "common/kernels/kernels.hpp"

namespace fedhash::client {

namespace scan_baseline {
extern const ScanKernels table;
}
#if defined(__x86_64__)
namespace scan_avx2 {
extern const ScanKernels table;
}
namespace scan_avx512 {
extern const ScanKernels table;
}
#endif

namespace {

const ScanKernels& named([[maybe_unused]] std::string_view set) {
#if defined(__x86_64__)
    if (set == scan_avx512::table.name) return scan_avx512::table;
    if (set == scan_avx2::table.name) return scan_avx2::table;
#endif
    return scan_baseline::table;  // of "popcnt" too: words are not counted here
}

}  // namespace

// A search of some thousand items asks several times: names are compared when the set has changed.
const ScanKernels& scan_kernels() {
    thread_local const char* set = nullptr;
    thread_local const ScanKernels* chosen = nullptr;
    if (const char* now = kernels().name; now != set) {
        set = now;
        chosen = &named(now);
    }
    return *chosen;
}

}  // namespace fedhash::client
