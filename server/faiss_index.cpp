#include "server/faiss_index.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/private_file.hpp"

namespace fedhash::server {
namespace {

/// Numbers of the file in little-endian order (the format is that of the machine that wrote it).
template <class T>
void put(std::ofstream& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.put(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

}  // namespace

// Faiss 1.7, impl/index_write.cpp: write_index_binary of an IndexBinaryFlat.
void write_faiss_index(const std::filesystem::path& file, const Codes& codes) {
    const std::size_t bytes = bytes_for(codes.bits);
    constexpr std::int32_t metric_l2 = 1;  // what every binary index says
    errno = 0;
    std::ofstream out(file, std::ios::binary);
    out.write("IBxF", 4);
    put(out, static_cast<std::int32_t>(8 * bytes));
    put(out, static_cast<std::int32_t>(bytes));
    put(out, static_cast<std::int64_t>(codes.rows));
    put(out, std::uint8_t{1});  // trained
    put(out, metric_l2);
    put(out, static_cast<std::uint64_t>(codes.rows * bytes));
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::size_t j = 0; j < bytes; ++j)
            out.put(static_cast<char>(codes.row(i)[j / 8] >> (8 * (j % 8))));
    out.close();
    if (!out) fail_writing(file, errno);
}

}  // namespace fedhash::server
