// Files that only their owner may read: shards and user codes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fedhash {

/// Creates (never overwrites) a file with mode 0600. Throws RunError with the system's reason and
/// what to do.
void write_private_file(const std::filesystem::path& file, std::span<const std::uint8_t> bytes);

/// Throws RunError of a file that cannot be written, by errno, with the way out of a full disk.
[[noreturn]] void fail_writing(const std::filesystem::path& file, int error);

}  // namespace fedhash
