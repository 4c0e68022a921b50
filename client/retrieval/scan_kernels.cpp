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

const ScanKernels& scan_kernels() {
#if defined(__x86_64__)
    const std::string_view set = kernels().name;
    if (set == scan_avx512::table.name) return scan_avx512::table;
    if (set == scan_avx2::table.name) return scan_avx2::table;
#endif
    return scan_baseline::table;  // of "popcnt" too: words are not counted here
}

}  // namespace fedhash::client
