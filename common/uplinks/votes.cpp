// `votes`: for every listed item and bit one vote (uplinks/votes.hpp), taken on the codes that were
// published; the server adds them:  G_i += q_ui ,  n_i += 1 .  For an item rule with a term of all
// pairs (method.interaction > 0) the code follows, for  H += psi psi' : with votes that are +-b
// nearly everywhere it tells nothing new.
//
//   code (interaction > 0 only) | item set | votes, one group an item, in bits
#include <algorithm>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/uplinks/votes.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class VoteUplink final : public Uplink {
  public:
    explicit VoteUplink(const Variant& variant)
        : variant_(variant), similarity_(find_similarity(variant.similarity)) {}

    AggregateShape shape(std::size_t items) const override {
        return {variant_.bits, items, 0, false};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables& tables) const override {
        const std::uint32_t k = variant_.bits;
        if (variant_.interaction > 0) write_code(to, said.code, k);
        wire::write_item_set(to, said.items);
        const std::array<std::int32_t, max_bits> psi =
            psi_of(similarity_, said.code, k, tables.plane(PlaneId::bit_weights).values);
        wire::BitWriter bits(to);
        std::array<std::int8_t, max_bits> votes;
        for (std::size_t j = 0; j < said.items.size(); ++j) {
            const CodeView d = tables.codes.row(index(said.items[j]));
            std::int64_t sum = 0;
            for (std::uint32_t a = 0; a < k; ++a) sum += sign(d, a);
            for (std::uint32_t a = 0; a < k; ++a)
                votes[a] = static_cast<std::int8_t>(
                    vote_of(bit_pull(said.pulls[j], said.weights[j], psi[a], sign(d, a)),
                            variant_.balance_q16, sum - sign(d, a)));
            write_votes(bits, std::span(votes).first(k));
        }
        bits.finish();
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const std::uint32_t k = variant_.bits;
        PackedCode packed{};
        if (variant_.interaction > 0) packed = read_code(from, k);
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(tables.codes.rows), listed);
        wire::BitReader bits(from.peek());
        std::vector<std::int8_t> votes(listed.size() * k);
        for (std::size_t j = 0; j < listed.size(); ++j)
            read_votes(bits, std::span(votes).subspan(j * k, k));
        from.take(bits.finish());
        from.finish();

        for (std::size_t j = 0; j < listed.size(); ++j) {
            std::int64_t* to = &sum.rows[index(listed[j]) * k];
            for (std::uint32_t a = 0; a < k; ++a) to[a] += votes[j * k + a];
            ++sum.counts[index(listed[j])];
        }
        if (variant_.interaction > 0) {
            const std::array<std::int32_t, max_bits> psi =
                psi_of(similarity_, CodeView(packed).first(words_for(k)), k,
                       tables.plane(PlaneId::bit_weights).values);
            for (std::uint32_t a = 0; a < k; ++a)
                kernels().add_scaled(&sum.gram[std::size_t{a} * k], psi.data(), psi[a], k);
        }
        ++sum.users;
    }

  private:
    Variant variant_;
    const Similarity& similarity_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<VoteUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return bytes_for(variant.bits) + wire::max_item_set_bytes(items) +
           (std::size_t{std::min(items, most_rows(variant))} * max_vote_bits(variant.bits) + 7) / 8;
}

}  // namespace

void write_votes(wire::BitWriter& to, std::span<const std::int8_t> votes) {
    const bool zeros = std::find(votes.begin(), votes.end(), 0) != votes.end();
    to.put(zeros ? 1 : 0, 1);
    if (zeros)
        for (std::int8_t vote : votes) to.put(vote != 0 ? 1 : 0, 1);
    for (std::int8_t vote : votes)
        if (vote != 0) to.put(vote > 0 ? 1 : 0, 1);
}

void read_votes(wire::BitReader& from, std::span<std::int8_t> votes) {
    const bool zeros = from.next();
    bool found = false;
    for (std::int8_t& vote : votes) {
        vote = !zeros || from.next() ? 1 : 0;
        found = found || vote == 0;
    }
    if (zeros && !found) throw wire::DecodeError("votes without the zeros that they announce");
    for (std::int8_t& vote : votes)
        if (vote != 0 && !from.next()) vote = -1;
}

const UplinkEntry vote_uplink{"votes",   make,
                              max_bytes, "code",
                              true,      "the sign of the gradient of every bit of a listed item"};

}  // namespace fedhash
