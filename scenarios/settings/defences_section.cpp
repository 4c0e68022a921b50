#include "scenarios/settings/defences_section.hpp"

#include <fmt/format.h>

#include "common/errors.hpp"

namespace fedhash::scenarios::settings {

void add_to_defences(std::vector<DefenceSection>& defences, const Entry& entry,
                     const std::string& value_at) {
    if (entry.path.size() == 1 && entry.is_table) return;
    const auto* list = std::get_if<List>(&entry.value.held);
    const auto fail = [&](const std::string& what) {
        return UsageError(fmt::format("{}: defences.{}: expected a list of \"key=value\", found {}",
                                      value_at, entry.path.back(), what));
    };
    if (entry.path.size() != 2 || entry.is_table || list == nullptr)
        throw fail(entry.is_table ? "a section" : found(entry.value));
    if (entry.path[1].find(',') != std::string::npos)
        throw UsageError(
            fmt::format("{}: defences.\"{}\": --defences takes names between commas; "
                        "one without, please",
                        value_at, entry.path[1]));
    DefenceSection defence{entry.path[1], {}};
    for (const Value& value : *list) {
        const auto* text = std::get_if<std::string>(&value.held);
        if (text == nullptr) throw fail(found(value));
        const auto equals = text->find('=');
        if (equals == std::string::npos || equals == 0) throw fail(found(value));
        defence.settings.push_back({text->substr(0, equals), text->substr(equals + 1), value_at});
    }
    defences.push_back(std::move(defence));
}

}  // namespace fedhash::scenarios::settings
