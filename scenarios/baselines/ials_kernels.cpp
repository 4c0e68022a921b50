// FEDHASH_ISA names the namespace: ials_generic, ials_avx2 or ials_avx512.
#include "scenarios/baselines/ials_kernels.hpp"

namespace fedhash::scenarios::FEDHASH_ISA {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t lanes = 16;
constexpr std::size_t tile_rows = 8;  // 8 x 2 accumulators of 32 registers
#elif defined(__AVX2__)
constexpr std::size_t lanes = 8;
constexpr std::size_t tile_rows = 4;  // 4 x 2 accumulators of 16 registers
#else
constexpr std::size_t lanes = 4;
constexpr std::size_t tile_rows = 4;
#endif
constexpr std::size_t tile_columns = 2 * lanes;
constexpr std::size_t panel_rows = 16;  // of the Cholesky factorisation

static_assert(factor_step % tile_columns == 0 && factor_step % panel_rows == 0);
static_assert(panel_rows % tile_rows == 0 && score_users % tile_rows == 0);
static_assert(score_items % tile_columns == 0);

typedef float Vector __attribute__((vector_size(lanes * sizeof(float)), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }

constexpr std::size_t round_down(std::size_t value, std::size_t step) {
    return value - value % step;
}

/// c[r][0 .. tile_columns) +-= sum_p a[p][r] * b[p][0 .. tile_columns) for r < tile_rows.
template <bool subtract>
inline void tile(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride,
                 std::size_t depth, float* c, std::size_t c_stride) {
    Vector sum[tile_rows][2];
    for (std::size_t r = 0; r < tile_rows; ++r) {
        sum[r][0] = load(c + r * c_stride);
        sum[r][1] = load(c + r * c_stride + lanes);
    }
    for (std::size_t p = 0; p < depth; ++p) {
        const Vector b0 = load(b + p * b_stride);
        const Vector b1 = load(b + p * b_stride + lanes);
        for (std::size_t r = 0; r < tile_rows; ++r) {
            const float factor = subtract ? -a[p * a_stride + r] : a[p * a_stride + r];
            sum[r][0] += factor * b0;
            sum[r][1] += factor * b1;
        }
    }
    for (std::size_t r = 0; r < tile_rows; ++r) {
        store(c + r * c_stride, sum[r][0]);
        store(c + r * c_stride + lanes, sum[r][1]);
    }
}

/// The rows and columns from `first` on of c +-= rows' rows, upper half (and what else a tile
/// covers).
template <bool subtract>
void add_outer(const float* rows, std::size_t count, std::size_t d, std::size_t first, float* c) {
    for (std::size_t r = first; r < d; r += tile_rows)
        for (std::size_t column = round_down(r, tile_columns); column < d; column += tile_columns)
            tile<subtract>(rows + r, d, rows + column, d, count, c + r * d + column, d);
}

void add_gram(const float* rows, std::size_t count, std::size_t d, float* gram) {
    add_outer<false>(rows, count, d, 0, gram);
}

/// a = U'U in place, upper half; inverse[q] = 1 / U[q][q]. Right-looking, panel_rows rows at a
/// time. A pivot below what float32 resolves is noise: its row becomes 0, and that factor of the
/// solution 0.
void factorise(float* a, std::size_t d, float* inverse) {
    float largest = 0;
    for (std::size_t q = 0; q < d; ++q) largest = a[q * d + q] > largest ? a[q * d + q] : largest;
    const float noise = largest * 1e-6F;

    for (std::size_t panel = 0; panel < d; panel += panel_rows) {
        for (std::size_t q = panel; q < panel + panel_rows; ++q) {
            float* row = a + q * d;
            inverse[q] = row[q] > noise ? 1 / __builtin_sqrtf(row[q]) : 0.0F;
            for (std::size_t c = round_down(q, lanes); c < d; c += lanes)
                store(row + c, load(row + c) * inverse[q]);
            for (std::size_t r = q + 1; r < panel + panel_rows; ++r) {
                const float factor = row[r];
                float* target = a + r * d;
                for (std::size_t c = round_down(r, lanes); c < d; c += lanes)
                    store(target + c, load(target + c) - factor * load(row + c));
            }
        }
        add_outer<true>(a + panel * d, panel_rows, d, panel + panel_rows, a);
    }
}

/// Solves U'U x = x in place.
void substitute(const float* u, const float* inverse, std::size_t d, float* x) {
    for (std::size_t q = 0; q < d; ++q) {
        const float* row = u + q * d;
        const float value = x[q] * inverse[q];
        std::size_t c = q + 1;
        for (; c < d && c % lanes != 0; ++c) x[c] -= value * row[c];
        for (; c < d; c += lanes) store(x + c, load(x + c) - value * load(row + c));
        x[q] = value;
    }
    for (std::size_t q = d; q-- > 0;) {
        const float* row = u + q * d;
        float sum = x[q];
        std::size_t c = q + 1;
        for (; c < d && c % lanes != 0; ++c) sum -= row[c] * x[c];
        Vector partial = {};
        for (; c < d; c += lanes) partial += load(row + c) * load(x + c);
        for (std::size_t lane = 0; lane < lanes; ++lane) sum -= partial[lane];
        x[q] = sum * inverse[q];
    }
}

void solve_row(const float* gram, float ridge, const float* rows, const std::uint32_t* ids,
               std::size_t count, std::size_t d, float* work, float* x) {
    float* a = work;
    float* gathered = a + d * d;
    float* inverse = gathered + gather_rows * d;
    float* right = inverse + d;

    for (std::size_t i = 0; i < d * d; i += lanes) store(a + i, load(gram + i));
    for (std::size_t q = 0; q < d; ++q) a[q * d + q] += ridge;
    for (std::size_t q = 0; q < d; q += lanes) store(right + q, Vector{});
    for (std::size_t start = 0; start < count; start += gather_rows) {
        const std::size_t batch = count - start < gather_rows ? count - start : gather_rows;
        for (std::size_t j = 0; j < batch; ++j) {
            const float* row = rows + ids[start + j] * d;
            for (std::size_t c = 0; c < d; c += lanes) {
                const Vector value = load(row + c);
                store(gathered + j * d + c, value);
                store(right + c, load(right + c) + value);
            }
        }
        add_outer<false>(gathered, batch, d, 0, a);
    }
    factorise(a, d, inverse);
    substitute(a, inverse, d, right);
    for (std::size_t q = 0; q < d; q += lanes) store(x + q, load(right + q));
}

void solve_short_row(const float* spectrum, float ridge, const float* rows,
                     const std::uint32_t* ids, std::size_t count, std::size_t d, float* work,
                     float* x) {
    const std::size_t n = (count + factor_step - 1) / factor_step * factor_step;  // at most d
    float* a = work;           // n x n, I + Z Z', Z = Y D^-1/2; rows beyond `count` are those of I
    float* z = a + n * n;      // d x n, transposed
    float* scale = z + d * n;  // D^-1/2
    float* inverse = scale + d;  // of the factorisation
    float* solution = inverse + n;

    for (std::size_t f = 0; f < d; ++f) scale[f] = 1 / __builtin_sqrtf(spectrum[f] + ridge);
    for (std::size_t j = 0; j < count; ++j) {
        const float* row = rows + ids[j] * d;
        for (std::size_t f = 0; f < d; ++f) z[f * n + j] = row[f] * scale[f];
    }
    for (std::size_t f = 0; f < d; ++f)
        for (std::size_t j = count; j < n; ++j) z[f * n + j] = 0;
    for (std::size_t i = 0; i < n * n; i += lanes) store(a + i, Vector{});
    for (std::size_t j = 0; j < n; ++j) {
        a[j * n + j] = 1;
        solution[j] = j < count ? 1.0F : 0.0F;
    }
    add_outer<false>(z, d, n, 0, a);
    factorise(a, n, inverse);
    substitute(a, inverse, n, solution);

    for (std::size_t f = 0; f < d; f += lanes) store(x + f, Vector{});
    for (std::size_t j = 0; j < count; ++j) {
        const float* row = rows + ids[j] * d;
        for (std::size_t f = 0; f < d; f += lanes)
            store(x + f, load(x + f) + solution[j] * load(row + f));
    }
    for (std::size_t f = 0; f < d; f += lanes)
        store(x + f, load(x + f) * load(scale + f) * load(scale + f));
}

void score_panel(const float* users, const float* items, std::size_t d, std::size_t out_stride,
                 float* out) {
    for (std::size_t u = 0; u < score_users; u += tile_rows)
        for (std::size_t j = 0; j < score_items; j += tile_columns) {
            float* target = out + u * out_stride + j;
            for (std::size_t r = 0; r < tile_rows; ++r) {
                store(target + r * out_stride, Vector{});
                store(target + r * out_stride + lanes, Vector{});
            }
            tile<false>(users + u, score_users, items + j, score_items, d, target, out_stride);
        }
}

}  // namespace

extern const IalsKernels kernels;
const IalsKernels kernels {
#if defined(__AVX512F__)
    "avx512",
#elif defined(__AVX2__)
    "avx2",
#else
    "generic",
#endif
        add_gram, solve_row, solve_short_row, score_panel
};

}  // namespace fedhash::scenarios::FEDHASH_ISA
