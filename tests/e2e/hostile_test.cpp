// Peers that do not keep to the protocol: strangers at the door of a live run, and clients of the
// run itself.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <list>
#include <sstream>

#include "tests/e2e/frames.hpp"
#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

using Counts = std::map<std::string, std::uint64_t>;

constexpr std::size_t header_bytes = 16;
constexpr std::size_t token_at = 9, token_bytes = 32;  // in a shard file: magic, checksum, token

Bytes token_of(const fs::path& run_folder, std::uint32_t client) {
    return contents(run_folder / "private" / ("shard-" + std::to_string(client)))
        .substr(token_at, token_bytes);
}

// The argument after --connect on a client's command line.
std::string endpoint_of(pid_t client) {
    std::istringstream words(proc_file(client, "cmdline"));
    for (std::string word; std::getline(words, word, '\0');)
        if (word == "--connect" && std::getline(words, word, '\0')) return word;
    FAIL("no --connect");
    return "";
}

std::uint64_t peak_resident_kib(pid_t pid) {
    const std::string status = proc_file(pid, "status");
    return std::stoull(status.substr(status.find("VmHWM:") + 6));
}

Bytes flipped(Bytes bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
}

// One attempt each; returns when the coordinator has thrown it out.
class Stranger {
  public:
    Stranger(std::string endpoint, Counts& expected)
        : endpoint_(std::move(endpoint)), expected_(expected) {}

    void is_refused(const Bytes& bytes, const std::string& reason) {
        attempt(bytes, false);
        ++expected_[reason];
    }
    void gives_up_after(const Bytes& bytes) { attempt(bytes, true); }

  private:
    void attempt(const Bytes& bytes, bool stop) {
        Connection connection(endpoint_);
        connection.send(bytes);
        if (stop) connection.stop_sending();
        CHECK(connection.until_closed() == "");  // a stranger learns nothing
    }

    std::string endpoint_;
    Counts& expected_;
};

// A round of every kind of attack that needs no membership, but for bit flips.
void attack(Stranger& stranger, const Bytes& token) {
    const Bytes honest = frame({hello, hello_body(token, 0)});
    stranger.is_refused("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "bad magic");
    stranger.is_refused(Bytes(100, '\0'), "bad magic");
    Bytes noise(5000, ' ');
    std::uint32_t state = 12345;
    for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    stranger.is_refused(noise, "bad magic");

    for (std::size_t size :
         {std::size_t{0}, std::size_t{1}, header_bytes - 1, header_bytes, honest.size() - 1})
        stranger.gives_up_after(honest.substr(0, size));

    for (std::uint8_t version : std::initializer_list<std::uint8_t>{0, 1, 2, 255})
        stranger.is_refused(frame({hello, hello_body(token, 0), version}),
                            "unknown protocol version");
    for (std::uint8_t type : std::initializer_list<std::uint8_t>{0, 13, 255})
        stranger.is_refused(frame({type, ""}), "unknown message type");
    for (std::uint8_t type : {welcome, publish, request, reply, evaluate, scores, goodbye})
        stranger.is_refused(frame({type, Bytes(16, '\0')}), "message type not expected now");
    for (std::int64_t length : {37ll, 4096ll, 0x7fffffffll, 0xffffffffll})
        stranger.is_refused(frame({hello, hello_body(token, 0), protocol_version, length}),
                            "message longer than its type can be");

    stranger.is_refused(frame({hello, ""}), "truncated body");
    stranger.is_refused(frame({hello, token}), "truncated body");
    stranger.is_refused(frame({hello, Bytes(36, '\xff')}), "wrong run token");
    stranger.is_refused(frame({hello, hello_body(Bytes(token.rbegin(), token.rend()), 0)}),
                        "wrong run token");
    stranger.is_refused(honest, "this client is already here");
    stranger.is_refused(frame({hello, hello_body(token, 8)}), "no such client in this run");
    stranger.is_refused(frame({hello, hello_body(token, 0xffffffff)}),
                        "no such client in this run");
}

}  // namespace

