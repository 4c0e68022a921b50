#include "scenarios/baselines/ials_kernels.hpp"

namespace fedhash::scenarios {

namespace ials_generic {
extern const IalsKernels kernels;
}
#ifdef FEDHASH_IALS_X86
namespace ials_avx2 {
extern const IalsKernels kernels;
}
namespace ials_avx512 {
extern const IalsKernels kernels;
}
#endif

const IalsKernels& ials_kernels() {
#ifdef FEDHASH_IALS_X86
    if (__builtin_cpu_supports("avx512f")) return ials_avx512::kernels;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ials_avx2::kernels;
#endif
    return ials_generic::kernels;
}

}  // namespace fedhash::scenarios
