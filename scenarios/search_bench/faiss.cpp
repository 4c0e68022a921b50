#include "scenarios/search_bench/faiss.hpp"

#include <faiss/IndexBinaryFlat.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

namespace fedhash::scenarios {
namespace {

std::vector<std::uint8_t> packed(const Codes& codes) {
    const std::size_t bytes = codes.bits / 8;
    std::vector<std::uint8_t> rows(codes.rows * bytes);
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::size_t j = 0; j < bytes; ++j)
            rows[i * bytes + j] = static_cast<std::uint8_t>(codes.row(i)[j / 8] >> (8 * (j % 8)));
    return rows;
}

class Faiss final : public Contestant {
  public:
    Faiss(const Corpus& corpus, bool heap)
        : bytes_(corpus.items.bits / 8),
          queries_(packed(corpus.queries)),
          index_(static_cast<faiss::IndexBinary::idx_t>(corpus.items.bits)) {
        omp_set_num_threads(1);
        index_.use_heap = heap;
        index_.add(static_cast<faiss::IndexBinary::idx_t>(corpus.items.rows),
                   packed(corpus.items).data());
    }
    void search(std::size_t query, std::size_t wanted) override { run(query, 1, wanted); }
    std::vector<ItemId> found() const override { return row(0); }
    bool search_all(std::size_t wanted, const Exclusions&) override {
        run(0, queries_.size() / bytes_, wanted);
        return true;
    }
    std::vector<std::vector<ItemId>> all_found() const override {
        std::vector<std::vector<ItemId>> all;
        for (std::size_t q = 0; q < labels_.size() / wanted_; ++q) all.push_back(row(q));
        return all;
    }
    std::size_t memory_bytes() const override { return index_.xb.size(); }

  private:
    void run(std::size_t first, std::size_t count, std::size_t wanted) {
        // Beyond its items Faiss would fill up, which takes time that no list needs.
        wanted = std::min(wanted, static_cast<std::size_t>(index_.ntotal));
        wanted_ = wanted;
        labels_.resize(count * wanted);
        distances_.resize(count * wanted);
        index_.search(static_cast<faiss::IndexBinary::idx_t>(count), &queries_[first * bytes_],
                      static_cast<faiss::IndexBinary::idx_t>(wanted), distances_.data(),
                      labels_.data());
    }
    std::vector<ItemId> row(std::size_t q) const {
        std::vector<ItemId> items;
        for (std::size_t j = 0; j < wanted_; ++j)
            if (labels_[q * wanted_ + j] >= 0)
                items.push_back(ItemId{static_cast<std::uint32_t>(labels_[q * wanted_ + j])});
        return items;
    }

    std::size_t bytes_, wanted_ = 1;
    std::vector<std::uint8_t> queries_;
    faiss::IndexBinaryFlat index_;
    std::vector<std::int32_t> distances_;
    std::vector<faiss::IndexBinary::idx_t> labels_;
};

}  // namespace

std::unique_ptr<Contestant> make_faiss_heap(const Corpus& corpus, std::string&) {
    return std::make_unique<Faiss>(corpus, true);
}

std::unique_ptr<Contestant> make_faiss_counting(const Corpus& corpus, std::string&) {
    return std::make_unique<Faiss>(corpus, false);
}

std::string faiss_version() {
    return fmt::format("{}.{}.{}", FAISS_VERSION_MAJOR, FAISS_VERSION_MINOR, FAISS_VERSION_PATCH);
}

}  // namespace fedhash::scenarios
