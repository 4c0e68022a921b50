#pragma once

#include <string>
#include <string_view>

#include "common/secure/primitives.hpp"

namespace fedhash::tests {

inline secure::Bytes from_hex(std::string_view text) {
    secure::Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(
            static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

inline secure::Key key_of_hex(std::string_view text) {
    secure::Key key{};
    const secure::Bytes bytes = from_hex(text);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = bytes.at(i);
    return key;
}

}  // namespace fedhash::tests
