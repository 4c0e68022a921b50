#include "common/shuffle.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace fedhash;

namespace {

Variant gradients(std::uint32_t pieces, std::uint32_t row_cap) {
    Variant variant;
    variant.bits = 16;
    variant.uplink = "gradients";
    variant.privacy.pieces = pieces;
    variant.privacy.row_cap = row_cap;
    return variant;
}

}  // namespace

TEST_CASE("pieces of one variant are equally long, whatever is in them, and come back") {
    for (const Variant& variant : {gradients(1, 0), gradients(4, 10)}) {
        const std::size_t length = shuffle::piece_bytes(variant, 50);
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{60}}) {
            const wire::Buffer upload(size, 9);
            const wire::Buffer piece = shuffle::pad_piece(upload, variant, 50);
            CHECK(piece.size() == length);
            const wire::View back = shuffle::unpad_piece(piece, variant, 50);
            CHECK(wire::Buffer(back.begin(), back.end()) == upload);
        }
        wire::Buffer broken = shuffle::pad_piece({1, 2}, variant, 50);
        broken.back() = 1;
        CHECK_THROWS_AS(shuffle::unpad_piece(broken, variant, 50), wire::DecodeError);
    }
    CHECK(shuffle::note_bytes(gradients(4, 10), 50) ==
          secure::note_bytes + 4 * shuffle::piece_bytes(gradients(4, 10), 50));
}

TEST_CASE("rows are dealt to pieces: every row once, in no more than its share") {
    const Variant variant = gradients(4, 10);
    std::vector<ItemId> items;
    std::vector<std::int32_t> pulls, weights;
    for (std::uint32_t i = 0; i < 10; ++i) {
        items.push_back(ItemId{3 * i});
        pulls.push_back(static_cast<std::int32_t>(100 + i));
        weights.push_back(static_cast<std::int32_t>(200 + i));
    }
    Said said;
    said.items = items;
    said.pulls = pulls;
    said.weights = weights;
    const auto cut = shuffle::cut_rows(variant, 1, UserId{2}, 3, said);
    REQUIRE(cut.size() == 4);
    std::map<std::uint32_t, int> seen;
    for (const shuffle::Piece& piece : cut) {
        CHECK(piece.items.size() <= most_rows(shuffle::piece_variant(variant)));
        CHECK(std::ranges::is_sorted(piece.items));
        for (std::size_t j = 0; j < piece.items.size(); ++j) {
            const auto i = static_cast<std::uint32_t>(index(piece.items[j])) / 3;
            ++seen[i];
            CHECK(piece.pulls[j] == static_cast<std::int32_t>(100 + i));
            CHECK(piece.weights[j] == static_cast<std::int32_t>(200 + i));
        }
    }
    CHECK(seen.size() == 10);
    for (const auto& [item, times] : seen) CHECK(times == 1);
    CHECK(cut[0].items != shuffle::cut_rows(variant, 1, UserId{2}, 4, said)[0].items);
}

TEST_CASE("a piece has its share of the ballots and of the rows, decoys among them") {
    Variant variant = gradients(4, 10);
    variant.privacy.decoys = "resampled";
    variant.privacy.decoys_q8 = 512;  // two an item
    CHECK(most_rows(variant) == 30);
    CHECK(most_rows(shuffle::piece_variant(variant)) == 8);
    variant.uplink = "ballots";
    variant.privacy.ballots = 64;
    CHECK(shuffle::piece_variant(variant).privacy.ballots == 16);
    CHECK(shuffle::can_cut(variant));
    variant.uplink = "residual";
    CHECK_FALSE(shuffle::can_cut(variant));
}
