// What an upload of gradients leaves out, and how a device makes up for it later: error feedback
// (Stich, Cordonnier, Jaggi, Sparsified SGD with memory, NeurIPS 2018; Karimireddy et al., ICML
// 2019). The device adds to its gradients what it did not say before, says the rows with the
// largest sums of squares (or those of this round), in steps of 2^s, and keeps the rest. Rows that
// come to nothing in these steps are not said. It remembers no more rows than it lists in a round
// (at least 64), the largest: a device that draws unobserved items would otherwise come to remember
// the whole catalogue. Integers, in 2^-vector_fraction.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

/// Whether uploads of this variant leave anything out.
bool leaves_out(const Variant& variant);

/// Says of `said.gradients` what the variant's top_rows and gradient_bits let through, and keeps
/// the rest in `learnt`; the spans of `said` then point into `work`. Entries that are said are at
/// most 32767 in size and multiples of 2^s, where s is the least with which the largest of them
/// fits gradient_bits bits.
void leave_out(const Variant& variant, Said& said, Learnt& learnt, Workspace& work);

}  // namespace fedhash::client
