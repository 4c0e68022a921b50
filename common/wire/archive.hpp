// Cereal archives over plain byte buffers, for bytes that a stranger may have sent.
//
// Stock Cereal resizes a container to whatever count it reads: nine bytes cost the reader a
// gigabyte. ByteReader checks every count against the bytes that are left before anything is
// allocated, accepts one encoding of each value only (bool is 0 or 1, varints are minimal, doubles
// are finite), and `finish` insists that all bytes were used. Integers are little-endian and of
// fixed width, or LEB128 where wrapped in `varint`. No pointers and no polymorphic types.
#pragma once

#include <bit>
#include <cereal/cereal.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "common/wire/bytes.hpp"
#include "common/wire/coders.hpp"

namespace fedhash::wire {

static_assert(std::endian::native == std::endian::little,
              "the archives copy integers as they lie in memory");

class ByteWriter : public cereal::OutputArchive<ByteWriter, cereal::AllowEmptyClassElision> {
  public:
    explicit ByteWriter(Buffer& to, const Coders& coders = {})
        : cereal::OutputArchive<ByteWriter, cereal::AllowEmptyClassElision>(this),
          to_(&to),
          coders_(coders) {}
    const Coders& coders() const { return coders_; }
    void append(const void* bytes, std::size_t size) {
        const auto* from = static_cast<const std::uint8_t*>(bytes);
        to_->insert(to_->end(), from, from + size);
    }

  private:
    Buffer* to_;
    Coders coders_;
};

class ByteReader : public cereal::InputArchive<ByteReader, cereal::AllowEmptyClassElision> {
  public:
    explicit ByteReader(View from, const Coders& coders = {})
        : cereal::InputArchive<ByteReader, cereal::AllowEmptyClassElision>(this),
          rest_(from),
          coders_(coders) {}
    const Coders& coders() const { return coders_; }
    std::size_t left() const { return rest_.size(); }
    View peek() const { return rest_; }
    View take(std::size_t size) {
        if (size > rest_.size()) throw DecodeError("truncated body");
        const View taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    /// The next `count` numbers; nothing is allocated unless they are there.
    template <class T>
    std::vector<T> take_numbers(std::size_t count) {
        if (count > rest_.size() / sizeof(T)) throw DecodeError("truncated body");
        const View bytes = take(count * sizeof(T));
        std::vector<T> numbers(count);
        if (count > 0) std::memcpy(numbers.data(), bytes.data(), bytes.size());
        return numbers;
    }
    void finish() const {
        if (!rest_.empty()) throw DecodeError("trailing bytes");
    }

  private:
    View rest_;
    Coders coders_;
};

template <class T>
concept Arithmetic = std::is_arithmetic_v<T>;

template <Arithmetic T>
void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& ar, const T& value) {
    ar.append(&value, sizeof value);
}
template <Arithmetic T>
void CEREAL_LOAD_FUNCTION_NAME(ByteReader& ar, T& value) {
    const View bytes = ar.take(sizeof value);
    if constexpr (std::is_same_v<T, bool>) {
        if (bytes[0] > 1) throw DecodeError("a bool is neither 0 nor 1");
        value = bytes[0] == 1;
    } else {
        std::memcpy(&value, bytes.data(), sizeof value);
        if constexpr (std::is_floating_point_v<T>)
            if (!std::isfinite(value)) throw DecodeError("a number is not finite");
    }
}

/// An unsigned integer as LEB128: one byte below 128.
template <class T>
struct Varint {
    T& value;
};
template <class T>
Varint<T> varint(T& value) {
    return {value};
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& ar, const Varint<T>& wrapped) {
    auto rest = static_cast<std::uint64_t>(wrapped.value);
    std::uint8_t bytes[10];
    std::size_t size = 0;
    do {
        bytes[size++] = static_cast<std::uint8_t>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        rest >>= 7;
    } while (rest != 0);
    ar.append(bytes, size);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(ByteReader& ar, Varint<T>& wrapped) {
    using Value = std::remove_const_t<T>;
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const std::uint8_t byte = ar.take(1)[0];
        if (shift > 63 || (shift == 63 && byte > 1)) throw DecodeError("a varint is too long");
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (byte == 0 && shift > 0) throw DecodeError("a varint is not minimal");
            break;
        }
    }
    wrapped.value = static_cast<Value>(value);
    if (static_cast<std::uint64_t>(wrapped.value) != value)
        throw DecodeError("a varint is out of range");
}

/// Bytes that stay where they are: what is read points into the message.
inline void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& ar, const View& bytes) {
    const std::uint64_t size = bytes.size();
    ar(varint(size));
    ar.append(bytes.data(), bytes.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(ByteReader& ar, View& bytes) {
    std::uint64_t size = 0;
    ar(varint(size));
    if (size > ar.left()) throw DecodeError("a list is longer than its message");
    bytes = ar.take(size);
}

inline void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& ar, const std::string& text) {
    const std::uint64_t size = text.size();
    ar(varint(size));
    ar.append(text.data(), text.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(ByteReader& ar, std::string& text) {
    std::uint64_t size = 0;
    ar(varint(size));
    if (size > ar.left()) throw DecodeError("a string is longer than its message");
    const View bytes = ar.take(size);
    text.assign(bytes.begin(), bytes.end());
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(ByteWriter& ar, const std::vector<T>& values) {
    const std::uint64_t size = values.size();
    ar(varint(size));
    if constexpr (Arithmetic<T>)
        ar.append(values.data(), values.size() * sizeof(T));
    else
        for (const T& value : values) ar(value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(ByteReader& ar, std::vector<T>& values) {
    static_assert(Arithmetic<T> || sizeof(T) <= 64,
                  "the check below bounds memory by a small multiple of the message");
    std::uint64_t size = 0;
    ar(varint(size));
    if (size > ar.left() / (Arithmetic<T> ? sizeof(T) : 1))
        throw DecodeError("a list is longer than its message");
    if constexpr (Arithmetic<T> && !std::is_same_v<T, bool>) {
        values = ar.template take_numbers<T>(size);
        if constexpr (std::is_floating_point_v<T>)
            for (const T value : values)
                if (!std::isfinite(value)) throw DecodeError("a number is not finite");
    } else {
        values.clear();
        for (std::uint64_t i = 0; i < size; ++i) ar(values.emplace_back());
    }
}

/// Encodes one value as a body of its own.
template <class T>
Buffer encode(const T& value) {
    Buffer bytes;
    ByteWriter ar(bytes);
    ar(value);
    return bytes;
}
/// Decodes a body that must be exactly one value.
template <class T>
T decode(View bytes) {
    ByteReader ar(bytes);
    T value;
    ar(value);
    ar.finish();
    return value;
}

}  // namespace fedhash::wire

CEREAL_SETUP_ARCHIVE_TRAITS(fedhash::wire::ByteReader, fedhash::wire::ByteWriter)
