// One pass over all users, ours and the peers', from the same codes: what they come to must be the
// same. The benchmark times the passes, a unit test compares them at other sizes.
#pragma once

#include <vector>

#include "client/learner.hpp"
#include "tests/bench/peers.hpp"

namespace fedhash::bench {

enum class Contestant : std::uint8_t {
    ours,
    by_gram,
    by_blocked_gram,
    by_residuals,
    uniform,
    uniform_scalar
};

/// Of `objective` "square": ratings as they are given, three sweeps ("explicit"). Of "linear": one
/// target for what was observed and the term of all pairs ("implicit-uniform").
class Contest {
  public:
    Contest(const std::vector<client::UserData>& users, std::uint32_t items, std::uint32_t bits,
            const char* objective);

    /// Every user learns, from where it starts.
    void pass(Contestant who);

    /// CRC32C of all codes of the last pass.
    std::uint32_t hash() const;
    std::size_t users() const { return users_.size(); }

  private:
    void ours();
    void peers(Contestant who);

    const std::vector<client::UserData>& users_;
    Variant variant_;
    client::Shared shared_;
    std::unique_ptr<const client::Learner> learner_;
    std::vector<client::Learnt> start_, learnt_;
    client::Workspace work_;
    // The peers' view: doubles, and each user's rows and goals ready to be read.
    std::vector<double> items_, gram_, scratch_, code_;
    std::vector<std::vector<std::uint32_t>> rows_;
    std::vector<std::vector<double>> goals_;
};

}  // namespace fedhash::bench
