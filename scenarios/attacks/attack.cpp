#include "scenarios/attacks/attack.hpp"

#include <array>

#include "common/exchange.hpp"
#include "common/uplink.hpp"

namespace fedhash::scenarios::attacks {

namespace {

std::string rows_missing(const Variant& variant) {
    if (variant.privacy.pieces > 1)
        return "uploads come in pieces, and by themselves these are few rows or ballots";
    const bool rows = variant.uplink != "nothing" && variant.uplink != "filler";
    return rows ? "" : "the uplink '" + variant.uplink + "' has no rows of items";
}

std::string no_closed_form(const Variant& variant) {
    return has_closed_form(variant) ? ""
                                    : "rows of the uplink '" + variant.uplink +
                                          "' are not a residual times the user's code";
}

std::string not_anew(const Variant& variant) {
    if (variant.privacy.code != "fresh") return "no code is said anew in each round";
    return no_closed_form(variant);
}

std::string no_ratings(const Variant& variant) {
    if (variant.feedback != "explicit" && variant.feedback != "liked")
        return "the method does not learn from ratings";
    return no_closed_form(variant);
}

std::string no_code(const Variant& variant) {
    if (find_uplink(variant.uplink).says != std::string_view("code"))
        return "devices of this method have no code when they upload";
    return rows_missing(variant);
}

std::string no_labels(const Variant& variant) {
    if (variant.feedback != "sampled")
        return "devices list no drawn items to tell observed ones from";
    return no_code(variant);
}

std::string no_shadow(const Variant& variant) {
    if (variant.learner != "code" || variant.similarity == "weighted")
        return "a device by itself does not learn a code from item codes alone";
    return no_labels(variant);
}

std::string no_decoys(const Variant& variant) {
    if (variant.privacy.decoys == "none" && variant.privacy.items == "exact")
        return "no decoys or coins hide rows among others";
    return rows_missing(variant);
}

std::string not_taken_off(const Variant& variant) {
    return find_exchange(variant.exchange).denoised ? "" : "no decoys are taken off the sums";
}

std::string has_names(const Variant& variant) {
    if (!find_exchange(variant.exchange).shuffled) return "uploads have names";
    return variant.privacy.pieces > 1 ? "" : rows_missing(variant);
}

std::string no_ballots(const Variant& variant) {
    if (variant.uplink != "ballots") return "uploads are no ballots: A4";
    return find_exchange(variant.exchange).shuffled ? "ballots come without names" : "";
}

std::string no_noisy_rows(const Variant& variant) {
    if (variant.privacy.items == "exact") return "rows are not said by coin: A9";
    return find_exchange(variant.exchange).shuffled ? "rows come without names" : "";
}

std::string no_noisy_sums(const Variant& variant) {
    return variant.privacy.noise_q8 > 0 ? "" : "no noise in sums hides who took part: A10";
}

std::string in_pieces(const Variant& variant) {
    return variant.privacy.pieces > 1 ? rows_missing(variant) : "";
}

constexpr std::array table{
    Attack{"A1", "row set", About::items, row_set, rows_missing},
    Attack{"A1p", "row set, popular ones", About::items, popular_rows, no_decoys},
    Attack{"A1d", "row set, decoys taken off", About::items, without_decoys, not_taken_off},
    Attack{"A2", "intersection", About::items, intersection, rows_missing},
    Attack{"A3", "length", About::size, length, in_pieces},
    Attack{"A4", "code, closed form", About::code, closed_form, no_closed_form},
    Attack{"A4r", "code, all rounds", About::code, code_of_rounds, not_anew},
    Attack{"A4b", "code, ballots on known items", About::some_bits, ballots_said, no_ballots},
    Attack{"A5", "code, spectral", About::code_up_to_sign, spectral, no_code},
    Attack{"A6", "labels, spectral", About::labels, spectral_labels, no_labels},
    Attack{"A6s", "labels, shadow", About::labels, shadow_labels, no_shadow},
    Attack{"A7", "ratings", About::ratings, closed_form, no_ratings},
    Attack{"A8", "attributes, by rows", About::trait, trait_of_rows, rows_missing},
    Attack{"A8c", "attributes, by code", About::trait, trait_of_code, no_closed_form},
    Attack{"A9", "membership", About::membership, membership, rows_missing},
    Attack{"A9r", "membership, by rows", About::pairs, row_of_two, no_noisy_rows},
    Attack{"A9n", "taking part, others known", About::presence, taking_part, no_noisy_sums},
    Attack{"A10", "small sums", About::small_sums, small_sums, no_closed_form},
    Attack{"A12", "linking rounds", About::identity, linking, rows_missing},
    Attack{"A12k", "record by three items", About::items, known_items, has_names},
};

}  // namespace

std::span<const Attack> attacks() { return table; }

}  // namespace fedhash::scenarios::attacks
