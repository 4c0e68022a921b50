// Counts what the test program takes from the heap: hostile lengths must be refused before memory
// is taken for them.
#pragma once

#include <cstddef>

namespace fedhash::tests {

/// Watches allocations while it lives; watches do not nest.
class AllocationWatch {
  public:
    AllocationWatch();
    ~AllocationWatch();
    AllocationWatch(const AllocationWatch&) = delete;
    AllocationWatch& operator=(const AllocationWatch&) = delete;
    /// Bytes asked for so far, frees not subtracted.
    std::size_t total() const;
    /// The largest single request.
    std::size_t largest() const;
};

}  // namespace fedhash::tests
