#include "common/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/errors.hpp"

namespace fedhash {

void fail_writing(const std::filesystem::path& file, int error) {
    std::string message = file.string() + ": cannot write: " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT)
        message += "; free some space or choose another folder with --out";
    throw RunError(message);
}

void write_private_file(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) fail_writing(file, errno);
    while (!bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const int error = errno;
            close(fd);
            fail_writing(file, error);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (close(fd) != 0) fail_writing(file, errno);
}

}  // namespace fedhash
