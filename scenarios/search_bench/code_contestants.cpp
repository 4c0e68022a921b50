#include "scenarios/search_bench/code_contestants.hpp"

#include <fmt/format.h>

#include <optional>

#include "client/retrieval/multi_index.hpp"

namespace fedhash::scenarios {
namespace {

using client::LookupCosts;
using client::Neighbour;

std::vector<ItemId> items_of(std::span<const Neighbour> neighbours) {
    std::vector<ItemId> items;
    for (const Neighbour& neighbour : neighbours) items.push_back(neighbour.item);
    return items;
}

class Ranking final : public Contestant {
  public:
    explicit Ranking(const Corpus& corpus)
        : corpus_(corpus), planes_(client::byte_planes(corpus.items)) {}

    void search(std::size_t query, std::size_t wanted) override {
        last_ = client::nearest(planes_, corpus_.queries.row(query), wanted, {}, search_);
    }
    std::vector<ItemId> found() const override { return items_of(last_); }
    bool search_all(std::size_t wanted, const Exclusions& excluded) override {
        lists_ = client::rank_all(
            planes_, corpus_.queries, wanted,
            [&](std::size_t q) {
                return excluded.empty() ? std::span<const ItemId>{} : std::span(excluded[q]);
            },
            1);
        return true;
    }
    std::vector<std::vector<ItemId>> all_found() const override {
        std::vector<std::vector<ItemId>> all;
        for (std::size_t q = 0; q < lists_.ends.size(); ++q) all.push_back(items_of(lists_.row(q)));
        return all;
    }
    std::size_t memory_bytes() const override { return read_whole().size(); }
    std::span<const std::byte> read_whole() const override {
        return std::as_bytes(std::span(planes_.lines));
    }

  private:
    const Corpus& corpus_;
    client::BytePlanes planes_;
    client::HammingSearch search_;
    std::span<const Neighbour> last_;
    client::RankedLists lists_;
};

/// A BucketTable or a MultiIndex: the nearest items, or all within a radius.
template <class Table>
class Lookup final : public Contestant {
  public:
    Lookup(const Corpus& corpus, Table table, std::size_t more_bytes,
           std::optional<std::uint32_t> radius = {})
        : corpus_(corpus), table_(std::move(table)), more_bytes_(more_bytes), radius_(radius) {}

    void search(std::size_t query, std::size_t wanted) override {
        const CodeView code = corpus_.queries.row(query);
        last_ = radius_ ? table_.within(code, *radius_, {}, costs_)
                        : table_.nearest(code, wanted, {}, costs_);
    }
    std::vector<ItemId> found() const override { return items_of(last_); }
    bool search_all(std::size_t, const Exclusions&) override { return false; }
    std::vector<std::vector<ItemId>> all_found() const override { return {}; }
    std::size_t memory_bytes() const override { return table_.memory_bytes() + more_bytes_; }
    LookupCosts costs() const override { return costs_; }

  private:
    const Corpus& corpus_;
    Table table_;
    std::size_t more_bytes_;  // of the codes, where the table needs them
    std::optional<std::uint32_t> radius_;
    std::span<const Neighbour> last_;
    LookupCosts costs_;
};

// Ten candidates by code for every item wanted, in the order of the real vectors.
constexpr std::size_t candidates_an_item = 10;

class TwoStep final : public Contestant {
  public:
    explicit TwoStep(const Corpus& corpus)
        : corpus_(corpus), planes_(client::byte_planes(corpus.items)) {}

    void search(std::size_t query, std::size_t wanted) override {
        const std::vector<ItemId> candidates = items_of(client::nearest(
            planes_, corpus_.queries.row(query), candidates_an_item * wanted, {}, search_));
        const client::Factors& users = corpus_.query_vectors;
        last_ = client::best_of(corpus_.item_vectors,
                                {users.data() + query * static_cast<std::size_t>(users.cols()),
                                 static_cast<std::size_t>(users.cols())},
                                candidates, wanted, scored_);
    }
    std::vector<ItemId> found() const override {
        std::vector<ItemId> items;
        for (const client::Scored& one : last_) items.push_back(one.item);
        return items;
    }
    bool search_all(std::size_t, const Exclusions&) override { return false; }
    std::vector<std::vector<ItemId>> all_found() const override { return {}; }
    std::size_t memory_bytes() const override {
        return planes_.lines.size() * sizeof(client::ByteLine) +
               static_cast<std::size_t>(corpus_.item_vectors.size()) * sizeof(float);
    }

  private:
    const Corpus& corpus_;
    client::BytePlanes planes_;
    client::HammingSearch search_;
    std::vector<client::Scored> scored_;
    std::span<const client::Scored> last_;
};

}  // namespace

std::unique_ptr<Contestant> make_ranking(const Corpus& corpus, std::string&) {
    return std::make_unique<Ranking>(corpus);
}

namespace {

using Radius = std::optional<std::uint32_t>;

std::unique_ptr<Contestant> bucket_lookup(const Corpus& corpus, std::string& why, Radius radius) {
    if (corpus.items.bits > client::max_bucket_bits) {
        why = fmt::format("a table of all codes has {} bits at most", client::max_bucket_bits);
        return nullptr;
    }
    return std::make_unique<Lookup<client::BucketTable>>(corpus, client::BucketTable(corpus.items),
                                                         0, radius);
}

std::unique_ptr<Contestant> part_lookup(const Corpus& corpus, std::string& why, Radius radius) {
    const std::uint32_t parts = client::default_parts(corpus.items.bits, corpus.items.rows);
    if (parts < 2) {
        why = "codes are too short to be cut";
        return nullptr;
    }
    return std::make_unique<Lookup<client::MultiIndex>>(
        corpus, client::MultiIndex(corpus.items, parts), corpus.items.words.size() * 8, radius);
}

}  // namespace

std::unique_ptr<Contestant> make_lookup(const Corpus& corpus, std::string& why) {
    return bucket_lookup(corpus, why, {});
}

std::unique_ptr<Contestant> make_multi_index(const Corpus& corpus, std::string& why) {
    return part_lookup(corpus, why, {});
}

std::unique_ptr<Contestant> make_within(const Corpus& corpus, std::string& why) {
    constexpr std::uint32_t usual_radius = 2;
    const bool whole = corpus.items.bits <= client::max_bucket_bits;
    return whole ? bucket_lookup(corpus, why, usual_radius)
                 : part_lookup(corpus, why, usual_radius);
}

std::unique_ptr<Contestant> make_two_step(const Corpus& corpus, std::string& why) {
    if (!corpus.own_vectors) {
        why = "trained codes come without real vectors";
        return nullptr;
    }
    return std::make_unique<TwoStep>(corpus);
}

}  // namespace fedhash::scenarios
