// A model of the networks between users' devices and the coordinator. Whatever comes of it is
// modelled, not measured: times follow from the bytes that really were sent, by
//
//   t = latency + jitter * draw + bits on the link / rate ,
//
// bits with TCP/IP and Ethernet headers (66 bytes for each segment of 1448) and, on a link that
// loses, as many more as have to be sent again. Nothing is said of queues, of slow start, or of
// users who share a cell. All arithmetic is of integers, so times are the same on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.hpp"

namespace fedhash {

struct LinkRow {
    std::int64_t down_bps = 0, up_bps = 0;       // bits a second, > 0
    std::int64_t latency_us = 0, jitter_us = 0;  // one way; the jitter is added, uniformly
    std::uint32_t loss_ppm = 0;                  // of segments, below a million
    std::uint32_t share = 1;                     // of the users, relative to other rows
};

struct DeviceClass {
    std::uint32_t slowness_q8 = 256;  // times the compute time, in 256ths
    std::uint32_t share = 1;
};

struct LinkModel {
    std::vector<LinkRow> rows;         // a user has one of them; none: there is no model
    std::uint32_t spread_q8 = 0;       // rates lie within so many octaves of the row's, in 256ths
    std::int64_t compute_us = 0;       // of an update, on a device of slowness 1
    std::vector<DeviceClass> devices;  // none: all of slowness 1
    bool real_time = false;            // rounds really last as long as they are modelled to
};

/// What a user has: its own rates and times.
struct Link {
    LinkRow row;
    std::int64_t compute_us = 0;
};

Link link_of(const LinkModel& model, std::uint64_t seed, UserId user);

enum class Way : std::uint8_t { down, up };

/// Nanoseconds that `bytes` take in `frames` writes; `draw` in [0, 2^32) is the jitter's share.
std::int64_t transfer_ns(const Link& link, Way way, std::size_t bytes, std::uint32_t draw);

/// Bytes on the link for so many of payload.
std::int64_t with_headers(std::int64_t bytes);

/// Named links: connectivity presets of WebPageTest (webpagetest.org), half its round trip one way.
struct NamedLinks {
    std::string_view name;
    std::vector<LinkRow> rows;
    std::string_view about;
};
std::span<const NamedLinks> named_links();

}  // namespace fedhash
