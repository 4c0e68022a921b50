#include "common/denoise.hpp"

#include <algorithm>

#include "common/secure/note.hpp"
#include "common/uplink.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"

namespace fedhash::denoise {

namespace {

/// Of a row's integers in one upload: 2^31 of them are far from any overflow.
constexpr std::int64_t most_a_note = std::int64_t{1} << 31;

std::size_t upload_bytes(const Variant& variant, std::uint32_t items) {
    return find_uplink(variant.uplink).max_bytes(variant, items);
}

}  // namespace

void write_note(wire::ByteWriter& to, wire::View note) { to(note); }

Hidden read_hidden(wire::ByteReader& from) {
    Hidden hidden;
    from(hidden.note);
    hidden.upload = from.peek();
    return hidden;
}

void write_notes(wire::ByteWriter& to, const std::vector<wire::View>& notes) {
    to(static_cast<std::uint16_t>(notes.size()));
    for (const wire::View note : notes) to(note);
}

std::vector<wire::View> read_notes(wire::ByteReader& from) {
    std::uint16_t count = 0;
    from(count);
    if (count > max_group) throw wire::DecodeError("more notes than a group has users");
    std::vector<wire::View> notes(count);
    for (wire::View& note : notes) from(note);
    return notes;
}

Decoys decoys_in(const Aggregate& sum) {
    Decoys decoys;
    const std::size_t width = sum.shape.width;
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
        if (sum.counts[i] == 0) continue;
        decoys.items.push_back(ItemId{static_cast<std::uint32_t>(i)});
        decoys.counts.push_back(sum.counts[i]);
        decoys.weights.push_back(sum.weights[i]);
        const std::span row = std::span(sum.rows).subspan(i * width, width);
        decoys.rows.insert(decoys.rows.end(), row.begin(), row.end());
    }
    return decoys;
}

void write_decoys(wire::ByteWriter& to, const Decoys& decoys) {
    to(static_cast<std::uint16_t>(decoys.unread.size()));
    for (const std::uint16_t place : decoys.unread) to(place);
    wire::write_item_set(to, decoys.items);
    wire::write_numbers(to, decoys.counts);
    wire::write_numbers(to, decoys.weights);
    wire::write_numbers(to, decoys.rows);
}

Decoys read_decoys(wire::ByteReader& from, std::size_t notes, std::uint32_t items,
                   std::uint32_t width) {
    Decoys decoys;
    std::uint16_t unread = 0;
    from(unread);
    if (unread > notes) throw wire::DecodeError("more notes cannot be read than there are");
    for (std::uint16_t j = 0; j < unread; ++j) {
        std::uint16_t place = 0;
        from(place);
        if (place >= notes || (j > 0 && place <= decoys.unread.back()))
            throw wire::DecodeError("a note that there is not");
        decoys.unread.push_back(place);
    }
    wire::read_item_set(from, items, decoys.items);
    const std::size_t count = decoys.items.size();
    const auto most = static_cast<std::int64_t>(notes);
    decoys.counts.resize(count);
    decoys.weights.resize(count);
    wire::read_numbers(from, most, decoys.counts);
    if (std::ranges::any_of(decoys.counts, [](std::int64_t n) { return n <= 0; }))
        throw wire::DecodeError("decoys of an item that are none");
    wire::read_numbers(from, most * most_a_note, decoys.weights);
    decoys.rows.resize(count * width);  // no more than the sum itself has
    wire::read_numbers(from, most * most_a_note, decoys.rows);
    from.finish();
    return decoys;
}

bool take_off(const Decoys& decoys, Aggregate& sum) {
    const std::size_t width = sum.shape.width;
    bool possible = true;
    for (std::size_t j = 0; j < decoys.items.size(); ++j) {
        const std::size_t i = index(decoys.items[j]);
        sum.counts[i] -= decoys.counts[j];
        sum.weights[i] -= decoys.weights[j];
        for (std::size_t a = 0; a < width; ++a)
            sum.rows[i * width + a] -= decoys.rows[j * width + a];
        possible = possible && sum.counts[i] >= 0;
    }
    return possible;
}

std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items) {
    const std::size_t first = 10 + secure::note_bytes + 2 * upload_bytes(variant, items);
    const std::size_t second = 2 + 2 * max_group + wire::max_item_set_bytes(items) +
                               2 * wire::max_numbers_bytes(items) +
                               wire::max_numbers_bytes(std::size_t{items} * variant.bits);
    return std::max(first, second);
}

std::size_t max_question_bytes(const Variant& variant, std::uint32_t items,
                               std::size_t hosted_users) {
    constexpr std::size_t most = std::size_t{1} << 30;
    const std::size_t notes = 2 + variant.privacy.denoise_users *
                                      (10 + secure::note_bytes + upload_bytes(variant, items));
    return std::min(most, hosted_users * std::max<std::size_t>(4, notes));
}

}  // namespace fedhash::denoise