TEST_CASE("strangers are refused and counted and change nothing") {
    TempFolder out;
    const Words settings{"run.clients=8", "run.rounds=3"};
    const fs::path clean = complete_run(settings, out / "clean");

    Hold hold(2, out / "hold");
    Program run(program("fedhash"), small_run(out / "runs", settings), hold.environment());
    const std::vector<pid_t> clients = hold.wait_for(8, run);
    const fs::path folder = only_run_folder(out / "runs");
    const std::string endpoint = endpoint_of(clients[0]);
    CHECK(endpoint.starts_with("tcp:127.0.0.1:"));
    const Bytes token = token_of(folder, 0);
    const pid_t server = server_pid(folder);

    Counts expected;
    Stranger stranger(endpoint, expected);
    [[maybe_unused]] const std::uint64_t before = peak_resident_kib(server);
    for (int repeat = 0; repeat < 5; ++repeat) attack(stranger, token);
    const Bytes honest = frame({hello, hello_body(token, 0)});
    for (std::size_t bit = 0; bit < 8 * honest.size(); bit += 3)
        stranger.is_refused(flipped(honest, bit), bit < 16                 ? "bad magic"
                                                  : bit < 8 * header_bytes ? "bad header checksum"
                                                                           : "bad body checksum");
    std::list<Connection> silent;  // these say nothing, or half a hello, and stay to the end
    for (int i = 0; i < 32; ++i)
        silent.emplace_back(endpoint).send(honest.substr(0, i % 2 == 0 ? 0 : 20));
#if FEDHASH_SANITIZED
    MESSAGE("a sanitizer keeps freed memory; the coordinator's memory is not looked at");
#else
    stranger.gives_up_after("");  // everything before it has been taken care of
    CHECK(peak_resident_kib(server) - before < 1024);
#endif

    hold.release();
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    run.wait_for_family();
    check_same_bits(folder, clean);
    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("outcome") == "complete");
    CHECK(summary.at("rejected").get<Counts>() == expected);
    CHECK(summary.at("bytes").at("kernel_difference") == 0);
    CHECK(summary.at("bytes").at("control") ==
          json_file(clean / "summary.json").at("bytes").at("control"));
    for (Connection& connection : silent) CHECK(connection.until_closed() == "");
}

namespace {

// A seat of the run, taken by somebody who knows the token.
class Insider {
  public:
    Insider(const std::string& endpoint, const Bytes& token, std::uint32_t client)
        : connection_(endpoint) {
        connection_.send(frame({hello, hello_body(token, client)}));
    }

    void wait_for(FrameType wanted) {
        for (std::uint8_t type = 0; type != wanted;) {
            const Bytes header = connection_.receive(header_bytes);
            REQUIRE(header.size() == header_bytes);
            type = static_cast<std::uint8_t>(header[3]);
            std::uint32_t length = 0;
            for (int i = 0; i < 4; ++i)
                length |= std::uint32_t{static_cast<std::uint8_t>(header[4 + i])} << (8 * i);
            REQUIRE(connection_.receive(length).size() == length);
        }
    }

    void say(const Bytes& bytes) { connection_.send(bytes); }
    void wait_to_be_thrown_out() { connection_.until_closed(); }

  private:
    Connection connection_;
};

// Programs of which client 0 is a real one; the others wait for a gate that never opens, so that
// their seats are free.
std::string honest_client_zero(const TempFolder& out) {
    fs::create_directories(out / "bin");
    for (const char* name : {"fedhash", "fedhash-server"})
        fs::copy_file(program(name), out / "bin" / name);
    REQUIRE(mkfifo((out / "gate").c_str(), 0600) == 0);
    const std::string folder = out.path().string();
    write(out / "bin" / "fedhash-client",
          "#!/bin/sh\ncase \"$2\" in\n*/shard-0)\n  echo \"$4\" > '" + folder + "/seen'\n  mv '" +
              folder + "/seen' '" + folder + "/endpoint'\n  exec '" + program("fedhash-client") +
              "' \"$@\";;\n*) read line < '" + folder + "/gate';;\nesac\n");
    fs::permissions(out / "bin" / "fedhash-client", fs::perms::owner_all);
    return out / "bin" / "fedhash";
}

std::string wait_for_endpoint(const TempFolder& out, Program& run) {
    wait_for_entry(out.path(), run, "endpoint");
    std::string endpoint = contents(out / "endpoint");
    endpoint.pop_back();  // the end of its line
    return endpoint;
}

Bytes varint(std::uint64_t value) {
    Bytes bytes;
    for (; value > 127; value >>= 7) bytes += static_cast<char>(0x80 | (value & 0x7f));
    return bytes + static_cast<char>(value);
}

}  // namespace

