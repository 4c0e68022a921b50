#include <doctest/doctest.h>

#include <algorithm>

#include "common/denoise.hpp"

using namespace fedhash;

namespace {

Aggregate made_sum() {
    AggregateShape sizes;
    sizes.width = 3;
    sizes.items = 6;
    Aggregate sum(sizes);
    sum.counts = {0, 2, 0, 1, 0, 0};
    sum.weights = {0, 32, 0, -7, 0, 0};
    for (std::size_t a = 0; a < 3; ++a) {
        sum.rows[3 + a] = 100 * static_cast<std::int64_t>(a) - 90;
        sum.rows[9 + a] = -5;
    }
    return sum;
}

wire::Buffer written(const denoise::Decoys& decoys) {
    wire::Buffer bytes;
    wire::ByteWriter to(bytes);
    denoise::write_decoys(to, decoys);
    return bytes;
}

denoise::Decoys read(const wire::Buffer& bytes, std::size_t notes = 4) {
    wire::ByteReader from(bytes);
    return denoise::read_decoys(from, notes, 6, 3);
}

void refused(const denoise::Decoys& decoys, const char* why, std::size_t notes = 4) {
    CHECK_THROWS_WITH_AS(read(written(decoys), notes), why, wire::DecodeError);
}

}  // namespace

TEST_CASE("what decoys add up to is read as it was written, and taken off") {
    denoise::Decoys decoys = denoise::decoys_in(made_sum());
    decoys.unread = {1, 3};
    const denoise::Decoys again = read(written(decoys));
    CHECK(again.unread == decoys.unread);
    CHECK(again.items == std::vector{ItemId{1}, ItemId{3}});
    CHECK(again.counts == std::vector<std::int64_t>{2, 1});
    Aggregate sum = made_sum();
    sum.merge(made_sum());
    CHECK(denoise::take_off(again, sum));
    CHECK(sum == made_sum());
    CHECK(denoise::take_off(again, sum));
    CHECK(sum == Aggregate(sum.shape));
    CHECK_FALSE(denoise::take_off(again, sum));  // more than there is
}

TEST_CASE("decoys that there cannot be are refused") {
    const denoise::Decoys good = denoise::decoys_in(made_sum());
    denoise::Decoys bad = good;
    bad.counts[0] = 5;
    refused(bad, "a number is out of range");
    bad = good;
    bad.counts[1] = 0;
    refused(bad, "decoys of an item that are none");
    bad = good;
    bad.unread = {4};
    refused(bad, "a note that there is not");
    bad.unread = {2, 2};
    refused(bad, "a note that there is not");
    bad.unread = {0, 1, 2, 3, 4};
    refused(bad, "more notes cannot be read than there are");
    wire::Buffer bytes = written(good);
    bytes.push_back(0);
    CHECK_THROWS_WITH_AS(read(bytes), "trailing bytes", wire::DecodeError);
    for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
        CAPTURE(size);
        CHECK_THROWS_AS(read(wire::Buffer(bytes.begin(), bytes.begin() + static_cast<int>(size))),
                        wire::DecodeError);
    }
}

TEST_CASE("notes and uploads are found where they were put") {
    const wire::Buffer first{1, 2, 3}, second{}, upload{7, 8};
    wire::Buffer bytes;
    wire::ByteWriter to(bytes);
    denoise::write_notes(to, {wire::View(first), wire::View(second)});
    wire::ByteReader from(bytes);
    const auto notes = denoise::read_notes(from);
    from.finish();
    REQUIRE(notes.size() == 2);
    CHECK(std::ranges::equal(notes[0], first));
    CHECK(notes[1].empty());

    wire::Buffer answer;
    wire::ByteWriter to_answer(answer);
    denoise::write_note(to_answer, first);
    to_answer.append(upload.data(), upload.size());
    wire::ByteReader from_answer(answer);
    const denoise::Hidden hidden = denoise::read_hidden(from_answer);
    CHECK(std::ranges::equal(hidden.note, first));
    CHECK(std::ranges::equal(hidden.upload, upload));

    const wire::Buffer many{0, 1};
    wire::ByteReader too_many(many);
    CHECK_THROWS_AS(denoise::read_notes(too_many), wire::DecodeError);
}
