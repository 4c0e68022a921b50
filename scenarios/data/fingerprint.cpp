#include "scenarios/data/fingerprint.hpp"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cassert>
#include <memory>
#include <vector>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

class Sha256 {
  public:
    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
            throw RunError("OpenSSL offers no SHA-256");
    }
    void add(std::uint32_t word) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            buffer_.push_back(static_cast<unsigned char>(word >> shift));
        if (buffer_.size() >= flush_bytes) flush();
    }
    void add_count(std::size_t count) { add(static_cast<std::uint32_t>(count)); }
    void add(const std::vector<ItemId>& items) {
        add_count(items.size());
        for (ItemId item : items) add_count(index(item));
    }
    std::string hex() {
        flush();
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned length = 0;
        if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1)
            throw RunError("SHA-256 failed");
        std::string out;
        for (unsigned i = 0; i < length; ++i)
            for (unsigned nibble : {unsigned{digest[i]} >> 4U, digest[i] & 15U})
                out += "0123456789abcdef"[nibble];
        return out;
    }

  private:
    static constexpr std::size_t flush_bytes = std::size_t{64} << 10;

    void flush() {
        if (EVP_DigestUpdate(context_.get(), buffer_.data(), buffer_.size()) != 1)
            throw RunError("SHA-256 failed");
        buffer_.clear();
    }

    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
    std::vector<unsigned char> buffer_;
};

}  // namespace

std::string fingerprint(const Prepared& data) {
    Sha256 hash;
    hash.add(1);  // of this layout: raise it when the layout changes
    hash.add(data.ranking.items);
    hash.add(data.ranking.full ? 1 : 0);
    hash.add_count(data.users.size());
    for (const client::UserData& user : data.users) {
        hash.add_count(user.train.size());
        for (const client::Rating& rating : user.train) {
            hash.add_count(index(rating.item));
            hash.add(std::bit_cast<std::uint32_t>(rating.value));
        }
        for (const client::HeldOut* part : {&user.valid, &user.test}) {
            hash.add(part->items);
            hash.add(part->candidates);
        }
    }
    return hash.hex();
}

}  // namespace fedhash::scenarios
