#include "scenarios/playback/playback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/wire/messages.hpp"
#include "scenarios/launch/plan.hpp"
#include "server/coordinator.hpp"

namespace fedhash::scenarios {
namespace {

// Whoever missed a deadline then will not come in time now, either: no need to wait for long.
constexpr std::uint32_t playback_deadline_ms = 2000;

/// What all channels of a playback share: how much the coordinator has said, and who waits for more
/// of it.
class Script {
  public:
    explicit Script(const Record& record)
        : complete_(record.complete),
          by_client_(connections(record.options.variant, record.options.clients)) {
        for (const RecordedFrame& frame : record.frames)
            (frame.up ? by_client_[frame.client].heard : by_client_[frame.client].said)
                .push_back(&frame);
    }

    struct Part {
        std::vector<const RecordedFrame*> heard, said;
        std::size_t next_heard = 0, next_said = 0;
    };
    Part& part(std::uint32_t client) { return by_client_[client]; }

    std::size_t said() const { return said_; }
    std::size_t other() const { return other_; }
    bool complete() const { return complete_; }
    void said_one(bool same) {
        ++said_;
        other_ += same ? 0 : 1;
        while (!waiting_.empty() && waiting_.begin()->first <= said_) {
            waiting_.begin()->second->cancel();
            waiting_.erase(waiting_.begin());
        }
    }
    void wait_for(std::size_t said, asio::steady_timer* timer) { waiting_.emplace(said, timer); }
    void forget(asio::steady_timer* timer) {
        std::erase_if(waiting_, [timer](const auto& entry) { return entry.second == timer; });
    }

  private:
    bool complete_;
    std::vector<Part> by_client_;
    std::multimap<std::size_t, asio::steady_timer*> waiting_;
    std::size_t said_ = 0, other_ = 0;
};

class PlaybackChannel final : public wire::Channel {
  public:
    PlaybackChannel(asio::io_context& io, Script& script, std::uint32_t client,
                    const wire::Token& token)
        : script_(script),
          part_(script.part(client)),
          hello_(wire::frame(wire::Type::hello, wire::encode(wire::Hello{token, client}))),
          timer_(io, asio::steady_timer::time_point::max()) {}
    ~PlaybackChannel() override { script_.forget(&timer_); }

    asio::awaitable<wire::Frame> receive() override {
        while (!closed_ && !ready()) {
            if (part_.next_heard < part_.heard.size())
                script_.wait_for(part_.heard[part_.next_heard]->said_before, &timer_);
            asio::error_code cancelled;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        if (closed_) throw wire::Closed("closed");
        const RecordedFrame& next = *part_.heard[part_.next_heard++];
        if (!next.left.empty()) throw wire::Closed(next.left);
        held_ = next.frame ? next.frame : hello_;
        const wire::View bytes(*held_);
        const wire::Header header = wire::read_header(bytes.first<wire::header_bytes>());
        caps_.check(header);
        traffic_.received += bytes.size();
        co_return wire::Frame{header.type, bytes.subspan(wire::header_bytes)};
    }
    void post(wire::Encoded frame) override {
        traffic_.sent += frame->size();
        // What a record that was cut off does not have is not compared.
        const bool same = part_.next_said < part_.said.size()
                              ? *part_.said[part_.next_said]->frame == *frame
                              : !script_.complete();
        ++part_.next_said;
        script_.said_one(same);
    }
    asio::awaitable<void> drained() override { co_return; }
    void allow(const wire::Caps& caps) override { caps_ = caps; }
    void close() override {
        closed_ = true;
        timer_.cancel();
    }
    std::size_t queued_bytes() const override { return 0; }
    wire::Traffic traffic() const override { return traffic_; }
    std::optional<wire::Traffic> kernel_traffic() const override { return std::nullopt; }

  private:
    bool ready() const {
        return part_.next_heard < part_.heard.size() &&
               part_.heard[part_.next_heard]->said_before <= script_.said();
    }

    Script& script_;
    Script::Part& part_;
    wire::Encoded hello_, held_;
    wire::Caps caps_;
    wire::Traffic traffic_;
    bool closed_ = false;
    asio::steady_timer timer_;
};

}  // namespace

std::uint32_t last_round(const Record& record) {
    for (const RecordedFrame& frame : std::views::reverse(record.frames)) {
        if (frame.up || !frame.frame) continue;
        const wire::View bytes(*frame.frame);
        if (wire::read_header(bytes.first<wire::header_bytes>()).type == wire::Type::request)
            return wire::decode<wire::Request>(bytes.subspan(wire::header_bytes)).round;
    }
    return 0;
}

PlayedBack play_back(const Record& record, const std::filesystem::path& folder,
                     server::Observer* observer) {
    asio::io_context io(1);
    Script script(record);
    server::Options options = record.options;
    options.run_folder = folder.string();
    options.token = options.shuffler_token = fresh_token();
    options.record = false;
    options.links.real_time = false;
    options.deadline_ms = std::min(options.deadline_ms, playback_deadline_ms);
    options.start_deadline_ms = options.deadline_ms;
    server::Coordinator coordinator(io, options, nullptr);
    if (observer != nullptr) coordinator.show_to(*observer);
    for (std::uint32_t client = 0; client < connections(options.variant, options.clients); ++client)
        if (!script.part(client).heard.empty())
            coordinator.roster().admit(
                std::make_unique<PlaybackChannel>(io, script, client, options.token));
        else
            coordinator.roster().give_up(client, "it is not in the record");
    std::exception_ptr failure;
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        failure = error;
        io.stop();
    });
    io.run();
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const RunError&) {
        if (record.complete) throw;  // otherwise: nobody answered, for there is no more of it
    }
    // Beyond the end of a record that was cut off the coordinator hears nobody, and may go on.
    const std::uint32_t begun = last_round(record);
    const auto rounds = record.complete ? coordinator.summary().at("rounds").get<std::uint32_t>()
                                        : std::max(begun, 1U) - 1;
    return {rounds, script.said(), script.other(), coordinator.lies()};
}

std::string early_end(const Record& record) {
    return fmt::format(
        "the record ends early, in round {} of {}: the run was stopped, or the file was cut",
        last_round(record), record.options.rounds);
}

}  // namespace fedhash::scenarios
