// `ballots`: privacy.ballots votes (uplinks/votes.hpp), each on one bit of one item of the whole
// catalogue, drawn whatever the user has; each is +1 or -1, randomised (client/ballots.hpp), so
// that the upload as a whole is private. The server adds  G_i += v  ballot by ballot, and  n_i += 1
// for every item that there is a ballot on.
//
//   salt u64, which the drawing follows from | the votes, a bit each
#include <algorithm>

#include "common/random.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/bit_stream.hpp"

namespace fedhash {

namespace {

class BallotUplink final : public Uplink {
  public:
    explicit BallotUplink(const Variant& variant)
        : bits_(variant.bits), ballots_(variant.privacy.ballots) {}

    AggregateShape shape(std::size_t items) const override { return {bits_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        to(said.salt);
        wire::BitWriter bits(to);
        for (const std::int8_t vote : said.ballots) bits.put(vote > 0 ? 1 : 0, 1);
        bits.finish();
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        std::uint64_t salt = 0;
        from(salt);
        wire::BitReader bits(from.peek());
        std::vector<std::int8_t> votes(ballots_);
        for (std::int8_t& vote : votes) vote = bits.next() ? 1 : -1;
        from.take(bits.finish());
        from.finish();
        const std::vector<Ballot> drawn = drawn_ballots(salt, ballots_, tables.codes.rows, bits_);
        std::vector<std::uint32_t> items;
        for (std::size_t j = 0; j < drawn.size(); ++j) {
            sum.rows[drawn[j].item * bits_ + drawn[j].bit] += votes[j];
            items.push_back(drawn[j].item);
        }
        std::ranges::sort(items);
        items.erase(std::unique(items.begin(), items.end()), items.end());
        for (const std::uint32_t item : items) ++sum.counts[item];
        ++sum.users;
    }

  private:
    std::uint32_t bits_, ballots_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<BallotUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t) {
    return 8 + (std::size_t{variant.privacy.ballots} + 7) / 8;
}

}  // namespace

std::vector<Ballot> drawn_ballots(std::uint64_t salt, std::uint32_t count, std::size_t items,
                                  std::uint32_t bits) {
    Stream random = stream(salt, Purpose::ballots);
    std::vector<Ballot> ballots(items == 0 ? 0 : count);
    for (Ballot& ballot : ballots) {
        const std::uint64_t cell = random() % (items * bits);
        ballot = {static_cast<std::uint32_t>(cell / bits), static_cast<std::uint32_t>(cell % bits)};
    }
    return ballots;
}

const UplinkEntry ballot_uplink{
    "ballots",
    make,
    max_bytes,
    "code",
    false,
    "some randomised votes on bits of items drawn from the whole catalogue (privacy.ballots)"};

}  // namespace fedhash
