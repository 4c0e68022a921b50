// Files that only their owner may read: shards and user codes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fedhash {

/// Creates (never overwrites) a file with mode 0600. Throws RunError with the system's reason and
/// what to do.
void write_private_file(const std::filesystem::path& file, std::span<const std::uint8_t> bytes);

}  // namespace fedhash
