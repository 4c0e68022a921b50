// The grid of a sweep: axes are settings with the values they take, a point is one value of each.
//
//     method.bits=32,64,128          three values
//     eval.k=[5,10],[10,20]          two: commas within brackets or quotes do not separate
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

struct Axis {
    std::string key;
    std::vector<std::string> values;
    std::string origin = "command line";  // opens error messages
};

/// The settings of a sweep with these overrides on top of its base. Throws UsageError.
using Resolve = std::function<Loaded(const std::vector<Override>& more)>;

/// Splits `key=a,b`. Throws UsageError for anything that is not of that form.
Axis parse_axis(const std::string& text);

/// The axes with their values as the table of settings writes them. Throws UsageError for an
/// unknown key, a value that is not allowed, an axis or a value given twice, and for a key that no
/// sweep may range over, with the reason.
std::vector<Axis> checked(const std::vector<Axis>& axes, const Resolve& resolve);

/// Points of the grid: the product of the axes' sizes, 1 without axes; the largest number when that
/// is not representable.
std::uint64_t grid_size(const std::vector<Axis>& axes);

/// The point with a number below grid_size, in the axes' order; the last axis moves fastest.
std::vector<Override> point(const std::vector<Axis>& axes, std::uint64_t number);

/// `count` different numbers below `size`, or all of them in order when there are not more. The
/// first of a longer draw with the same seed are those of a shorter one, so that a sweep can grow.
std::vector<std::uint64_t> draw(std::uint64_t size, std::uint64_t count, std::uint64_t seed);

}  // namespace fedhash::scenarios
