// `none`: learns nothing, for floors (presets random, popularity) and for measuring the protocol.
#include "client/objectives/objectives.hpp"

namespace fedhash::client {

const Objective no_objective{"none",
                             nullptr,
                             true,
                             false,
                             false,
                             true,
                             "learns nothing: for floors, and for measuring the protocol"};

}  // namespace fedhash::client
