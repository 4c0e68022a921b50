#include "common/wire/number_list.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "common/wire/bit_stream.hpp"

namespace fedhash::wire {

namespace {

constexpr unsigned max_width = 48;
// Longer unary parts are replaced by this many ones and the number itself.
constexpr std::uint64_t escape = 24;

std::int64_t checked(std::uint64_t folded, std::int64_t most) {
    const std::int64_t value = unzigzag(folded);
    if (value > most || value < -most) throw DecodeError("a number is out of range");
    return value;
}

void put_wide(BitWriter& bits, std::uint64_t value, unsigned width) {
    const unsigned low = std::min(width, 24u);
    bits.put(value & ((std::uint64_t{1} << low) - 1), low);
    if (width > low) bits.put(value >> low, width - low);
}

std::uint64_t take_wide(BitReader& bits, unsigned width) {
    const unsigned low = std::min(width, 24u);
    std::uint64_t value = bits.take(low);
    if (width > low) value |= bits.take(width - low) << low;
    return value;
}

void write_varints(ByteWriter& to, std::span<const std::int64_t> numbers) {
    for (const std::int64_t number : numbers) {
        const std::uint64_t folded = zigzag(number);
        to(varint(folded));
    }
}

void read_varints(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers) {
    for (std::int64_t& number : numbers) {
        std::uint64_t folded = 0;
        from(varint(folded));
        number = checked(folded, most);
    }
}

unsigned widest(std::span<const std::int64_t> numbers) {
    std::uint64_t all = 0;
    for (const std::int64_t number : numbers) all |= zigzag(number);
    return static_cast<unsigned>(std::bit_width(all));
}

void write_packed(ByteWriter& to, std::span<const std::int64_t> numbers) {
    if (numbers.empty()) return;
    const unsigned width = widest(numbers);
    to(static_cast<std::uint8_t>(width));
    BitWriter bits(to);
    for (const std::int64_t number : numbers) put_wide(bits, zigzag(number), width);
    bits.finish();
}

unsigned read_width(ByteReader& from) {
    std::uint8_t width = 0;
    from(width);
    if (width > max_width) throw DecodeError("numbers of an impossible width");
    return width;
}

void read_packed(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers) {
    if (numbers.empty()) return;
    const unsigned width = read_width(from);
    BitReader bits(from.peek());
    for (std::int64_t& number : numbers) number = checked(take_wide(bits, width), most);
    from.take(bits.finish());
}

std::uint64_t rice_bits(std::span<const std::int64_t> numbers, unsigned parameter) {
    std::uint64_t bits = 0;
    for (const std::int64_t number : numbers) {
        const std::uint64_t high = zigzag(number) >> parameter;
        bits += high < escape ? high + 1 + parameter : escape + max_width;
    }
    return bits;
}

void write_rice(ByteWriter& to, std::span<const std::int64_t> numbers) {
    if (numbers.empty()) return;
    unsigned parameter = 0;
    for (unsigned p = 1; p < max_width; ++p)
        if (rice_bits(numbers, p) < rice_bits(numbers, parameter)) parameter = p;
    to(static_cast<std::uint8_t>(parameter));
    BitWriter bits(to);
    for (const std::int64_t number : numbers) {
        const std::uint64_t folded = zigzag(number), high = folded >> parameter;
        for (std::uint64_t ones = 0; ones < std::min(high, escape); ++ones) bits.put(1, 1);
        if (high >= escape) {
            put_wide(bits, folded, max_width);
        } else {
            bits.put(0, 1);
            put_wide(bits, folded & ((std::uint64_t{1} << parameter) - 1), parameter);
        }
    }
    bits.finish();
}

void read_rice(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers) {
    if (numbers.empty()) return;
    const unsigned parameter = read_width(from);
    BitReader bits(from.peek());
    for (std::int64_t& number : numbers) {
        std::uint64_t high = 0;
        while (high < escape && bits.next()) ++high;
        number = checked(high < escape ? high << parameter | take_wide(bits, parameter)
                                       : take_wide(bits, max_width),
                         most);
    }
    from.take(bits.finish());
}

constexpr std::array table{
    NumberCoder{"varint", write_varints, read_varints, "7 bits a byte, as many as it takes"},
    NumberCoder{"rice", write_rice, read_rice, "a Rice code with the best parameter"},
    NumberCoder{"packed", write_packed, read_packed, "all as wide as the widest"},
};

}  // namespace

std::span<const NumberCoder> number_coders() { return table; }

void write_numbers(ByteWriter& to, std::span<const std::int64_t> numbers) {
    (to.coders().numbers == nullptr ? table[0] : *to.coders().numbers).write(to, numbers);
}

void read_numbers(ByteReader& from, std::int64_t most, std::span<std::int64_t> numbers) {
    (from.coders().numbers == nullptr ? table[0] : *from.coders().numbers)
        .read(from, most, numbers);
}

}  // namespace fedhash::wire
