#include "server/ledger.hpp"

#include <cmath>
#include <utility>

namespace fedhash::server {

namespace {

void add_to(RoundBytes& bytes, Account account, Direction direction, wire::Type type,
            const Count& count) {
    const auto way = static_cast<std::size_t>(direction);
    const bool down = direction == Direction::down;
    switch (account) {
        case Account::training:
            bytes.training[way][static_cast<std::size_t>(type)] += count;
            break;
        case Account::evaluation:
            (down ? bytes.evaluation_down : bytes.evaluation_up) += count;
            break;
        case Account::control:
            (down ? bytes.control_down : bytes.control_up) += count;
            break;
    }
}

}  // namespace

Count RoundBytes::total(Direction direction) const {
    Count sum;
    for (const Count& count : training[static_cast<std::size_t>(direction)]) sum += count;
    return sum;
}

RoundBytes& RoundBytes::operator+=(const RoundBytes& other) {
    for (std::size_t way = 0; way < training.size(); ++way)
        for (std::size_t type = 0; type < training[way].size(); ++type)
            training[way][type] += other.training[way][type];
    evaluation_down += other.evaluation_down;
    evaluation_up += other.evaluation_up;
    control_down += other.control_down;
    control_up += other.control_up;
    return *this;
}

void Ledger::add(Account account, Direction direction, wire::Type type, std::size_t frame_bytes) {
    const Count count{1, frame_bytes - wire::header_bytes};
    add_to(round_, account, direction, type, count);
    add_to(all_, account, direction, type, count);
}

std::uint64_t Sizes::count() const {
    std::uint64_t all = 0;
    for (const auto& [bytes, times] : counts_) all += times;
    return all;
}

Sizes& Sizes::operator+=(const Sizes& other) {
    for (const auto& [bytes, times] : other.counts_) counts_[bytes] += times;
    return *this;
}

double Sizes::mean() const {
    double sum = 0;
    for (const auto& [bytes, times] : counts_)
        sum += static_cast<double>(bytes) * static_cast<double>(times);
    return counts_.empty() ? 0 : sum / static_cast<double>(count());
}

std::size_t Sizes::quantile(double share) const {
    const double wanted = share * static_cast<double>(count());
    double so_far = 0;
    for (const auto& [bytes, times] : counts_)
        if ((so_far += static_cast<double>(times)) >= wanted) return bytes;
    return 0;
}

double Sizes::entropy_bits() const {
    double bits = 0;
    const auto all = static_cast<double>(count());
    for (const auto& [bytes, times] : counts_) {
        const double share = static_cast<double>(times) / all;
        bits -= share * std::log2(share);
    }
    return bits;
}

void Ledger::needed(UserId id, std::size_t tables_bytes, std::size_t request_bytes) {
    const std::size_t bytes = tables_bytes + request_bytes;
    users_[index(id)].down += bytes;
    std::array<std::size_t, 2>& open = open_[index(id)];
    if (bytes > 0 && open[0] + open[1] == 0) active_.push_back(id);
    open[static_cast<std::size_t>(Direction::down)] += bytes;
    if (tables_bytes > 0) device_round_.tables += {1, tables_bytes - wire::header_bytes};
    if (request_bytes > 0) device_round_.requests += {1, request_bytes - wire::header_bytes};
}

void Ledger::said(UserId id, std::size_t bytes) {
    users_[index(id)].up += bytes;
    open_[index(id)][static_cast<std::size_t>(Direction::up)] += bytes;
    device_round_.uploads += {1, bytes - wire::header_bytes};
    device_round_.upload.add(bytes);
}

void Ledger::announced(UserId id, std::size_t bytes) {
    users_[index(id)].up += bytes;
    device_round_.needs += {1, bytes - wire::header_bytes};
}

DeviceTraffic Ledger::end_device_round() {
    for (const UserId user : std::exchange(active_, {})) {
        const std::array<std::size_t, 2> open = std::exchange(open_[index(user)], {});
        device_round_.down.add(open[static_cast<std::size_t>(Direction::down)]);
        device_round_.up.add(open[static_cast<std::size_t>(Direction::up)]);
    }
    devices_.tables += device_round_.tables;
    devices_.requests += device_round_.requests;
    devices_.uploads += device_round_.uploads;
    devices_.needs += device_round_.needs;
    devices_.down += device_round_.down;
    devices_.up += device_round_.up;
    devices_.upload += device_round_.upload;
    return std::exchange(device_round_, {});
}

RoundBytes Ledger::take_round() { return std::exchange(round_, RoundBytes{}); }

}  // namespace fedhash::server
