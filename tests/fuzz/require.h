// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef REQUIRE_H
#define REQUIRE_H

#include <cstdio>
#include <cstdlib>

// A broken property is a crash: that is what a fuzzer looks for.
inline void require(bool holds, const char *property)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", property);
    std::abort();
}

#endif // REQUIRE_H
