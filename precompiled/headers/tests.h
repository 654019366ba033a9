// The headers that nearly every test includes, for the reason that product.h gives.
#ifndef RELUX_PRECOMPILED_TESTS_H
#define RELUX_PRECOMPILED_TESTS_H

#include "precompiled/headers/product.h"

#include <doctest/doctest.h>

#endif
