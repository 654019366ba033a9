// What nearly every test includes: see product.h.
#ifndef RELUX_PRECOMPILED_TESTS_H
#define RELUX_PRECOMPILED_TESTS_H

#include "precompiled/headers/product.h"

#include <doctest/doctest.h>

#endif
