// Every user's own metrics, as a run leaves them in user_metrics/NAME.npy: one row a user, one
// column a metric, NaN where a user has nothing held out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace fedhash::scenarios {

struct UserMatrix {
    std::size_t users = 0, columns = 0;
    std::vector<float> values;  // row-major
};

/// NumPy's format 1.0 with little-endian float32 in C order and two dimensions, and nothing else.
/// Throws DataError naming the file.
UserMatrix read_user_metrics(const std::filesystem::path& file);

/// One metric of every user, as a mean over runs; each run counts for the users it measured.
class UserMeans {
  public:
    /// Takes another run's column. Returns false, and takes nothing, when it has another number of
    /// users than those before.
    bool add(const UserMatrix& run, std::size_t column);

    std::size_t users() const { return sums_.size(); }
    /// NaN for a user that no run measured.
    double of(std::size_t user) const;

  private:
    std::vector<double> sums_;
    std::vector<std::size_t> counts_;
};

/// a - b for the users that both measured. Both have as many users.
std::vector<double> differences(const UserMeans& a, const UserMeans& b);

}  // namespace fedhash::scenarios
