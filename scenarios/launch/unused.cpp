#include "scenarios/launch/unused.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "common/relaxed.hpp"
#include "scenarios/settings/table.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {

namespace {

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

bool discrete(const Variant& v) { return v.learner == "code"; }
bool real_users(const Variant& v) {  // or scaled codes: what is learnt by ridge regression
    return is_any(v.learner, {"vector", "scaled-code", "teacher"});
}
bool sharpens(const Variant& v) {
    return (discrete(v) || is_relaxed(v)) && !is_any(v.objective, {"square", "linear", "none"});
}
bool balances(const Variant& v) {
    return v.regulariser == "balance" || v.inertia > 0 || v.uplink == "votes" ||
           v.exchange == "interactive" || v.item_rule == "gradient";
}
bool weighs_own_bits(const Variant& v) { return v.item_rule == "binary" || discrete(v); }
bool has_teacher(const Variant& v) { return v.teacher.rounds > 0; }
bool has_codebook(const Variant& v) { return v.quantiser == "free" || v.teacher.coded; }
bool rounds_items(const Variant& v) { return is_relaxed(v) || v.item_rule == "box"; }
bool says_gradients(const Variant& v) { return v.uplink == "real-gradient"; }
bool forward(const Variant& v) { return v.learner == "forward"; }
bool boxes(const Variant& v) { return v.item_rule == "box"; }

struct Reader {
    std::string_view name;  // within [method]
    bool (*reads)(const Variant&);
};

constexpr std::array readers{
    Reader{"interaction", discrete},
    Reader{"weight", discrete},
    Reader{"target", discrete},
    Reader{"target_exponent", discrete},
    Reader{"group_bits", has_codebook},
    Reader{"refit_target", discrete},
    Reader{"mix", [](const Variant& v) { return v.objective == "mix"; }},
    Reader{"negatives", [](const Variant& v) { return v.feedback == "sampled"; }},
    Reader{"sharpness", sharpens},
    Reader{"passes", discrete},
    Reader{"balance", balances},
    Reader{"strength",
           [](const Variant& v) {
               return v.distil > 0 || is_any(v.regulariser, {"decorrelate", "anchor"});
           }},
    Reader{"inertia", discrete},
    Reader{"weigh_users", discrete},
    Reader{"sweeps", discrete},
    Reader{"search_steps", [](const Variant& v) { return v.learner == "scaled-code"; }},
    Reader{"relaxation", weighs_own_bits},
    Reader{"reluctance", weighs_own_bits},
    Reader{"box_interaction", real_users},
    Reader{"box_pull", boxes},
    Reader{"user_exponent", real_users},
    Reader{"item_exponent", boxes},
    Reader{"factor_bits", rounds_items},
    Reader{"residual_bits", [](const Variant& v) { return v.uplink == "residual"; }},
    Reader{"top_rows", says_gradients},
    Reader{"gradient_bits", says_gradients},
    Reader{"step", is_relaxed},
    Reader{"user_step", is_relaxed},
    Reader{"epochs", is_relaxed},
    Reader{"sharpen_to", forward},
    Reader{"decay", is_relaxed},
    Reader{"norm", is_relaxed},
    Reader{"surrogate", is_relaxed},
    Reader{"teacher.factors", has_teacher},
    Reader{"teacher.factor_bits", has_teacher},
    Reader{"teacher.coded", has_teacher},
    Reader{"teacher.interaction", has_teacher},
    Reader{"teacher.ridge", has_teacher},
};

bool chosen(const Resolved& value) {
    return value.origin != "default" && !value.origin.starts_with("preset ");
}

}  // namespace

std::vector<std::string> unused_settings(const Variant& variant) {
    std::vector<std::string> keys;
    for (const Reader& reader : readers)
        if (!reader.reads(variant)) keys.push_back("method." + std::string(reader.name));
    return keys;
}

std::vector<std::string> unused_notices(const Loaded& loaded, const Variant& variant) {
    const std::vector<std::string> unused = unused_settings(variant);
    const Scenario defaults;
    std::vector<std::string> notices;
    for (const Resolved& value : loaded.values) {
        if (!chosen(value) || std::ranges::find(unused, value.key) == unused.end()) continue;
        if (value.value == settings::value_text(*settings::find_setting(value.key), defaults))
            continue;
        notices.push_back(fmt::format("{}={} changes nothing: no piece of {} reads it", value.key,
                                      value.value, loaded.scenario.method.name));
    }
    return notices;
}

}  // namespace fedhash::scenarios
