// What a shuffler starts with, as a file: a token that no client has, its place behind the clients,
// and the secret that opens what users seal for it. Written with mode 0600 by `fedhash`; the
// coordinator never opens one.
//
//   "FDHM" | version u8 | token | place u32 | secret
#pragma once

#include <cstdint>
#include <filesystem>

#include "common/secure/primitives.hpp"
#include "common/wire/messages.hpp"

namespace fedhash::shuffler {

struct KeyFile {
    wire::Token token{};
    std::uint32_t place = 0;
    secure::Key secret{};
};

/// Throws RunError naming the file and the system's reason.
void write_key_file(const std::filesystem::path& file, const KeyFile& keys);

/// Throws DataError for anything else than such a file.
KeyFile read_key_file(const std::filesystem::path& file);

}  // namespace fedhash::shuffler
