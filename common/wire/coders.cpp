#include "common/wire/coders.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "common/errors.hpp"
#include "common/wire/code_change.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"
#include "common/wire/padding.hpp"
#include "common/wire/plane.hpp"

namespace fedhash::wire {

namespace {

template <class Entry>
const Entry& find(std::span<const Entry> entries, const char* content, const std::string& name) {
    const auto found =
        std::ranges::find_if(entries, [&](const Entry& entry) { return name == entry.name; });
    if (found != entries.end()) return *found;
    std::string known;
    for (const Entry& entry : entries)
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    throw UsageError("coding." + std::string(content) + ": unknown coder '" + name +
                     "'; known: " + known);
}

std::vector<CoderRow> all_rows() {
    std::vector<CoderRow> rows;
    const auto add = [&rows](const char* content, const auto& entries) {
        for (const auto& entry : entries) rows.push_back({content, entry.name, entry.about});
    };
    add("codes", code_coders());
    add("planes", plane_coders());
    add("sets", set_coders());
    add("numbers", number_coders());
    add("padding", paddings());
    return rows;
}

}  // namespace

Coders coders_of(const Coding& coding) {
    return {&find(set_coders(), "sets", coding.sets),
            &find(number_coders(), "numbers", coding.numbers)};
}

std::span<const CoderRow> coder_rows() {
    static const std::vector<CoderRow> rows = all_rows();
    return rows;
}

void check_coding(const Coding& coding) {
    coders_of(coding);
    find(code_coders(), "codes", coding.codes);
    find(plane_coders(), "planes", coding.planes);
    find(paddings(), "padding", coding.padding);
    if (coding.rows != "all" && coding.rows != "own")
        throw UsageError("coding.rows: '" + coding.rows + "'; known: all, own");
    if (coding.padding_bytes == 0 || coding.padding_bytes > most_padding_bytes)
        throw UsageError("coding.padding_bytes: out of range");
}

}  // namespace fedhash::wire
