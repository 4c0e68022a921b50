// A table of real factors, laid out for ials_kernels.hpp: aligned rows, padded with zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "scenarios/baselines/ials_kernels.hpp"

namespace fedhash::scenarios {

template <class T>
struct AlignedAllocator {
    using value_type = T;

    AlignedAllocator() = default;
    template <class U>
    explicit AlignedAllocator(const AlignedAllocator<U>&) {}

    T* allocate(std::size_t count) {
        return static_cast<T*>(
            ::operator new (count * sizeof(T), std::align_val_t{ials_alignment}));
    }
    void deallocate(T* pointer, std::size_t) {
        ::operator delete (pointer, std::align_val_t{ials_alignment});
    }
    friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

using AlignedFloats = std::vector<float, AlignedAllocator<float>>;

struct Factors {
    std::size_t rows = 0;
    std::size_t dims = 0;    // factors in use
    std::size_t stride = 0;  // floats from one row to the next
    AlignedFloats values;

    Factors() = default;
    Factors(std::size_t rows_, std::size_t dims_)
        : rows(rows_),
          dims(dims_),
          stride((dims_ + factor_step - 1) / factor_step * factor_step),
          values(rows * stride) {}

    float* row(std::size_t i) { return values.data() + i * stride; }
    const float* row(std::size_t i) const { return values.data() + i * stride; }
    std::span<const float> vector(std::size_t i) const { return {row(i), dims}; }
};

}  // namespace fedhash::scenarios
