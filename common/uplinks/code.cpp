// `code`: the user's code, its target and its item set. In clear these determine every residual
//   e_ui = t_u - b_u.d_i ,
// so nothing else is sent: about k/8 + 3 + 6 bits a rated item. The server adds, for every rated
// item,
//   G_i += e_ui b_u ,  n_i += 1 ,   and once   H += b_u b_u' .
#include <array>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class CodeUplink final : public Uplink {
  public:
    explicit CodeUplink(const Variant& variant) : bits_(variant.bits) {}

    void say(wire::ByteWriter& to, const Said& said, const Codes&) const override {
        to(static_cast<std::uint16_t>(said.target));
        to.append(said.code.data(), bytes_for(bits_));
        wire::write_item_set(to, said.items);
    }

    void hear(wire::ByteReader& from, const Codes& items, Aggregate& sum) const override {
        std::uint16_t target = 0;
        from(target);
        if (target == 0 || target > max_target(bits_))
            throw wire::DecodeError("target out of range");
        std::array<std::uint64_t, max_words> words{};
        std::memcpy(words.data(), from.take(bytes_for(bits_)).data(), bytes_for(bits_));
        const std::span<std::uint64_t> code(words.data(), words_for(bits_));
        if ((code.back() & ~word_mask(bits_, code.size() - 1)) != 0)
            throw wire::DecodeError("code has too many bits");
        std::vector<ItemId> rated;
        wire::read_item_set(from, static_cast<std::uint32_t>(items.rows), rated);
        from.finish();

        std::array<std::int64_t, max_bits> mask;
        for (std::uint32_t a = 0; a < bits_; ++a) mask[a] = bit(code, a) ? 0 : -1;
        const Kernels& kernel = kernels();
        for (ItemId item : rated) {
            const std::int64_t residual = target - unit * dot(code, items.row(index(item)), bits_);
            kernel.add_signed(&sum.rows[index(item) * bits_], mask.data(), residual, bits_);
            ++sum.counts[index(item)];
        }
        for (std::uint32_t a = 0; a < bits_; ++a)
            kernel.add_signed(&sum.gram[std::size_t{a} * bits_], mask.data(), sign(code, a), bits_);
        ++sum.users;
    }

  private:
    std::uint32_t bits_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<CodeUplink>(variant);
}
std::size_t max_bytes(std::uint32_t bits, std::uint32_t items) {
    return 2 + bytes_for(bits) + wire::max_item_set_bytes(items);
}

}  // namespace

const UplinkEntry code_uplink{
    "code", make, max_bytes,
    true,   true, "user code, target and item set: determines every residual"};

}  // namespace fedhash
