#include "scenarios/search_bench/float_contestants.hpp"

namespace fedhash::scenarios {
namespace {

using client::Factors;

// A tile of scores, 1 MiB, stays in the second cache.
constexpr std::size_t user_tile = 128, item_tile = 2048;

class Float final : public Contestant {
  public:
    Float(const Corpus& corpus, const Products& products)
        : corpus_(corpus), products_(products), scores_(corpus.items.rows) {}

    void search(std::size_t query, std::size_t wanted) override {
        products_.vector(corpus_.item_vectors, user(query), scores_.data());
        top_.begin(wanted, {});
        top_.look_at(scores_);
        last_ = top_.finish();
    }
    std::vector<ItemId> found() const override { return items_of(last_); }

    bool search_all(std::size_t wanted, const Exclusions& excluded) override {
        const std::size_t items = corpus_.items.rows, users = corpus_.queries.rows;
        const auto columns = static_cast<std::size_t>(corpus_.item_vectors.cols());
        all_.assign(users, {});
        tile_.resize(user_tile * item_tile);
        std::vector<client::TopScores> tops(user_tile);
        for (std::size_t u = 0; u < users; u += user_tile) {
            const std::size_t rows = std::min(user_tile, users - u);
            for (std::size_t j = 0; j < rows; ++j)
                tops[j].begin(wanted, excluded.empty() ? std::span<const ItemId>{}
                                                       : std::span(excluded[u + j]));
            for (std::size_t i = 0; i < items; i += item_tile) {
                const std::size_t count = std::min(item_tile, items - i);
                products_.matrix(user(u), rows, corpus_.item_vectors.data() + i * columns, count,
                                 columns, tile_.data());
                for (std::size_t j = 0; j < rows; ++j)
                    tops[j].look_at(std::span(tile_).subspan(j * count, count));
            }
            for (std::size_t j = 0; j < rows; ++j) all_[u + j] = items_of(tops[j].finish());
        }
        return true;
    }
    std::vector<std::vector<ItemId>> all_found() const override { return all_; }
    std::size_t memory_bytes() const override {
        return static_cast<std::size_t>(corpus_.item_vectors.size()) * sizeof(float);
    }

  private:
    static std::vector<ItemId> items_of(std::span<const client::Scored> scored) {
        std::vector<ItemId> items;
        for (const client::Scored& one : scored) items.push_back(one.item);
        return items;
    }
    const float* user(std::size_t query) const {
        return corpus_.query_vectors.data() +
               query * static_cast<std::size_t>(corpus_.query_vectors.cols());
    }

    const Corpus& corpus_;
    Products products_;
    std::vector<float> scores_, tile_;
    client::TopScores top_;
    std::span<const client::Scored> last_;
    std::vector<std::vector<ItemId>> all_;
};

void eigen_vector(const Factors& items, const float* user, float* scores) {
    Eigen::Map<Eigen::VectorXf>(scores, items.rows()).noalias() =
        items * Eigen::Map<const Eigen::VectorXf>(user, items.cols());
}

void eigen_matrix(const float* users, std::size_t user_rows, const float* items,
                  std::size_t item_rows, std::size_t columns, float* scores) {
    const auto u = static_cast<Eigen::Index>(user_rows), i = static_cast<Eigen::Index>(item_rows),
               k = static_cast<Eigen::Index>(columns);
    Eigen::Map<Factors>(scores, u, i).noalias() =
        Eigen::Map<const Factors>(users, u, k) * Eigen::Map<const Factors>(items, i, k).transpose();
}

}  // namespace

std::unique_ptr<Contestant> make_float(const Corpus& corpus, const Products& products) {
    return std::make_unique<Float>(corpus, products);
}

std::unique_ptr<Contestant> make_eigen(const Corpus& corpus, std::string&) {
    return make_float(corpus, {eigen_vector, eigen_matrix});
}

}  // namespace fedhash::scenarios
