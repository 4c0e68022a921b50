#include "common/kernels/kernels.hpp"

#include <algorithm>

#include "common/codes.hpp"
#include "common/errors.hpp"

namespace fedhash {

namespace kernels_baseline {
extern const Kernels table;
}
#if defined(__x86_64__)
namespace kernels_popcnt {
extern const Kernels table;
}
namespace kernels_avx2 {
extern const Kernels table;
}
namespace kernels_avx512 {
extern const Kernels table;
}
#endif

namespace {

std::vector<const Kernels*> detect() {
    std::vector<const Kernels*> found{&kernels_baseline::table};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse4.2")) {
        found.push_back(&kernels_popcnt::table);
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) {
            found.push_back(&kernels_avx2::table);
            if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vpopcntdq"))
                found.push_back(&kernels_avx512::table);
        }
    }
#endif
    return found;
}

const std::vector<const Kernels*>& detected() {
    static const std::vector<const Kernels*> found = detect();
    return found;
}

const Kernels*& in_use() {
    static const Kernels* chosen = detected().back();
    return chosen;
}

template <class RowAt>
void fill_planes(const std::uint64_t* codes, std::uint32_t bits, std::size_t rows, RowAt row_at,
                 std::vector<std::uint64_t>& planes) {
    const std::size_t words = words_for(bits);
    const std::size_t blocks = (rows + 63) / 64;
    planes.resize(blocks * bits);
    std::uint64_t square[64];
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::size_t count = std::min<std::size_t>(64, rows - 64 * block);
        for (std::size_t w = 0; w < words; ++w) {
            for (std::size_t j = 0; j < count; ++j)
                square[j] = codes[row_at(64 * block + j) * words + w];
            std::fill(square + count, square + 64, 0);
            kernels().transpose(square);
            const std::size_t planes_here = std::min<std::size_t>(64, bits - 64 * w);
            for (std::size_t a = 0; a < planes_here; ++a)
                planes[block * bits + 64 * w + a] = square[a];
        }
    }
}

}  // namespace

std::span<const Kernels* const> supported_kernels() { return detected(); }

const Kernels& kernels() { return *in_use(); }

void choose_kernels(std::string_view name) {
    if (name == "auto") {
        in_use() = detected().back();
        return;
    }
    std::string known;
    for (const Kernels* candidate : detected()) {
        if (name == candidate->name) {
            in_use() = candidate;
            return;
        }
        known += std::string(known.empty() ? "" : ", ") + candidate->name;
    }
    throw UsageError("run.kernels: this machine cannot run '" + std::string(name) +
                     "'; it can run: auto, " + known);
}

void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::span<const std::uint32_t> rows,
                std::vector<std::uint64_t>& planes) {
    fill_planes(
        codes, bits, rows.size(), [rows](std::size_t i) { return rows[i]; }, planes);
}

void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::size_t rows,
                std::vector<std::uint64_t>& planes) {
    fill_planes(
        codes, bits, rows, [](std::size_t i) { return i; }, planes);
}

}  // namespace fedhash
