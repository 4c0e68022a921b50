// The libFuzzer target. With a compiler that has no libFuzzer, mutate.cpp brings a main that feeds
// it instead.
#include <cstddef>

#include "tests/fuzz/harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fedhash::tests::decode_anything({data, size});
    return 0;
}
