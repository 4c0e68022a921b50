#include "scenarios/experiments/user_metrics.hpp"

#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

static_assert(std::endian::native == std::endian::little, "values are read as they lie");

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

UserMatrix read_user_metrics(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) fail(file, "cannot be read");
    const std::string header = read_header(in, file);
    const auto shape = header.find("'shape': (");
    if (header.find("'<f4'") == std::string::npos ||
        header.find("'fortran_order': False") == std::string::npos || shape == std::string::npos)
        fail(file, "expected float32 in C order, found " + header.substr(0, header.find('\n')));
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
        size != std::uintmax_t{sides[0]} * sides[1] * sizeof(float))
        fail(file, "its length does not fit its shape");
    UserMatrix matrix{sides[0], sides[1], std::vector<float>(sides[0] * sides[1])};
    if (!in.read(reinterpret_cast<char*>(matrix.values.data()), static_cast<std::streamsize>(size)))
        fail(file, "cannot be read");
    return matrix;
}

bool UserMeans::add(const UserMatrix& run, std::size_t column) {
    if (!sums_.empty() && sums_.size() != run.users) return false;
    sums_.resize(run.users);
    counts_.resize(run.users);
    for (std::size_t user = 0; user < run.users; ++user) {
        const float value = run.values[user * run.columns + column];
        if (std::isnan(value)) continue;
        sums_[user] += static_cast<double>(value);
        ++counts_[user];
    }
    return true;
}

double UserMeans::of(std::size_t user) const {
    return counts_[user] == 0 ? std::numeric_limits<double>::quiet_NaN()
                              : sums_[user] / static_cast<double>(counts_[user]);
}

std::vector<double> differences(const UserMeans& a, const UserMeans& b) {
    assert(a.users() == b.users());
    std::vector<double> result;
    for (std::size_t user = 0; user < a.users(); ++user)
        if (const double one = a.of(user) - b.of(user); !std::isnan(one)) result.push_back(one);
    return result;
}

}  // namespace fedhash::scenarios
