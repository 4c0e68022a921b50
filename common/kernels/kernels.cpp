#include "common/kernels/kernels.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

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
                __builtin_cpu_supports("avx512vpopcntdq") &&
                __builtin_cpu_supports("avx512bitalg"))
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

// Atomic because clients that share a process choose on threads of their own, all of them the same.
std::atomic<const Kernels*>& in_use() {
    static std::atomic<const Kernels*> chosen = detected().back();
    return chosen;
}

// Rows are summed in pieces of at most so many blocks: a mask of each digit fits the stack.
constexpr std::size_t most_blocks = 16;
constexpr std::array<std::uint64_t, most_blocks> everyone = [] {
    std::array<std::uint64_t, most_blocks> ones{};
    ones.fill(~std::uint64_t{0});
    return ones;
}();

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

const Kernels& kernels() { return *in_use().load(std::memory_order_relaxed); }

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

void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::span<const ItemId> rows,
                std::vector<std::uint64_t>& planes) {
    fill_planes(
        codes, bits, rows.size(), [rows](std::size_t i) { return index(rows[i]); }, planes);
}

void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::size_t rows,
                std::vector<std::uint64_t>& planes) {
    fill_planes(
        codes, bits, rows, [](std::size_t i) { return i; }, planes);
}

void add_sums(std::span<const std::uint64_t> planes, std::uint32_t bits, std::size_t rows,
              std::span<std::int64_t> sums) {
    const std::size_t blocks = (rows + 63) / 64;
    for (std::size_t first = 0; first < blocks; first += most_blocks)
        kernels().add_counts(&planes[first * bits], everyone.data(),
                             std::min(most_blocks, blocks - first), bits, 2, sums.data());
    for (std::uint32_t a = 0; a < bits; ++a) sums[a] -= static_cast<std::int64_t>(rows);
}

// With the least value subtracted, digit p of 64 values at a time is a mask over rows:
//   sum v x = 2 low ones + sum over p of 2^(p+1) ones within digit p - sum v .
void add_weighted_sums(std::span<const std::uint64_t> planes, std::uint32_t bits,
                       std::span<const std::int64_t> values, std::span<std::int64_t> sums) {
    if (values.empty()) return;
    std::int64_t low = values.front(), high = low, total = 0;
    for (std::int64_t value : values) {
        low = std::min(low, value);
        high = std::max(high, value);
        total += value;
    }
    const auto digits =
        static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(high - low)));
    std::array<std::array<std::uint64_t, most_blocks>, 64> masks;
    std::array<std::uint64_t, 64> square;
    const std::size_t blocks = (values.size() + 63) / 64;
    for (std::size_t first = 0; first < blocks; first += most_blocks) {
        const std::size_t count = std::min(most_blocks, blocks - first);
        const std::uint64_t* here = &planes[first * bits];
        if (low != 0)
            kernels().add_counts(here, everyone.data(), count, bits, 2 * low, sums.data());
        if (digits == 0) continue;
        std::uint64_t any = 0;  // digits that some value has
        for (std::size_t block = 0; block < count; ++block) {
            const std::size_t begin = 64 * (first + block);
            const std::size_t rows = std::min<std::size_t>(64, values.size() - begin);
            for (std::size_t j = 0; j < rows; ++j) {
                square[j] = static_cast<std::uint64_t>(values[begin + j] - low);
                any |= square[j];
            }
            std::fill(square.begin() + static_cast<std::ptrdiff_t>(rows), square.end(), 0);
            kernels().transpose(square.data());
            for (std::size_t p = 0; p < digits; ++p) masks[p][block] = square[p];
        }
        for (; any != 0; any &= any - 1) {
            const auto p = static_cast<std::size_t>(std::countr_zero(any));
            kernels().add_counts(here, masks[p].data(), count, bits, std::int64_t{2} << p,
                                 sums.data());
        }
    }
    for (std::uint32_t a = 0; a < bits; ++a) sums[a] -= total;
}

}  // namespace fedhash
