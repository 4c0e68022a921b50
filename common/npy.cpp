#include "common/npy.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "common/private_file.hpp"

namespace fedhash {

namespace {

void write_array(const std::filesystem::path& file, const std::string& type,
                 std::span<const std::uint8_t> bytes, std::size_t rows, std::size_t columns) {
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" +
                         std::to_string(rows) + ", " + std::to_string(columns) + "), }";
    constexpr std::size_t preamble = 10;  // magic, version, length
    header.append(63 - (preamble + header.size()) % 64, ' ');
    header += '\n';
    std::ofstream out(file, std::ios::binary);
    out.write("\x93NUMPY\x01\x00", 8);
    const auto length = static_cast<std::uint16_t>(header.size());
    out.put(static_cast<char>(length & 0xff)).put(static_cast<char>(length >> 8));
    out << header;
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) fail_writing(file, errno);
}

}  // namespace

void write_npy(const std::filesystem::path& file, std::span<const std::uint8_t> bytes,
               std::size_t rows, std::size_t columns) {
    write_array(file, "|u1", bytes, rows, columns);
}

void write_npy(const std::filesystem::path& file, std::span<const float> values, std::size_t rows,
               std::size_t columns) {
    write_array(file, "<f4",
                {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()}, rows,
                columns);
}

}  // namespace fedhash
