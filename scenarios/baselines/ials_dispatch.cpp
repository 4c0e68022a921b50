#include "scenarios/baselines/ials_dispatch.hpp"

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

std::vector<const IalsKernels*> usable_ials_kernels() {
    std::vector<const IalsKernels*> usable;
#ifdef FEDHASH_IALS_X86
    if (__builtin_cpu_supports("avx512f")) usable.push_back(&ials_avx512::kernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        usable.push_back(&ials_avx2::kernels);
#endif
    usable.push_back(&ials_generic::kernels);
    return usable;
}

const IalsKernels& ials_kernels() {
    static const IalsKernels& best = *usable_ials_kernels().front();
    return best;
}

}  // namespace fedhash::scenarios
