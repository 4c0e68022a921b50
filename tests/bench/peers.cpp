#include "tests/bench/peers.hpp"

namespace fedhash::peers {

namespace peers_scalar {
extern const Peers table;
}
namespace peers_baseline {
extern const Peers table;
}
#if defined(__x86_64__)
namespace peers_popcnt {
extern const Peers table;
}
namespace peers_avx2 {
extern const Peers table;
}
namespace peers_avx512 {
extern const Peers table;
}
#endif

const Peers& peers_for(std::string_view kernels) {
    if (kernels == peers_scalar::table.name) return peers_scalar::table;
#if defined(__x86_64__)
    for (const Peers* set : {&peers_popcnt::table, &peers_avx2::table, &peers_avx512::table})
        if (kernels == set->name) return *set;
#endif
    return peers_baseline::table;
}

}  // namespace fedhash::peers
