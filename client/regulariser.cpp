#include "client/regulariser.hpp"

#include <array>
#include <string>

#include "common/errors.hpp"

namespace fedhash::client {

namespace {

void none(const Variant&, const Shared&, const Learnt&, std::vector<std::int32_t>&,
          std::vector<std::int64_t>&) {}

// lambda (sum_a x_a)^2: as many +1 as -1 within the code.
void balance(const Variant& variant, const Shared&, const Learnt&, std::vector<std::int32_t>& A,
             std::vector<std::int64_t>&) {
    for (std::int32_t& entry : A) entry += static_cast<std::int32_t>(variant.balance_units);
}

constexpr std::array table{
    Regulariser{"none", none, "scores alone"},
    Regulariser{"balance", balance, "as many +1 as -1 within a code, weight `balance`"},
};

}  // namespace

std::span<const Regulariser> regularisers() { return table; }

const Regulariser& find_regulariser(std::string_view name) {
    std::string known;
    for (const Regulariser& entry : table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.regulariser: unknown regulariser '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash::client
