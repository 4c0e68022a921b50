#include "shuffler/key_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "common/errors.hpp"
#include "common/private_file.hpp"

namespace fedhash::shuffler {

namespace {

constexpr std::array<std::uint8_t, 5> magic{'F', 'D', 'H', 'M', 1};

}  // namespace

void write_key_file(const std::filesystem::path& file, const KeyFile& keys) {
    wire::Buffer bytes;
    wire::ByteWriter to(bytes);
    to.append(magic.data(), magic.size());
    to.append(keys.token.data(), keys.token.size());
    to(keys.place);
    to.append(keys.secret.data(), keys.secret.size());
    write_private_file(file, bytes);
}

KeyFile read_key_file(const std::filesystem::path& file) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) throw DataError(file.string() + ": cannot be read: " + std::strerror(errno));
    const wire::Buffer bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    KeyFile keys;
    try {
        wire::ByteReader from(bytes);
        if (!std::ranges::equal(from.take(magic.size()), magic))
            throw wire::DecodeError("it does not begin like one");
        std::ranges::copy(from.take(keys.token.size()), keys.token.begin());
        from(keys.place);
        std::ranges::copy(from.take(keys.secret.size()), keys.secret.begin());
        from.finish();
    } catch (const wire::DecodeError& error) {
        throw DataError(file.string() + ": not the keys of a shuffler: " + error.what());
    }
    return keys;
}

}  // namespace fedhash::shuffler
