#include <fmt/format.h>

#include "scenarios/report/comparison_tables.hpp"

namespace fedhash::scenarios::report {
namespace {

std::string field(std::optional<double> value) {
    return value ? fmt::format(",{:.10g}", *value) : std::string(",");
}

std::string metric_fields(const ComparedLine& line, std::size_t m) {
    const std::optional<Spread>& value = line.metrics[m];
    std::string text = value
                           ? fmt::format(",{:.10g},{}", value->mean,
                                         value->count > 1 ? fmt::format("{:.10g}", value->deviation)
                                                          : std::string())
                           : std::string(",,");
    text += field(line.at_worst[m]) + field(line.at_best[m]);
    text += field(line.of_ceiling[m]) + (line.below_popularity[m] ? ",1" : ",0");
    if (m >= line.tests.size() || !line.tests[m]) return text + ",,,,,";
    const auto& [test, corrected] = *line.tests[m];
    return text + fmt::format(",{:.10g},{:.10g},{:.10g},{:.10g},{:.10g}", test.difference, test.low,
                              test.high, test.p, corrected);
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
    std::string text = "label,scored with,runs,reference";
    for (const std::string& metric : comparison.metrics) {
        text += "," + csv_field(metric);
        for (const char* part :
             {"sd", "ties at worst", "ties at best", "of ceiling", "below popularity", "difference",
              "low", "high", "p", "p corrected"})
            text += "," + csv_field(metric + " " + part);
    }
    text +=
        ",bytes up per user,bytes down per user,rounds,seconds,tried,dead bits,balance,"
        "correlation,shared codes,tied,drawn,commands\n";
    for (const ComparedLine& line : comparison.lines) {
        text += fmt::format("{},{},{},{}", csv_field(line.label), csv_field(line.scoring),
                            line.runs, line.is_reference ? 1 : 0);
        for (std::size_t m = 0; m < comparison.metrics.size(); ++m) text += metric_fields(line, m);
        for (const auto& value : {line.bytes_up, line.bytes_down, line.rounds, line.seconds})
            text += field(value);
        text += line.tried > 0 ? fmt::format(",{}", line.tried) : std::string(",");
        const ComparedCodes codes = line.codes.value_or(ComparedCodes{});
        for (const auto& value : {codes.dead_bits, codes.balance, codes.correlation,
                                  codes.duplicates, codes.tied, codes.drawn})
            text += field(value);
        text += "," + csv_field(fmt::format("{}", fmt::join(line.commands, "\n"))) + "\n";
    }
    return text;
}

}  // namespace fedhash::scenarios::report
