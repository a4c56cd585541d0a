// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "names.h"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <map>
#include <mutex>

namespace {

using Resolve = int (*)(const char *, const char *, const addrinfo *, addrinfo **);
std::mutex mutex; // Qt asks in threads of its own
std::map<std::string, std::vector<std::string>> names;

std::condition_variable released;
bool isHeld = false;

std::vector<std::string> addressesOf(const char *name)
{
    std::unique_lock lock(mutex);
    const auto found = name ? names.find(name) : names.end();
    if (found == names.end())
        return {};
    released.wait(lock, [] { return !isHeld; });
    return found->second;
}

} // namespace

void setName(const char *name, const std::vector<std::string> &addresses)
{
    const std::lock_guard lock(mutex);
    names[name] = addresses;
}

void holdLookups(bool on)
{
    const std::lock_guard lock(mutex);
    isHeld = on;
    released.notify_all();
}

extern "C" __attribute__((visibility("default"))) int
getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result)
{
    static const auto resolve = reinterpret_cast<Resolve>(dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::vector<std::string> addresses = addressesOf(node);
    if (addresses.empty())
        return resolve(node, service, hints, result);
    addrinfo numeric = hints ? *hints : addrinfo{};
    numeric.ai_flags = AI_NUMERICHOST;
    addrinfo **end = result;
    for (const std::string &address : addresses) {
        if (const int failure = resolve(address.c_str(), service, &numeric, end))
            return failure;
        while (*end) // glibc frees a list one by one
            end = &(*end)->ai_next;
    }
    return 0;
}
