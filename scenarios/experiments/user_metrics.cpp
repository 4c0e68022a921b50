#include "scenarios/experiments/user_metrics.hpp"

#include <cassert>
#include <cmath>
#include <cstring>

#include "scenarios/data/npy_reader.hpp"

namespace fedhash::scenarios {

UserMatrix read_user_metrics(const std::filesystem::path& file) {
    const NpyMatrix read = read_npy(file, "<f4", "float32", sizeof(float));
    UserMatrix matrix{read.rows, read.columns, std::vector<float>(read.rows * read.columns)};
    if (!read.bytes.empty())
        std::memcpy(matrix.values.data(), read.bytes.data(), read.bytes.size());
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
