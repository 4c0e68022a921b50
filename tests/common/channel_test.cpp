// Both kinds of channel against the same bytes: whole, in pieces, damaged and cut short.
#include "common/wire/channel.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>
#include <thread>

#include "common/kernels/kernels.hpp"
#include "common/random.hpp"
#include "common/wire/memory_channel.hpp"
#include "common/wire/socket_channel.hpp"
#include "tests/common/allocations.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

struct Log {
    std::vector<std::pair<Type, Buffer>> frames;
    std::string end;  // why reading stopped
};

asio::awaitable<void> read_all(Channel& channel, Log& log) {
    try {
        while (true) {
            const Frame frame = co_await channel.receive();
            log.frames.emplace_back(frame.type, Buffer(frame.body.begin(), frame.body.end()));
        }
    } catch (const DecodeError& error) {
        log.end = std::string("refused: ") + error.what();
    } catch (const Closed& error) {
        log.end = error.what();
    }
}

/// Posts back what comes, for so many frames.
asio::awaitable<void> echo(Channel& channel, std::size_t count, Log& log) {
    for (std::size_t i = 0; i < count; ++i) {
        const Frame heard = co_await channel.receive();
        log.frames.emplace_back(heard.type, Buffer(heard.body.begin(), heard.body.end()));
        channel.post(frame(heard.type, heard.body));
    }
}

void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

Caps everything(std::size_t cap = 1 << 20) {
    Caps caps;
    for (std::uint8_t type = 1; type < type_count; ++type) caps.allow(Type{type}, cap);
    return caps;
}

/// A socket channel whose far end is a plain socket that writes what it likes.
struct SocketPair {
    asio::io_context io{1};
    asio::local::stream_protocol::socket peer{io};
    std::unique_ptr<Channel> channel;
    Log log;

    explicit SocketPair(const Caps& caps = everything()) {
        asio::local::stream_protocol::socket near(io);
        asio::local::connect_pair(near, peer);
        channel = make_socket_channel(Socket(std::move(near)));
        channel->allow(caps);
        asio::co_spawn(io, read_all(*channel, log), rethrow);
        settle();
    }
    void write(View bytes) {
        asio::write(peer, asio::buffer(bytes.data(), bytes.size()));
        settle();
    }
    void settle() {  // everything that can happen now happens
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void hang_up() {
        peer.close();
        settle();
    }
};

/// What a memory channel makes of one frame's worth of bytes.
std::string memory_verdict(View bytes, const Caps& caps = everything()) {
    asio::io_context io(1);
    auto [near, far] = make_memory_channels(io.get_executor());
    near->allow(caps);
    Log log;
    far->post(std::make_shared<const Buffer>(bytes.begin(), bytes.end()));
    far->close();
    asio::co_spawn(io, read_all(*near, log), rethrow);
    io.run();
    return log.frames.empty() ? log.end : "accepted";
}

std::vector<std::pair<Type, Buffer>> some_frames(std::uint64_t seed) {
    Stream random(seed);
    std::vector<std::pair<Type, Buffer>> frames;
    for (std::size_t size : {0, 1, 15, 16, 17, 4080, 4096, 9000, 0, 33}) {
        Buffer body(size);
        for (auto& byte : body) byte = static_cast<std::uint8_t>(random());
        frames.emplace_back(Type{static_cast<std::uint8_t>(1 + random() % 8)}, body);
    }
    return frames;
}

Buffer on_the_wire(const std::vector<std::pair<Type, Buffer>>& frames) {
    Buffer bytes;
    for (const auto& [type, body] : frames) {
        const Encoded encoded = frame(type, body);
        bytes.insert(bytes.end(), encoded->begin(), encoded->end());
    }
    return bytes;
}

Buffer header_announcing(std::uint32_t length) {
    Buffer header{'F', 'H', protocol_version, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    std::memcpy(&header[4], &length, 4);
    const std::uint32_t crc = kernels().crc32c(0, header.data(), 12);
    std::memcpy(&header[12], &crc, 4);
    return header;
}

}  // namespace

TEST_CASE(
    "a socket channel puts frames together from single bytes, from random pieces and from one "
    "piece") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        const auto frames = some_frames(seed);
        const Buffer bytes = on_the_wire(frames);
        SocketPair pair;
        Stream random(seed);
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t most = seed == 0 ? 1 : seed == 1 ? bytes.size() : 1 + random() % 5000;
            const std::size_t size = std::min(most, bytes.size() - at);
            pair.write(View(bytes).subspan(at, size));
            at += size;
        }
        CHECK(pair.log.frames == frames);
        CHECK(pair.channel->traffic() == Traffic{0, bytes.size()});
        pair.hang_up();
        CHECK(pair.log.end == "closed by peer");
    }
}

