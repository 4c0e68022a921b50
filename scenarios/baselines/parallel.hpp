// Work on a range of rows by a few threads. Blocks are handed out as threads become free, so a
// result may depend only on the block, never on who did it or when.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fedhash::scenarios {

/// Threads to use when asked for `wanted`; 0 means all that the machine has.
inline unsigned thread_count(unsigned wanted) {
    return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

/// Calls work(worker, first, last) for every block of at most `block` indices below `count`;
/// workers are numbered below `threads`. Rethrows the first exception, after all threads have
/// ended.
template <class Work>
void for_blocks(std::size_t count, std::size_t block, unsigned threads, const Work& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failure_mutex;
    const auto run = [&](std::size_t worker) {
        try {
            for (std::size_t first = next.fetch_add(block); first < count;
                 first = next.fetch_add(block))
                work(worker, first, std::min(count, first + block));
        } catch (...) {  // carried to the caller
            const std::lock_guard lock(failure_mutex);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    const std::size_t blocks = (count + block - 1) / block;
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < std::min<std::size_t>(threads, blocks); ++worker)
        others.emplace_back(run, worker);
    run(0);
    others.clear();  // joins
    if (failure) std::rethrow_exception(failure);
}

}  // namespace fedhash::scenarios
