#include "tests/common/allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> watching{false};
std::atomic<std::size_t> total_bytes{0};
std::atomic<std::size_t> largest_bytes{0};

void* take(std::size_t size) {
    if (watching.load(std::memory_order_relaxed)) {
        total_bytes += size;
        largest_bytes = std::max(largest_bytes.load(), size);
    }
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace fedhash::tests {

AllocationWatch::AllocationWatch() {
    total_bytes = 0;
    largest_bytes = 0;
    watching = true;
}
AllocationWatch::~AllocationWatch() { watching = false; }
std::size_t AllocationWatch::total() const { return total_bytes; }
std::size_t AllocationWatch::largest() const { return largest_bytes; }

}  // namespace fedhash::tests
