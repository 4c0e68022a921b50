// A main for the fuzz target where there is no libFuzzer: seeded mutations of valid inputs, and
// random bytes.
//   decode_fuzz RUNS            runs them; fails when a seed is refused or memory grew by more than
//   64 MiB decode_fuzz --seeds FOLDER  writes the valid inputs, one a file, as libFuzzer's corpus
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/random.hpp"
#include "tests/fuzz/harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;
constexpr std::size_t max_size = 4096;

long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

Input mutated(Input input, fedhash::Stream& random) {
    for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
        const std::size_t at = input.empty() ? 0 : random() % input.size();
        const auto byte = static_cast<std::uint8_t>(random());
        switch (random() % 6) {
            case 0:
                if (!input.empty())
                    input[at] = static_cast<std::uint8_t>(input[at] ^ (1u << (byte % 8)));
                break;
            case 1:
                if (!input.empty()) input[at] = byte;
                break;
            case 2:
                input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), byte);
                break;
            case 3:
                if (!input.empty()) input.erase(input.begin() + static_cast<std::ptrdiff_t>(at));
                break;
            case 4:
                input.resize(at);
                break;
            case 5:
                if (!input.empty()) input[at] = random() % 2 == 0 ? 0xff : 0x80;
                break;
        }
    }
    if (input.size() > max_size) input.resize(max_size);
    return input;
}

int write_seeds(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    int n = 0;
    for (const Input& seed : fedhash::tests::seed_inputs())
        std::ofstream(folder / ("seed-" + std::to_string(n++)), std::ios::binary)
            .write(reinterpret_cast<const char*>(seed.data()),
                   static_cast<std::streamsize>(seed.size()));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string(argv[1]) == "--seeds") return write_seeds(argv[2]);
    const long runs = argc == 2 ? std::atol(argv[1]) : 20'000;
    const std::vector<Input> seeds = fedhash::tests::seed_inputs();
    for (std::size_t n = 0; n < seeds.size(); ++n) {
        if (fedhash::tests::decode_anything(seeds[n])) continue;
        std::fprintf(stderr, "seed %zu, of decoder %d, is refused\n", n, seeds[n].front());
        return 1;
    }
    const long before = peak_kib();
    fedhash::Stream random(2026);
    for (long run = 0; run < runs; ++run) {
        Input input = seeds[random() % seeds.size()];
        if (run % 10 == 0) {
            input.resize(2 + random() % 64);
            for (auto& byte : input) byte = static_cast<std::uint8_t>(random());
        }
        input = mutated(std::move(input), random);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    const long grown = peak_kib() - before;
    std::printf("%ld runs, %zu seeds, %ld KiB more at the peak\n", runs, seeds.size(), grown);
#if defined(__SANITIZE_ADDRESS__)
    return 0;  // the sanitizer keeps what was freed
#else
    return grown > 64 << 10 ? 1 : 0;
#endif
}
