#include "tests/bench/made_world.hpp"

#include <algorithm>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <cstdlib>

#include "common/random.hpp"

namespace fedhash::bench {

namespace {

constexpr std::uint32_t users = 6040, items = 3706;
constexpr std::size_t least = 20, candidates = 99;

float rating(Stream& random) {
    boost::random::uniform_01<double> uniform;
    const double draw = uniform(random);
    return draw < 0.056   ? 0.0f
           : draw < 0.164 ? 0.25f
           : draw < 0.425 ? 0.5f
           : draw < 0.774 ? 0.75f
                          : 1.0f;
}

// The largest of log-weights with Gumbel noise: a draw without replacement in proportion to the
// weights. The most wanted come first.
std::vector<std::uint32_t> draw_items(std::size_t count, Stream& random) {
    boost::random::uniform_01<double> uniform;
    std::vector<std::pair<double, std::uint32_t>> keys(items);
    for (std::uint32_t i = 0; i < items; ++i) {
        const double noise = -std::log(-std::log(std::max(uniform(random), 0x1p-60)));
        keys[i] = {1.2 * std::log(i + 60.0) - noise, i};
    }
    std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count), keys.end());
    std::vector<std::uint32_t> drawn;
    for (std::size_t j = 0; j < count; ++j) drawn.push_back(keys[j].second);
    return drawn;
}

client::UserData made_user(std::uint32_t number) {
    Stream random = stream(1, Purpose::generator, number);
    boost::random::lognormal_distribution<double> extra(std::log(76.0), 1.14);
    const std::size_t count =
        std::min<std::size_t>(items / 2, least + static_cast<std::size_t>(extra(random)));
    client::UserData user;
    user.user = UserId{number};
    std::vector<std::uint32_t> drawn = draw_items(count, random);
    user.valid.items = {ItemId{drawn.back()}};
    user.valid.deciles = {9};
    drawn.pop_back();
    std::ranges::sort(drawn);
    for (std::uint32_t item : drawn) user.train.push_back({ItemId{item}, rating(random)});
    for (std::size_t j = 0; j < candidates; ++j)
        user.valid.candidates.push_back(ItemId{static_cast<std::uint32_t>(random() % items)});
    return user;
}

}  // namespace

scenarios::Prepared made_world() {
    scenarios::Prepared made;
    made.label = "made users, as many and as skewed as MovieLens 1M";
    made.ranking = {items, false};
    made.has_validation = true;
    for (std::uint32_t u = 0; u < users; ++u) made.users.push_back(made_user(u));
    return made;
}

scenarios::Prepared world() {
    const char* folder = std::getenv("FEDHASH_DATA");
    if (folder == nullptr || *folder == '\0') return made_world();
    scenarios::DataSettings settings;
    settings.path = folder;
    settings.format = "movielens";
    settings.order = "random";
    settings.negatives = 99;
    return scenarios::prepare(settings);
}

}  // namespace fedhash::bench
