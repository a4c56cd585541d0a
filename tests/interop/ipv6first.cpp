// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// Preloaded: "localhost" is ::1 and then 127.0.0.1, as on many machines, whatever /etc/hosts says.

#include <dlfcn.h>
#include <netdb.h>

#include <cstring>

using Resolve = int (*)(const char *, const char *, const addrinfo *, addrinfo **);

extern "C" __attribute__((visibility("default"))) int
getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result)
{
    static const auto resolve = reinterpret_cast<Resolve>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (!node || std::strcmp(node, "localhost") != 0)
        return resolve(node, service, hints, result);
    addrinfo numeric = hints ? *hints : addrinfo{};
    numeric.ai_flags = AI_NUMERICHOST;
    const int failure = resolve("::1", service, &numeric, result);
    if (failure)
        return failure;
    addrinfo **end = result;
    while (*end)
        end = &(*end)->ai_next;
    return resolve("127.0.0.1", service, &numeric, end); // glibc frees a list one by one
}
