// The client's side of the protocol against a coordinator that is played by the test.
#include "client/session.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "common/bits.hpp"
#include "common/wire/memory_channel.hpp"
#include "common/wire/plane.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t users = 5, items = 40;

struct Stage {
    asio::io_context io{1};
    std::unique_ptr<wire::Channel> far;
    std::string end = "running";
    std::vector<std::pair<wire::Type, wire::Buffer>> heard;

    explicit Stage(SessionOptions options = {}) {
        auto [near, there] = wire::make_memory_channels(io.get_executor());
        far = std::move(there);
        wire::Caps caps;
        for (std::uint8_t type = 1; type < wire::type_count; ++type)
            caps.allow(wire::Type{type}, 1 << 20);
        far->allow(caps);
        auto shard = tests::deal(tests::make_users(1, users, items), 0, 1);
        shard.token.fill(0xaa);
        asio::co_spawn(io, run_session(std::move(near), std::move(shard), std::move(options)),
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
    template <class Message>
    void say(wire::Type type, const Message& message) {
        far->post(wire::frame(type, wire::encode(message)));
        settle();
    }
    void post(wire::Type type, const wire::Buffer& body) {
        far->post(wire::frame(type, body));
        settle();
    }
    void greet() {
        say(wire::Type::welcome,
            wire::Welcome{users, items, 1, 5, tests::busy_variant(16), {10}, false, "auto"});
    }
    std::size_t count(wire::Type type) const {
        return static_cast<std::size_t>(std::count_if(
            heard.begin(), heard.end(), [type](const auto& h) { return h.first == type; }));
    }
};

/// The tables of round 1, as the coordinator says them.
wire::Buffer started() {
    Tables tables = initial_tables(5, tests::busy_variant(16), items, false);
    tables.version = 1;
    return wire::encode_start(5, false, tables);
}

}  // namespace

TEST_CASE(
    "a session says hello with its token, answers each request, and parts with its byte counts") {
    const tests::TempFolder folder;
    std::vector<std::uint32_t> rounds;
    SessionOptions options;
    options.private_folder = folder.path();
    options.before_learning = [&rounds](std::uint32_t round) { rounds.push_back(round); };
    Stage stage(options);
    REQUIRE(stage.heard.size() == 1);
    const auto hello = wire::decode<wire::Hello>(stage.heard[0].second);
    CHECK(hello.client == 0);
    CHECK(hello.token[31] == 0xaa);

    stage.greet();
    stage.post(wire::Type::publish, started());
    stage.say(wire::Type::request, wire::Request{1, 0, {0x15}, {}, {}});  // users 0, 2, 4
    CHECK(stage.count(wire::Type::reply) == 3);
    CHECK(rounds == std::vector<std::uint32_t>{1});
    stage.say(wire::Type::evaluate, wire::Evaluate{1, true, {}});
    REQUIRE(stage.count(wire::Type::scores) == 1);
    CHECK(wire::decode<wire::Scores>(stage.heard.back().second).version == 1);
    stage.say(wire::Type::goodbye, wire::Goodbye{});
    REQUIRE(stage.count(wire::Type::goodbye) == 1);
    const auto goodbye = wire::decode<wire::Goodbye>(stage.heard.back().second);
    CHECK(goodbye.bytes_received == stage.far->traffic().sent);
    CHECK(goodbye.bytes_sent + wire::header_bytes + 16 == stage.far->traffic().received);
    CHECK(stage.end == "over");
    CHECK(std::filesystem::exists(folder / "codes-0"));
}

TEST_CASE(
    "a session ends with a reason when the coordinator speaks out of turn, nonsense, too much, or "
    "not at all") {
    SUBCASE("a request before the welcome") {
        Stage stage;
        stage.say(wire::Type::request, wire::Request{1, 0, {1}, {}, {}});
        CHECK(stage.end == "refused: message type not expected now");
    }
    SUBCASE("a second welcome") {
        Stage stage;
        stage.greet();
        stage.greet();
        CHECK(stage.end == "refused: message type not expected now");
    }
    SUBCASE("a welcome for another run") {
        Stage stage;
        stage.say(
            wire::Type::welcome,
            wire::Welcome{users, items + 1, 1, 5, tests::busy_variant(16), {10}, false, "auto"});
        CHECK(stage.end == "refused: the coordinator's sizes do not match this shard");
    }
    SUBCASE("a table that is larger than the run's can be") {
        Stage stage;
        stage.greet();
        const std::size_t cap = wire::max_publish_bytes(tests::busy_variant(16), items);
        stage.post(wire::Type::publish, wire::Buffer(cap + 1));
        CHECK(stage.end == "refused: message longer than its type can be");
    }
    SUBCASE("trailing bytes") {
        Stage stage;
        stage.greet();
        wire::Buffer body = wire::encode(wire::Evaluate{1, false, {}});
        body.push_back(0);
        stage.far->post(wire::frame(wire::Type::evaluate, body));
        stage.settle();
        CHECK(stage.end == "refused: trailing bytes");
    }
    SUBCASE("the end of the connection") {
        Stage stage;
        stage.greet();
        stage.far->close();
        stage.settle();
        CHECK(stage.end == "closed by peer");
    }
}
