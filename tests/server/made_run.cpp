#include "tests/server/made_run.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <numeric>

#include "common/exchange.hpp"
#include "common/wire/memory_channel.hpp"
#include "shuffler/session.hpp"
#include "tests/common/temp_folder.hpp"

namespace fedhash::tests {

namespace {

bool is_reply(const wire::Encoded& frame) {
    return (*frame)[3] == static_cast<std::uint8_t>(wire::Type::reply);
}

}  // namespace

std::uint32_t round_of(const wire::Encoded& reply) {
    wire::ByteReader from(wire::View(*reply).subspan(wire::header_bytes));
    wire::ReplyHead head;
    from(head);
    return head.round;
}

decltype(RunPlan::wrap) unreliable(UnreliableChannel::Faults faults,
                                   std::vector<std::uint32_t> chosen) {
    return [faults, chosen](std::uint32_t client, std::unique_ptr<wire::Channel> channel,
                            asio::any_io_executor executor) {
        if (std::find(chosen.begin(), chosen.end(), client) == chosen.end()) return channel;
        UnreliableChannel::Faults own = faults;
        own.seed = 1000 * faults.seed + client;
        return std::unique_ptr<wire::Channel>(
            std::make_unique<UnreliableChannel>(std::move(channel), executor, own));
    };
}

UnreliableChannel::UnreliableChannel(std::unique_ptr<wire::Channel> inner,
                                     asio::any_io_executor executor, Faults faults)
    : inner_(std::move(inner)),
      executor_(std::move(executor)),
      faults_(faults),
      random_(stream(faults.seed, Purpose::arrival)) {}

void UnreliableChannel::post(wire::Encoded frame) {
    if (faults_.forge) frame = faults_.forge(frame);
    if (!is_reply(frame)) return inner_->post(std::move(frame));
    if (random_() % 100 < faults_.lost_percent) {
        ++lost_;
        return;
    }
    if (faults_.hold_round != 0 && round_of(frame) == faults_.hold_round) {
        held_.push_back(std::move(frame));
        return;
    }
    waiting_.push_back(frame);
    if (random_() % 100 < faults_.duplicate_percent) {
        ++duplicated_;
        waiting_.push_back(std::move(frame));
    }
}

asio::awaitable<wire::Frame> UnreliableChannel::receive() {
    if (faults_.delay > 0 && !waiting_.empty())
        for (std::uint64_t turns = random_() % (faults_.delay + 1); turns > 0; --turns)
            co_await asio::post(executor_, asio::use_awaitable);
    if (faults_.shuffle)
        for (std::size_t i = waiting_.size(); i > 1; --i)
            std::swap(waiting_[i - 1], waiting_[random_() % i]);
    for (wire::Encoded& frame : waiting_) inner_->post(std::move(frame));
    waiting_.clear();
    co_return co_await inner_->receive();
}

std::size_t UnreliableChannel::release() {
    for (const wire::Encoded& frame : held_) inner_->post(frame);
    const std::size_t count = held_.size();
    held_.clear();
    return count;
}

std::vector<std::pair<std::uint32_t, UserId>> RunResult::lost() const {
    std::vector<std::pair<std::uint32_t, UserId>> result;
    for (const nlohmann::json& event : events)
        if (event.at("event") == "lost")
            for (const nlohmann::json& user : event.at("users"))
                result.emplace_back(event.at("round").get<std::uint32_t>(),
                                    UserId{user.get<std::uint32_t>()});
    return result;
}

std::uint64_t RunResult::rejected(const std::string& reason) const {
    return summary.at("rejected").value(reason, std::uint64_t{0});
}

RunPlan small_plan(std::uint32_t clients) {
    RunPlan plan;
    plan.options.users = 21;
    plan.options.items = 60;
    plan.options.clients = clients;
    plan.options.seed = 11;
    plan.options.rounds = 4;
    plan.options.variant = busy_variant(20);
    plan.options.variant.own_bit_start = 40;
    plan.options.cutoffs = {5, 10};
    plan.options.has_validation = true;
    plan.options.transport = "in-process";
    for (std::size_t j = 0; j < plan.options.token.size(); ++j)
        plan.options.token[j] = static_cast<std::uint8_t>(j);
    plan.data = make_users(11, plan.options.users, plan.options.items);
    return plan;
}

void end_at(RunPlan& plan, std::vector<std::uint32_t> clients, std::uint32_t step,
            std::vector<std::uint32_t>& asked) {
    asked.assign(plan.options.clients, 0);
    plan.before_learning = [clients, step, &asked](std::uint32_t client, std::uint32_t round) {
        if (round != 2 || std::ranges::find(clients, client) == clients.end()) return;
        if (asked[client]++ == step) throw wire::Closed("the test ends it");
    };
}

RunResult run(const RunPlan& plan) {
    const TempFolder folder;
    asio::io_context io(1);
    server::Options options = plan.options;
    options.run_folder = folder.path().string();
    RunResult result;
    result.client_ends.resize(options.clients);
    server::Coordinator* running = nullptr;
    server::Coordinator coordinator(io, options, [&](const nlohmann::json& event) {
        result.events.push_back(event);
        if (plan.meanwhile && event.at("event") == "ready") plan.meanwhile(io, *running);
        if (plan.on_event) plan.on_event(event);
    });
    running = &coordinator;
    const bool shuffled = find_exchange(options.variant.exchange).shuffled;
    const secure::Key shuffler_secret = signing_secret(UserId{options.users});

    std::vector<std::uint32_t> order = plan.order;
    if (order.empty()) {
        order.resize(options.clients);
        std::iota(order.begin(), order.end(), 0);
    }
    for (std::uint32_t client : order) {
        auto [here, there] = wire::make_memory_channels(io.get_executor());
        coordinator.roster().admit(std::move(here));
        std::unique_ptr<wire::Channel> channel = std::move(there);
        if (plan.wrap) channel = plan.wrap(client, std::move(channel), io.get_executor());
        client::SessionOptions session;
        if (plan.before_learning)
            session.before_learning = [&plan, client](std::uint32_t round) {
                plan.before_learning(client, round);
            };
        client::Shard shard = deal(plan.data, client, options.clients, options.token);
        if (shuffled) shard.known = {secure::signing_key(shuffler_secret)};
        asio::co_spawn(io, client::run_session(std::move(channel), std::move(shard), session),
                       [&result, client](std::exception_ptr error) {
                           try {
                               if (error) std::rethrow_exception(error);
                           } catch (const std::exception& end) {
                               result.client_ends[client] = end.what();
                           }
                       });
    }
    if (shuffled) {
        auto [here, there] = wire::make_memory_channels(io.get_executor());
        coordinator.roster().admit(std::move(here));
        std::unique_ptr<wire::Channel> channel = std::move(there);
        if (plan.wrap) channel = plan.wrap(options.clients, std::move(channel), io.get_executor());
        const shuffler::KeyFile keys{plan.shuffler_token, options.clients, shuffler_secret};
        asio::co_spawn(io, shuffler::run_session(std::move(channel), keys),
                       [](std::exception_ptr) {});
    }
    std::exception_ptr failure;
    asio::co_spawn(io, coordinator.run(), [&](std::exception_ptr error) {
        failure = error;
        if (error) io.stop();  // clients would wait for ever
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    result.tables = coordinator.tables();
    result.items = result.tables.codes;
    if (result.items.rows > 0) result.item_codes = contents(folder / "item_codes.npy");
    result.metrics = contents(folder / "metrics.csv");
    result.summary = coordinator.summary();
    return result;
}

}  // namespace fedhash::tests
