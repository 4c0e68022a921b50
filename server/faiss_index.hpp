// Item codes as a Faiss index: what faiss::read_index_binary opens as an IndexBinaryFlat.
#pragma once

#include <filesystem>

#include "common/codes.hpp"

namespace fedhash::server {

/// Faiss counts dimensions in whole bytes: bits past the last one of a code are 0. Throws RunError
/// naming the file.
void write_faiss_index(const std::filesystem::path& file, const Codes& codes);

}  // namespace fedhash::server