TEST_CASE("what one channel posts the other receives, in order, and both count the same bytes") {
    asio::io_context io(1);
    const auto frames = some_frames(5);
    const auto exchange = [&](std::unique_ptr<Channel> near, std::unique_ptr<Channel> far) {
        near->allow(everything());
        Log log;
        asio::co_spawn(io, read_all(*near, log), rethrow);
        for (const auto& [type, body] : frames) far->post(frame(type, body));
        asio::co_spawn(io, far->drained(), rethrow);
        io.restart();
        while (io.poll() > 0) {
        }
        CHECK(log.frames == frames);
        CHECK(far->queued_bytes() == 0);
        CHECK(far->traffic() == Traffic{on_the_wire(frames).size(), 0});
        CHECK(near->traffic() == Traffic{0, on_the_wire(frames).size()});
        far->close();
        while (io.poll() > 0) {
        }
        CHECK(log.end == "closed by peer");
        far->post(frame(Type::hello, {}));  // into the void
        CHECK(far->traffic() == Traffic{on_the_wire(frames).size(), 0});
    };
    SUBCASE("in memory") {
        auto [near, far] = make_memory_channels(io.get_executor());
        exchange(std::move(near), std::move(far));
    }
    SUBCASE("over a socket") {
        asio::local::stream_protocol::socket one(io), two(io);
        asio::local::connect_pair(one, two);
        exchange(make_socket_channel(Socket(std::move(one))),
                 make_socket_channel(Socket(std::move(two))));
    }
}

TEST_CASE("over TCP the kernel of the accepting side counts the same bytes") {
    asio::io_context io(1);
    asio::ip::tcp::acceptor door(io, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket client(io), accepted(io);
    client.connect(door.local_endpoint());
    door.accept(accepted);
    const auto far = make_socket_channel(Socket(std::move(client)));
    const auto near = make_socket_channel(Socket(std::move(accepted)));
    near->allow(everything());
    Log log;
    const auto frames = some_frames(6);
    asio::co_spawn(io, read_all(*near, log), rethrow);
    for (const auto& [type, body] : frames) far->post(frame(type, body));
    while (log.frames.size() < frames.size()) REQUIRE(io.run_one() > 0);
    REQUIRE(near->kernel_traffic().has_value());
    CHECK(near->kernel_traffic()->received == on_the_wire(frames).size());
    CHECK(near->kernel_traffic()->sent == 0);
}

TEST_CASE("either channel refuses a frame cut at any byte") {
    Buffer body(40, 7);
    const Encoded whole = frame(Type::reply, body);
    for (std::size_t size = 0; size < whole->size(); ++size) {
        CAPTURE(size);
        REQUIRE(memory_verdict(View(*whole).first(size)) ==
                (size < header_bytes ? "refused: truncated header" : "refused: truncated body"));
        SocketPair pair;
        pair.write(View(*whole).first(size));
        CHECK(pair.log.end == "");  // the rest may yet come
        pair.hang_up();
        REQUIRE(pair.log.frames.empty());
        REQUIRE(pair.log.end == "closed by peer");
    }
    CHECK(memory_verdict(*whole) == "accepted");
}

TEST_CASE(
    "either channel refuses every flipped bit of a frame, a socket before the rest has come") {
    const Encoded whole = frame(Type::reply, Buffer(24, 0x5a));
    for (std::size_t flipped = 0; flipped < 8 * whole->size(); ++flipped) {
        CAPTURE(flipped);
        Buffer damaged = *whole;
        damaged[flipped / 8] =
            static_cast<std::uint8_t>(damaged[flipped / 8] ^ (1u << (flipped % 8)));
        REQUIRE(memory_verdict(damaged).starts_with("refused: bad "));
        SocketPair pair;
        pair.write(flipped < 8 * header_bytes ? View(damaged).first<header_bytes>()
                                              : View(damaged));
        REQUIRE(pair.log.frames.empty());
        REQUIRE(pair.log.end.starts_with("refused: bad "));
    }
}

TEST_CASE("a length past the cap is refused on either channel before memory is taken for it") {
    for (std::uint32_t length : {101u, 1u << 31, 0xffffffffu}) {
        CAPTURE(length);
        const Caps caps = Caps().allow(Type::reply, 100);
        const Buffer header = header_announcing(length);
        SocketPair pair(caps);
        const tests::AllocationWatch watch;
        pair.write(header);
        const std::string verdict = memory_verdict(header, caps);
        CHECK(watch.total() < 64 << 10);
        CHECK(pair.log.end == "refused: message longer than its type can be");
        CHECK(verdict == "refused: message longer than its type can be");
    }
}

TEST_CASE("closing a channel wakes the reader at either end") {
    SocketPair pair;
    pair.channel->close();
    pair.settle();
    CHECK(pair.log.end != "");
    asio::io_context io(1);
    auto [near, far] = make_memory_channels(io.get_executor());
    Log here, there;
    asio::co_spawn(io, read_all(*near, here), rethrow);
    asio::co_spawn(io, read_all(*far, there), rethrow);
    while (io.poll() > 0) {
    }
    near->close();
    io.restart();
    io.run();
    CHECK(here.end == "closed by peer");
    CHECK(there.end == "closed by peer");
}

TEST_CASE("the ends of a memory channel may live on two threads") {
    asio::io_context here(1), there(1);
    auto [near, far] = make_memory_channels(here.get_executor(), there.get_executor());
    near->allow(everything());
    far->allow(everything());
    const auto frames = some_frames(7);
    Log asked, answered;
    asio::co_spawn(here, echo(*near, frames.size(), answered), rethrow);
    asio::co_spawn(there, echo(*far, frames.size(), asked), rethrow);
    for (const auto& [type, body] : frames) near->post(frame(type, body));
    std::thread other([&there] { there.run(); });
    here.run();
    other.join();
    CHECK(asked.frames == frames);
    CHECK(answered.frames == frames);
}
