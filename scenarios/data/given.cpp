#include "scenarios/data/given.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/data/lines.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

std::uint64_t pair_of(std::uint32_t user, std::uint32_t item) {
    return (std::uint64_t{user} << 32U) | item;
}

/// The next field from `at` on; `at` moves behind it. In parentheses a comma belongs to the field.
std::string_view next_field(std::string_view line, std::size_t& at) {
    at = std::min(line.find_first_not_of(" \t,", at), line.size());
    const std::size_t begin = at;
    if (at < line.size() && line[at] == '(') at = std::min(line.find(')', at), line.size());
    at = std::min(line.find_first_of(" \t,", at), line.size());
    return line.substr(begin, at - begin);
}

bool is_user_column(std::string_view key) {
    const auto& known = known_columns("user");
    return std::find(known.begin(), known.end(), folded(key)) != known.end();
}

}  // namespace

void read_given_parts(const Files& files,
                      const std::function<Layout(const std::filesystem::path&)>& layout,
                      Dataset& data) {
    data.given_valid = !files.valid.empty();
    data.given_test = !files.test.empty();
    if (data.given_valid) read_rows(files.valid, layout(files.valid), data, data.valid);
    if (data.given_test) read_rows(files.test, layout(files.test), data, data.test);
    read_candidate_lists(files.candidates, data);
}

void read_candidate_lists(const std::filesystem::path& file, Dataset& data) {
    if (file.empty()) return;
    data.valid_candidates.clear();
    data.test_candidates.clear();
    data.given_candidates = true;
    std::vector<std::uint64_t> drawn_for;
    Lines lines(file);
    const auto fail = [&](std::size_t at, std::string_view found) {
        throw error_at(
            lines.file(), lines.number(), at + 1,
            fmt::format("expected a user, or (user,item), and items, found {}", in_quotes(found)));
    };
    while (lines.next()) {
        const std::string_view line = lines.text();
        std::size_t at = 0;
        std::string_view key = next_field(line, at);
        if (lines.number() == 1 && is_user_column(key)) continue;  // a header
        const bool paired = key.starts_with('(');
        std::string_view item;
        if (paired) {
            const auto comma = key.find(',');
            if (comma == std::string_view::npos || !key.ends_with(')')) fail(0, key);
            item = trimmed(key.substr(comma + 1, key.size() - comma - 2));
            key = trimmed(key.substr(1, comma - 1));
            if (item.empty()) fail(0, line);
        }
        if (key.empty()) fail(0, line);
        const std::uint32_t user = data.users.intern(key);
        if (paired) drawn_for.push_back(pair_of(user, data.items.intern(item)));
        for (std::string_view other = next_field(line, at); !other.empty();
             other = next_field(line, at))
            data.test_candidates.push_back({user, data.items.intern(other)});
    }
    if (data.test_candidates.empty())
        throw DataError(file.string() + ": expected candidates, found none");
    data.files.push_back(
        fmt::format("{}: {} candidates", file.string(), grouped(data.test_candidates.size())));

    std::vector<std::uint64_t> held_out;
    for (const auto* rows : {&data.valid, &data.test})
        for (const Interaction& row : *rows) held_out.push_back(pair_of(row.user, row.item));
    std::sort(held_out.begin(), held_out.end());
    const auto strays = std::count_if(drawn_for.begin(), drawn_for.end(), [&](std::uint64_t pair) {
        return !std::binary_search(held_out.begin(), held_out.end(), pair);
    });
    if (data.given_test && strays > 0)
        data.notices.push_back(
            fmt::format("{}: {} of {} lists are for an item that the test file does not hold out",
                        file.string(), strays, drawn_for.size()));
}

}  // namespace fedhash::scenarios
