#include "common/member.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/errors.hpp"
#include "common/wire/bytes.hpp"
#include "common/wire/channel.hpp"

namespace fedhash {

int run_member(const std::function<int()>& body) {
    // No orphans.
    const pid_t parent = getppid();
    if (const char* expected = std::getenv("FEDHASH_PARENT")) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || std::to_string(parent) != expected) return exit_network;
    }
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return body();
    } catch (const Error& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return error.code();
    } catch (const wire::DecodeError& error) {
        std::fprintf(stderr, "error: the coordinator sent something unusable: %s\n", error.what());
        return exit_network;
    } catch (const wire::Closed& error) {
        std::fprintf(stderr, "error: lost the coordinator: %s\n", error.what());
        return exit_network;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return exit_run_failed;
    }
}

}  // namespace fedhash
