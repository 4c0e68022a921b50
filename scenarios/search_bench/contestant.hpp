// One way of finding the best items of a query, as search-bench times it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "client/retrieval/bucket_table.hpp"
#include "scenarios/search_bench/corpus.hpp"

namespace fedhash::scenarios {

/// Items that a query must not get, ascending, for every query of a corpus; or nothing.
using Exclusions = std::vector<std::vector<ItemId>>;

class Contestant {
  public:
    virtual ~Contestant() = default;

    /// Finds the best `wanted` items of one query, without exclusions.
    virtual void search(std::size_t query, std::size_t wanted) = 0;

    /// What the last search found, best first.
    virtual std::vector<ItemId> found() const = 0;

    /// The same for all queries together. Returns false where nothing is gained by that.
    virtual bool search_all(std::size_t wanted, const Exclusions& excluded) = 0;

    /// What search_all found, query after query.
    virtual std::vector<std::vector<ItemId>> all_found() const = 0;

    /// Of what is searched in.
    virtual std::size_t memory_bytes() const = 0;

    /// All that a query reads, where it reads the whole of something; or nothing.
    virtual std::span<const std::byte> read_whole() const { return {}; }

    /// Of all searches so far.
    virtual client::LookupCosts costs() const { return {}; }
};

enum class Kind {
    ranking,         // looks at all codes
    lookup,          // in tables, until the list is full
    radius,          // what is within a radius, maybe nothing
    two_steps,       // candidates by code, in the order of real vectors
    inner_products,  // of real vectors
    faiss
};

/// Finds what ranking finds, or all inner products.
constexpr bool is_exact(Kind kind) { return kind != Kind::radius && kind != Kind::two_steps; }

/// Whether the order is that of real vectors.
constexpr bool by_reals(Kind kind) {
    return kind == Kind::two_steps || kind == Kind::inner_products;
}

struct ContestantEntry {
    const char* name;
    Kind kind;
    /// Nothing where this way does not go with the corpus; then `why` says why.
    std::unique_ptr<Contestant> (*make)(const Corpus& corpus, std::string& why);
    bool excludes;  // whether search_all heeds exclusions
    const char* about;
};

/// All that this program was built with, in the order of the tables.
std::span<const ContestantEntry> contestants();

/// Peers that the build did not find, each with what to install.
std::vector<std::string> absent_contestants();

/// What the peers are, a sentence each: "Faiss 1.7.3, compiled without POPCNT instructions".
std::vector<std::string> peer_builds();

}  // namespace fedhash::scenarios
