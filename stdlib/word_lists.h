// The words of mnemonic(). Changing or reordering them changes the names that suites have come to know.
#pragma once

#include <array>
#include <string_view>

namespace relux::exec {

inline constexpr std::array<std::string_view, 64> kAdjectives = {
    "amber",  "bold",   "brave",  "brisk",  "calm",   "clear", "clever", "cosmic", "crisp",   "dapper",
    "eager",  "early",  "fair",   "fancy",  "fleet",  "fond",  "fresh",  "gentle", "glad",    "golden",
    "grand",  "happy",  "hardy",  "honest", "humble", "jolly", "keen",   "kind",   "lively",  "lucid",
    "lucky",  "mellow", "merry",  "mighty", "modest", "neat",  "nimble", "noble",  "patient", "placid",
    "plucky", "polite", "proud",  "quick",  "quiet",  "rapid", "ready",  "rosy",   "royal",   "serene",
    "sharp",  "silent", "silver", "sleek",  "smooth", "snowy", "solid",  "steady", "sunny",   "swift",
    "tidy",   "vivid",  "warm",   "witty",
};

inline constexpr std::array<std::string_view, 64> kNouns = {
    "acorn",   "anchor", "badger",  "beacon", "birch",   "bison",  "breeze",  "brook",  "canyon", "cedar",
    "comet",   "condor", "copper",  "coral",  "crane",   "delta",  "dune",    "eagle",  "ember",  "falcon",
    "fern",    "fjord",  "forest",  "fox",    "garnet",  "geyser", "glacier", "harbor", "hawk",   "heron",
    "island",  "jaguar", "juniper", "lagoon", "lantern", "lark",   "lynx",    "maple",  "meadow", "meteor",
    "moose",   "moss",   "nebula",  "oak",    "orchid",  "otter",  "owl",     "panda",  "pebble", "pine",
    "prairie", "quartz", "raven",   "reef",   "river",   "robin",  "sparrow", "spruce", "summit", "thistle",
    "tiger",   "tundra", "valley",  "willow",
};

}  // namespace relux::exec
