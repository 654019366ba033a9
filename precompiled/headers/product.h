// The part of the standard library that nearly every source includes, compiled once instead of for each file. Sources
// and headers include what they use all the same: `tools/lint --headers` compiles each header without this one.
#ifndef RELUX_PRECOMPILED_PRODUCT_H
#define RELUX_PRECOMPILED_PRODUCT_H

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#endif
