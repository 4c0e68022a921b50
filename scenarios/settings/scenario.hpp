// The settings of one experiment. One table (table.cpp) gives each its key, default, range, unit
// and help; the TOML reader, `--set`, the environment, `fedhash config`, the resolved copy in the
// run folder and the help text all use it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/data/settings.hpp"

namespace fedhash::scenarios {

struct RunSettings {
    std::uint64_t seed = 1;  // of everything that learns: codes, cohorts
    std::uint32_t rounds = 10;
    std::uint32_t clients = 8;      // processes; 0 = one per user ("users" in the file)
    double participation = 1;       // share of the users sampled each round, without replacement
    std::string transport = "tcp";  // tcp, unix, in-process
    std::uint16_t port = 0;         // tcp: 0 = any free port
    std::uint32_t deadline_ms = 60000;  // a round closes when it has heard everyone, or after this
    std::uint32_t start_deadline_ms = 60000;  // all clients must be ready within this
    std::uint32_t patience =
        0;  // stop after so many evaluations without a better validation NDCG; 0 = never
    std::uint32_t threads = 0;  // in-process: that clients run on; 0 = one per processor ("auto")
    std::string kernels =
        "auto";  // auto, baseline, popcnt, avx2, avx512: instruction set of the integer kernels
};

/// A real-valued model that is learnt first.
struct TeacherSettings {
    std::uint32_t rounds = 0;       // the first so many of run.rounds; 0 = no teacher
    std::uint32_t factors = 64;     // q; 0 = as many as method.bits
    std::uint32_t factor_bits = 8;  // of an entry of an item's factors on the way down
    bool coded = false;             // factors go down as codes and a codebook
    double interaction = 0.3;       // a0: weight of unseen pairs
    double ridge = 0.003;           // lambda
};

/// The pieces of a method and their options. A preset (scenarios/methods/NAME.toml) fills them, the
/// file and the command line override it; the defaults here are those of the preset implicit-dcd,
/// whichever preset is the default. Meanings and formulas: docs/methods.md.
struct MethodSettings {
    std::string name = "dcd-plus";
    std::uint32_t bits = 64;
    // The pieces.
    std::string learner = "code";
    std::string similarity = "hamming";
    std::string feedback = "implicit";
    std::string objective = "square";
    std::string mix;  // of objective "mix": "square:1, bpr:0.5"
    std::string regulariser = "none";
    std::string solver = "dcd";
    std::string uplink = "residual";
    std::string exchange = "one-shot";
    std::string item_rule = "curvature";
    std::string quantiser = "none";
    TeacherSettings teacher;
    // Discrete learning.
    std::uint32_t interaction = 1;  // c0: weight of (b.d)^2 over all pairs
    std::uint32_t weight = 8;       // weight of an observed pair
    double target = 0.75;  // T: an observed pair should score T bits (n_u / mean)^-exponent
    double target_exponent = 0.3;
    std::uint32_t group_bits = 4;  // quantiser `free`: bits of a code that pick a vector together
    bool refit_target = true;      // fit each user's target to its code after every solve
    std::uint32_t negatives = 4;   // feedback `sampled`: drawn for each observed item
    double sharpness = 4;          // of logistic and listwise losses
    std::uint32_t passes = 2;      // of majorise-minimise within a round
    double balance = 0;            // lambda of the balance term
    double strength = 0;           // of the other regularisers
    std::uint32_t inertia = 0;     // LightFR's code: ratings that its own-bit term counts too many
    bool weigh_users = false;      // gradients of a user count n_u / mean
    std::uint32_t sweeps = 3;      // coordinate-descent sweeps a solve may take
    std::uint32_t search_steps = 60;  // of tabu search for a scaled code
    std::uint32_t user_bits = 1;      // of a scaled code's entries
    std::uint32_t kicks = 0;          // restarts of a local search
    double relaxation = 0.6;          // own-bit factor of the item step in round 1
    double reluctance = 1;  // the same three rounds before the end and later; 1 = plain descent
    double memory =
        0.5;  // populations' worth of uploads that the server's running sums hold; 0 = one round
    // Boxed codes.
    double box_interaction = 0.2;   // a0
    double box_pull = 1.1;          // gamma at the end
    double prior = 0;               // kappa: share of the teacher's score that an unseen pair keeps
    double user_exponent = 0.3;     // a user counts (n_u / mean)^-this
    double item_exponent = 0.2;     // an item counts n_i^this in the all-pairs term
    std::uint32_t factor_bits = 8;  // of an entry of a boxed code on the way down
    // Gradients.
    double step = 0.05;       // of the server's optimiser
    double user_step = 0.05;  // of the device's vector
    std::uint32_t epochs = 1;
    double sharpen_to = 10;
    double decay = 0.0001;
    double norm = 0;                 // that vectors are pulled to; 0 = decay to nothing
    std::string surrogate = "clip";  // slope of a sign
    bool item_scale = false;         // an item's scores count mean |q_i|
    std::uint32_t distil = 0;        // items that the teacher ranks first, learnt from
    // Scoring.
    double scoring_interaction = 0.3;   // a0 of the private real vector
    double scoring_prior = 0;           // kappa of the same
    std::uint32_t rerank = 0;           // candidates by code that a real vector ranks; 0 = none
    std::uint32_t scoring_bits = 0;     // of an integer user vector; 0 = not scored
    std::uint32_t bias_bits = 0;        // of an item's bias; 0 = none
    std::uint32_t bit_weight_bits = 0;  // of a bit's weight; 0 = all the same
    std::uint32_t component_bits = 1;   // so many consecutive bits share a weight
    // What an upload loses, on purpose.
    std::uint32_t residual_bits = 0;   // of a residual; 0 = exact
    std::uint32_t top_rows = 0;        // of gradients: the largest so many; 0 = all
    std::uint32_t gradient_bits = 16;  // of their entries
};

/// q.
inline std::uint32_t teacher_factors(const MethodSettings& method) {
    return method.teacher.factors == 0 ? method.bits : method.teacher.factors;
}

/// How messages are written; no code depends on it (common/wire/coders.hpp).
struct CodingSettings {
    std::string codes = "delta";
    std::string planes = "full";
    std::string sets = "smallest";
    std::string numbers = "varint";
    std::string padding = "none";
    std::uint32_t padding_bytes = 256;  // padding `bucket`: multiples of this
    std::string rows = "all";           // of the tables, that a device is sent
};

/// A model of users' links: what a run would have taken on them (common/links.hpp).
struct NetworkSettings {
    std::string links = "none";
    double spread = 0;       // octaves by which a user's rates may differ from its link's
    double compute_ms = 0;   // of an update
    std::string devices;     // "1:3, 4:1": slowness and share
    double deadline_ms = 0;  // modelled; 0 = none
    bool real_time = false;  // rounds last as long as they are modelled to
};

/// Who is there, and who goes away (server/attendance.hpp).
struct AvailabilitySettings {
    double share = 1;
    std::string trace;
    double period_s = 0;
    double dropout = 0;
    double over_selection = 1;
    double quorum = 0;
};

/// server/asynchrony.hpp
struct AsynchronySettings {
    std::uint32_t concurrency = 0;
    std::uint32_t buffer = 0;
    double exponent = 0.5;
    std::uint32_t max_staleness = 20;
};

/// What hides a user in its uploads, and which of their sums are used (docs/privacy.md).
struct PrivacySettings {
    std::string decoys = "none";
    double decoys_per_item = 1;
    std::uint32_t denoise_users = 10;
    std::uint32_t pieces = 1;
    std::string code = "exact";
    double code_epsilon = 1;  // of a bit
    std::string items = "exact";
    double items_epsilon = 1;            // of an item (unary), of a report (subset)
    std::uint32_t items_per_user = 100;  // subset
    std::uint32_t ballots = 0;
    double ballot_epsilon = 1;
    double noise = 0;         // multiplier
    double noise_clip = 100;  // of a row's entries, in code units
    std::uint32_t blocks = 0;
    double block_share = 0.5;
    std::uint32_t row_cap = 0;
    std::uint32_t contributors = 0;
    std::uint32_t prior = 0;
};

/// Users who lie (client/adversary.hpp), and a coordinator that does (server/adversary.hpp).
struct AdversarySettings {
    std::string server = "none";
    std::string clients = "none";
    double share = 0.01;        // of the users
    double target_percent = 5;  // of the items are less popular than the one that is promoted
};

/// common/secure/
struct SecureSettings {
    std::uint32_t degree = 40;
};

struct EvalSettings {
    std::vector<std::uint32_t> k = {5, 10, 20};
    std::uint32_t every = 1;  // measure on validation every so many rounds; 0 = only at the end
    bool asymmetric = true;   // also score with a private real user vector
    bool test = true;         // false: the test part is left alone, as while tuning
};

struct BaselineSettings {
    bool enabled = true;  // --no-baselines
    std::uint32_t ials_factors = 128;
    std::uint32_t ials_epochs = 12;
    std::string cache =
        "";  // folder for tuned baselines; empty = $XDG_CACHE_HOME/fedhash or ~/.cache/fedhash
};

struct OutputSettings {
    std::string dir = "runs";  // run folders are made in here
    bool user_codes = true;    // keep the users' codes and metrics in the run folder
    bool record = false;       // keep every frame in the run folder: all uploads
};

/// One line of [expect]: what must hold in the summary at the end, so that a scenario is also a
/// test.
struct Expectation {
    std::string name;     // a dotted path into summary.json, or a metric: "HR@10" of the first way
                          // of scoring, "vector.HR@10" = metrics.vector.HR@10.expected
    std::string op;       // >=, <=, >, <, ==
    double bound = 0;     // ... this number, unless
    std::string against;  // ... another path is named: "> baselines.popularity.NDCG@10"
    std::string origin;   // scenarios/x.toml:30:1
};

struct Scenario {
    std::string title;  // free text for reports
    RunSettings run;
    MethodSettings method;
    CodingSettings coding;
    NetworkSettings network;
    AvailabilitySettings availability;
    AsynchronySettings asynchrony;
    PrivacySettings privacy;
    AdversarySettings adversary;
    SecureSettings secure;
    DataSettings data;
    EvalSettings eval;
    BaselineSettings baselines;
    OutputSettings output;
    std::vector<Expectation> expect;
};

}  // namespace fedhash::scenarios
