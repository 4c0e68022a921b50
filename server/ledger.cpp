#include "server/ledger.hpp"

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

RoundBytes Ledger::take_round() { return std::exchange(round_, RoundBytes{}); }

}  // namespace fedhash::server
