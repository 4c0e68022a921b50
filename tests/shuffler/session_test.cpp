// The shuffler's side of the protocol against a coordinator that is played by the test.
#include "shuffler/session.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "common/wire/memory_channel.hpp"
#include "tests/shuffler/made_notes.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

const secure::Key keys_secret = numbered_key(7);

struct Stage {
    asio::io_context io{1};
    std::unique_ptr<wire::Channel> far;
    std::string end = "running";
    std::vector<std::pair<wire::Type, wire::Buffer>> heard;
    wire::Welcome run;

    explicit Stage(const wire::Welcome& welcome) : run(welcome) {
        auto [near, there] = wire::make_memory_channels(io.get_executor());
        far = std::move(there);
        wire::Caps caps;
        for (std::uint8_t type = 1; type < wire::type_count; ++type)
            caps.allow(wire::Type{type}, 8 << 20);
        far->allow(caps);
        asio::co_spawn(
            io, shuffler::run_session(std::move(near), shuffler::KeyFile{{}, 2, keys_secret}),
            [this](std::exception_ptr error) {
                end = "over";
                try {
                    if (error) std::rethrow_exception(error);
                } catch (const wire::DecodeError& refused) {
                    end = std::string("refused: ") + refused.what();
                } catch (const wire::Closed& closed) {
                    end = closed.what();
                }
            });
        asio::co_spawn(io, listen(*this), [](std::exception_ptr) {});
        settle();
        far->post(wire::frame(wire::Type::welcome, wire::encode(run)));
        settle();
    }
    static asio::awaitable<void> listen(Stage& stage) {
        while (true) {
            const wire::Frame frame = co_await stage.far->receive();
            stage.heard.emplace_back(frame.type,
                                     wire::Buffer(frame.body.begin(), frame.body.end()));
        }
    }
    void settle() {
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void mix(std::uint32_t round, bool last, const wire::Buffer& notes) {
        wire::Buffer body = wire::encode(shuffle::Mix{round, last});
        body.insert(body.end(), notes.begin(), notes.end());
        far->post(wire::frame(wire::Type::mix, body));
        settle();
    }
};

}  // namespace

TEST_CASE("a shuffler says hello, opens what it is sent in one or several frames, and goodbye") {
    Stage stage(shuffled_run(4));
    REQUIRE(stage.heard.size() == 1);
    CHECK(wire::decode<wire::Hello>(stage.heard[0].second).client == 2);
    stage.mix(1, false, made_notes(stage.run, 1, 3, keys_secret));
    CHECK(stage.heard.size() == 1);
    stage.mix(1, true, made_note(stage.run, 1, 3, keys_secret));
    REQUIRE(stage.heard.size() == 2);
    CHECK(stage.heard[1].first == wire::Type::mixed);
    wire::ByteReader from(stage.heard[1].second);
    shuffle::Mixed mixed;
    from(mixed);
    CHECK(mixed.round == 1);
    CHECK(mixed.last);
    CHECK(mixed.unread.empty());
    CHECK(from.left() == 16 * shuffle::piece_bytes(stage.run.variant, stage.run.items));
    stage.far->post(wire::frame(wire::Type::goodbye, wire::encode(wire::Goodbye{})));
    stage.settle();
    CHECK(stage.end == "over");
    CHECK(stage.heard.back().first == wire::Type::goodbye);
}

// Beside the first answer a second one would show whose pieces were not in both.
TEST_CASE("a round is shuffled once, and a batch is of one round") {
    Stage again(shuffled_run(1));
    again.mix(2, true, made_notes(again.run, 2, 3, keys_secret));
    again.mix(2, true, made_notes(again.run, 2, 4, keys_secret));
    CHECK(again.end == "refused: asked to shuffle a round once more");
    Stage before(shuffled_run(1));
    before.mix(2, true, made_notes(before.run, 2, 3, keys_secret));
    before.mix(1, true, made_notes(before.run, 1, 3, keys_secret));
    CHECK(before.end == "refused: asked to shuffle a round once more");
    Stage two(shuffled_run(1));
    two.mix(1, false, made_notes(two.run, 1, 3, keys_secret));
    two.mix(2, true, made_notes(two.run, 2, 3, keys_secret));
    CHECK(two.end == "refused: a batch of two rounds");
}

TEST_CASE("what no coordinator sends ends a shuffler's session") {
    Stage half(shuffled_run(1));
    wire::Buffer notes = made_notes(half.run, 1, 3, keys_secret);
    notes.pop_back();
    half.mix(1, true, notes);
    CHECK(half.end == "refused: half a note");
    Stage many(shuffled_run(1));
    many.mix(1, true, made_notes(many.run, 1, 41, keys_secret));
    CHECK(many.end == "refused: more notes than there are users");
    wire::Welcome named = shuffled_run(1);
    named.variant.exchange = "one-shot";
    CHECK(Stage(named).end == "refused: a run whose uploads need no shuffler");
    wire::Welcome pieces = shuffled_run(0);
    CHECK(Stage(pieces).end == "refused: pieces of an upload out of range");
    pieces = shuffled_run(2);
    pieces.variant.uplink = "residual";
    CHECK(Stage(pieces).end == "refused: pieces of an upload out of range");
    wire::Welcome wide = shuffled_run(1);
    wide.variant.bits = 100'000;
    CHECK(Stage(wide).end == "refused: notes to a shuffler out of range");
    wire::Welcome large = shuffled_run(1);
    large.users = 0xffffffff;
    CHECK(Stage(large).end == "refused: notes to a shuffler out of range");
}
