#include "tests/bench/raw_limit.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace fedhash::bench {

namespace {

void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void set_no_delay(int fd) {
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

// Reads a whole request, answers, until the connection closes.
[[noreturn]] void child(const sockaddr_in& where, std::size_t down, std::size_t up) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) _exit(1);
    set_no_delay(fd);
    std::vector<char> request(down), answer(up);
    while (true) {
        for (std::size_t got = 0; got < down;) {
            const ssize_t n = read(fd, request.data() + got, down - got);
            if (n <= 0) _exit(0);
            got += static_cast<std::size_t>(n);
        }
        for (std::size_t sent = 0; sent < up;) {
            const ssize_t n = write(fd, answer.data() + sent, up - sent);
            if (n <= 0) _exit(1);
            sent += static_cast<std::size_t>(n);
        }
    }
}

double cpu_seconds(int who) {
    rusage usage{};
    getrusage(who, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Peer {
    int fd = -1;
    std::size_t to_send = 0, to_read = 0;
};

void send_some(Peer& peer, const std::vector<char>& request) {
    while (peer.to_send > 0) {
        const ssize_t n =
            write(peer.fd, request.data() + (request.size() - peer.to_send), peer.to_send);
        if (n < 0) return;  // full: epoll says when there is room
        peer.to_send -= static_cast<std::size_t>(n);
    }
}

}  // namespace

RawLimit raw_rounds(int processes, int rounds, std::size_t down, std::size_t up) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(listener, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0, "bind");
    must(listen(listener, SOMAXCONN) == 0, "listen");
    socklen_t size = sizeof where;
    getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size);
    for (int p = 0; p < processes; ++p) {
        const pid_t pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
            close(listener);
            child(where, down, up);
        }
    }
    const int poll = epoll_create1(0);
    std::vector<Peer> peers(static_cast<std::size_t>(processes));
    for (std::size_t p = 0; p < peers.size(); ++p) {
        peers[p].fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        must(peers[p].fd >= 0, "accept");
        set_no_delay(peers[p].fd);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = p;
        epoll_ctl(poll, EPOLL_CTL_ADD, peers[p].fd, &event);
    }

    const std::vector<char> request(down);
    std::vector<char> answer(up);
    std::vector<epoll_event> events(256);
    const double cpu_before = cpu_seconds(RUSAGE_SELF);
    const auto begin = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds; ++round) {
        std::size_t owing = peers.size();
        for (Peer& peer : peers) {
            peer.to_send = down;
            peer.to_read = up;
            send_some(peer, request);
        }
        while (owing > 0) {
            const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
            for (int e = 0; e < ready; ++e) {
                Peer& peer = peers[events[static_cast<std::size_t>(e)].data.u64];
                send_some(peer, request);
                while (peer.to_read > 0) {
                    const ssize_t n = read(peer.fd, answer.data(), peer.to_read);
                    if (n < 0) break;
                    must(n > 0, "a child ended");
                    peer.to_read -= static_cast<std::size_t>(n);
                    if (peer.to_read == 0) --owing;
                }
            }
        }
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double cpu_here = cpu_seconds(RUSAGE_SELF) - cpu_before;
    const double children_before = cpu_seconds(RUSAGE_CHILDREN);
    for (const Peer& peer : peers) close(peer.fd);
    while (wait(nullptr) > 0) {
    }
    const double cpu_children = cpu_seconds(RUSAGE_CHILDREN) - children_before;
    close(poll);
    close(listener);
    const double updates = static_cast<double>(rounds) * processes;
    return {updates / seconds, 1e6 * (cpu_here + cpu_children) / updates};
}

}  // namespace fedhash::bench
