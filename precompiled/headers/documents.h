// As product.h, with the JSON library, for the layers of which nearly every source handles documents: it takes as long to
// read as the whole of product.h.
#ifndef RELUX_PRECOMPILED_DOCUMENTS_H
#define RELUX_PRECOMPILED_DOCUMENTS_H

#include "precompiled/headers/product.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#endif
