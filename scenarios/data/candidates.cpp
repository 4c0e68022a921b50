#include "scenarios/data/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "common/random.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

using client::HeldOut;
using client::Part;
using client::UserData;

/// A set of items that is emptied in no time: an item is in it when it carries the current stamp.
class ItemSet {
  public:
    explicit ItemSet(std::size_t items) : stamps_(items, 0) {}
    void clear() {
        ++stamp_;
        size_ = 0;
    }
    /// False when it was in already.
    bool insert(ItemId item) {
        if (stamps_[index(item)] == stamp_) return false;
        stamps_[index(item)] = stamp_;
        ++size_;
        return true;
    }
    bool contains(ItemId item) const { return stamps_[index(item)] == stamp_; }
    std::size_t size() const { return size_; }

  private:
    std::vector<std::uint64_t> stamps_;
    std::uint64_t stamp_ = 1;
    std::size_t size_ = 0;
};

void insert_all(const UserData& user, ItemSet& set) {
    for (const client::Rating& rating : user.train) set.insert(rating.item);
    for (const HeldOut* part : {&user.valid, &user.test})
        for (ItemId item : part->items) set.insert(item);
}

/// `count` items outside `taken`, which ends up holding them too.
std::vector<ItemId> draw(std::uint32_t items, std::size_t count, ItemSet& taken, Stream random) {
    std::vector<ItemId> out;
    const std::size_t unseen = items - taken.size();
    if (2 * count <=
        unseen) {  // then a blind draw hits an unseen item soon enough, without a list of them
        boost::random::uniform_int_distribution<std::uint32_t> any(0, items - 1);
        while (out.size() < count)
            if (const ItemId item{any(random)}; taken.insert(item)) out.push_back(item);
        return out;
    }
    for (std::uint32_t i = 0; i < items; ++i)
        if (!taken.contains(ItemId{i})) out.push_back(ItemId{i});
    for (std::size_t i = 0; i < std::min(count, out.size()); ++i) {
        boost::random::uniform_int_distribution<std::size_t> pick(i, out.size() - 1);
        std::swap(out[i], out[pick(random)]);
    }
    out.resize(std::min(count, out.size()));
    return out;
}

struct Blemishes {
    std::size_t trained = 0, held_out = 0, repeated = 0;
    std::size_t trained_pairs = 0,
                held_out_pairs = 0;  // repeats counted once, as published statistics do
    std::size_t lists = 0, emptied = 0, candidates = 0;
};

void inspect(const UserData& user, HeldOut& part, bool clean, ItemSet& trained, ItemSet& held_out,
             Blemishes& found) {
    std::vector<ItemId> kept;
    trained.clear();
    held_out.clear();
    for (const client::Rating& rating : user.train) trained.insert(rating.item);
    for (const HeldOut* each : {&user.valid, &user.test})
        for (ItemId item : each->items) held_out.insert(item);
    std::vector<ItemId> sorted = part.candidates;
    std::sort(sorted.begin(), sorted.end());
    const auto distinct_end = std::unique(sorted.begin(), sorted.end());
    found.repeated += static_cast<std::size_t>(sorted.end() - distinct_end);
    for (auto item = sorted.begin(); item != distinct_end; ++item) {
        found.trained_pairs += trained.contains(*item) ? 1 : 0;
        found.held_out_pairs += held_out.contains(*item) ? 1 : 0;
    }
    found.candidates += part.candidates.size();
    for (ItemId item : part.candidates) {
        const bool in_train = trained.contains(item), in_held_out = held_out.contains(item);
        found.trained += in_train ? 1 : 0;
        found.held_out += in_held_out ? 1 : 0;
        if (!in_train && !in_held_out) kept.push_back(item);
    }
    if (!clean) return;
    held_out.clear();  // now: those kept before, so that repeats are dropped too
    std::erase_if(kept, [&held_out](ItemId item) { return !held_out.insert(item); });
    part.candidates = std::move(kept);
}

}  // namespace

void sample_candidates(std::vector<UserData>& users, std::uint32_t items, std::uint32_t count,
                       std::uint64_t seed, std::vector<std::string>& notices) {
    ItemSet taken(items);
    std::size_t short_lists = 0;
    for (UserData& user : users)
        for (Part which : {Part::valid, Part::test}) {
            HeldOut& part = which == Part::valid ? user.valid : user.test;
            if (part.items.empty()) continue;
            taken.clear();
            insert_all(user, taken);
            part.candidates = draw(items, count, taken,
                                   stream(seed, Purpose::negatives, index(user.user),
                                          static_cast<std::uint64_t>(which)));
            short_lists += part.candidates.size() < count ? 1 : 0;
        }
    if (short_lists > 0)
        notices.push_back(
            fmt::format("{} candidate lists are shorter than {}: they leave out what their users "
                        "have seen, and "
                        "there are {} items",
                        grouped(short_lists), grouped(count), grouped(items)));
}

void give_candidates(std::vector<UserData>& users, const Dataset& data, bool clean,
                     std::vector<std::string>& notices) {
    // A list that names no part is for both.
    const auto& for_valid =
        data.valid_candidates.empty() ? data.test_candidates : data.valid_candidates;
    for (const Candidate& row : for_valid)
        if (row.user < users.size()) users[row.user].valid.candidates.push_back(ItemId{row.item});
    for (const Candidate& row : data.test_candidates)
        if (row.user < users.size()) users[row.user].test.candidates.push_back(ItemId{row.item});

    ItemSet trained(data.items.size()), held_out(data.items.size());
    for (Part which : {Part::valid, Part::test}) {
        Blemishes found;
        for (UserData& user : users) {
            HeldOut& part = which == Part::valid ? user.valid : user.test;
            if (part.items.empty()) {
                part.candidates.clear();  // the user is not scored
                continue;
            }
            ++found.lists;
            inspect(user, part, clean, trained, held_out, found);
            if (!part.candidates.empty()) continue;
            ++found.emptied;
            part = {};
        }
        const std::string_view name = which == Part::valid ? "validation" : "test";
        if (found.trained + found.held_out + found.repeated > 0)
            notices.push_back(fmt::format(
                "given {} candidates: of {}, {} ({} distinct) are in the user's training set, {} "
                "({} distinct) are held-out "
                "items of the user, {} repeat one of the same user; {}",
                name, grouped(found.candidates), grouped(found.trained),
                grouped(found.trained_pairs), grouped(found.held_out),
                grouped(found.held_out_pairs), grouped(found.repeated),
                clean ? "all dropped" : "scored as given (eval.clean_candidates=true drops them)"));
        if (found.emptied > 0)
            notices.push_back(fmt::format("{} of {} users have no {} candidates and are not scored",
                                          grouped(found.emptied), grouped(found.lists), name));
    }
}

}  // namespace fedhash::scenarios
