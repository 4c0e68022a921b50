#include "scenarios/data/npy_reader.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

static_assert(std::endian::native == std::endian::little, "entries are read as they lie");

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
    throw DataError(file.string() + ": " + what);
}

/// The numbers of "(6040, 16)".
std::vector<std::size_t> numbers_in(std::string_view text) {
    std::vector<std::size_t> numbers;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end;) {
        std::size_t number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error == std::errc{}) numbers.push_back(number);
        at = error == std::errc{} ? next : at + 1;
    }
    return numbers;
}

std::string read_header(std::ifstream& in, const std::filesystem::path& file) {
    char preamble[10] = {};  // magic, version, length
    if (!in.read(preamble, sizeof preamble) || std::memcmp(preamble, "\x93NUMPY\x01", 7) != 0)
        fail(file, "not a NumPy file of format 1.0");
    std::string header(static_cast<unsigned char>(preamble[8]) +
                           std::size_t{256} * static_cast<unsigned char>(preamble[9]),
                       ' ');
    if (!in.read(header.data(), static_cast<std::streamsize>(header.size())))
        fail(file, "it ends within its header");
    return header;
}

}  // namespace

NpyMatrix read_npy(const std::filesystem::path& file, std::string_view type, std::string_view name,
                   std::size_t entry_bytes) {
    std::ifstream in(file, std::ios::binary);
    if (!in) fail(file, "cannot be read");
    const std::string header = read_header(in, file);
    const auto shape = header.find("'shape': (");
    if (header.find("'" + std::string(type) + "'") == std::string::npos ||
        header.find("'fortran_order': False") == std::string::npos || shape == std::string::npos)
        fail(file, "expected " + std::string(name) + " in C order, found " +
                       header.substr(0, header.find('\n')));
    const std::size_t begin = header.find('(', shape);
    const std::size_t end = header.find(')', begin);
    const std::vector<std::size_t> sides =
        numbers_in(std::string_view(header).substr(begin, end - begin));
    if (end == std::string::npos || sides.size() != 2) fail(file, "expected two dimensions");

    // Nothing is allocated for what the file does not hold.
    const std::uintmax_t size =
        std::filesystem::file_size(file) - static_cast<std::uintmax_t>(in.tellg());
    constexpr std::size_t side_limit = std::size_t{1} << 31;
    if (sides[0] >= side_limit || sides[1] >= side_limit ||
        size != std::uintmax_t{sides[0]} * sides[1] * entry_bytes)
        fail(file, "its length does not fit its shape");
    NpyMatrix matrix{sides[0], sides[1], std::vector<std::uint8_t>(size)};
    if (!in.read(reinterpret_cast<char*>(matrix.bytes.data()), static_cast<std::streamsize>(size)))
        fail(file, "cannot be read");
    return matrix;
}

}  // namespace fedhash::scenarios
