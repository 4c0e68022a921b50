// `none`: learns nothing. With the uplink `filler` it measures what the protocol alone costs.
#include "client/objectives/objectives.hpp"

namespace fedhash::client {

const Objective no_objective{"none", nullptr, true, false,
                             false,  true,    "learns nothing: for measuring the protocol"};

}  // namespace fedhash::client