TEST_CASE("clients of the run that say something impossible are thrown out with the reason") {
    TempFolder out;
    constexpr std::uint32_t clients = 8;
    const std::string programs = honest_client_zero(out);
    Program run(programs, small_run(out / "runs",
                                    {"method.name=implicit-dcd", "run.clients=8", "run.rounds=2"}));
    const std::string endpoint = wait_for_endpoint(out, run);
    const fs::path folder = only_run_folder(out / "runs");
    const Bytes token = token_of(folder, 5);

    // Residuals that follow from one target: form 0, the target.
    const Bytes code(8, '\0'), target = Bytes(1, '\0') + varint(257);
    const auto head = [](std::uint32_t round, std::uint32_t user) {
        return varint(round) + varint(0) + varint(user);  // step 0
    };
    const Bytes count_bomb = varint(1ull << 60);
    const std::vector<std::pair<Bytes, std::string>> attacks{
        {frame({reply, head(1, 1) + target + code + varint((1ull << 32) - 1) + Bytes(1, '\0')}),
         "an item set is larger than it can be"},
        {frame({scores, varint(1) + Bytes(1, '\0') + Bytes(1, '\1') + Bytes(8, '\1') + count_bomb}),
         "a list is longer than its message"},
        {frame({reply, head(1, 0) + target + code + varint(0) + Bytes(1, '\0')}),
         "a reply for a user of somebody else"},
        {frame({reply, head(1, 4) + Bytes(3, '\0') + code}), "target out of range"},
        {frame({goodbye, Bytes(16, '\xff')}), "goodbye without being asked"},
        {frame({hello, hello_body(token, 6)}), "message type not expected now"},
        {frame({reply, Bytes(9, '\xff') + Bytes(1, '\x7f')}), "a varint is too long"},
    };
    std::list<Insider> insiders;
    for (std::uint32_t client = 1; client < clients; ++client)
        insiders.emplace_back(endpoint, token, client);
    Counts expected;
    for (Insider& insider : insiders) insider.wait_for(request);
    auto insider = insiders.begin();
    for (const auto& [bytes, reason] : attacks) {
        insider->say(bytes);
        insider++->wait_to_be_thrown_out();
        ++expected[reason];
    }
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    run.wait_for_family();
    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("outcome") == "complete-with-losses");
    CHECK(summary.at("clients_lost") == clients - 1);
    CHECK(summary.at("rejected").get<Counts>() == expected);
    for (const json& loss : summary.at("losses")) {
        const auto client = loss.at("client").get<std::size_t>();
        REQUIRE(client >= 1);
        CHECK(loss.at("reason") == attacks[client - 1].second);
    }
    const Ended replay = run_fedhash({"replay", folder, "--out", out / "replays"});
    INFO(replay.err);
    CHECK(replay.code == 0);
}

TEST_CASE("a client that leaves during the last measurement is named") {
    TempFolder out;
    const std::string programs = honest_client_zero(out);
    Program run(programs,
                small_run(out / "runs", {"method.name=implicit-dcd", "data.synthetic.users=2",
                                         "run.clients=2", "run.rounds=1", "eval.every=0"}));
    const std::string endpoint = wait_for_endpoint(out, run);
    const fs::path folder = only_run_folder(out / "runs");
    {
        Insider insider(endpoint, token_of(folder, 1), 1);
        insider.wait_for(request);
        // A good reply: round 1, user 1, target 257, all bits -1, no item.
        insider.say(frame({reply, varint(1) + varint(0) + varint(1) + Bytes(1, '\0') + varint(257) +
                                      Bytes(8, '\0') + varint(0) + Bytes(1, '\0')}));
        insider.wait_for(evaluate);
    }
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("users_measured") == 1);
    CHECK(summary.at("outcome") == "complete-with-losses");
    CHECK(summary.at("clients_lost") == 1);
    CHECK(summary.at("uploads_lost") == 0);
}
