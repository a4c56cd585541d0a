// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "opened.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include <mutex>
#include <utility>

namespace {

std::mutex mutex; // names are looked up in other threads
std::vector<int> types;

} // namespace

std::vector<int> takeOpenedTypes()
{
    const std::lock_guard lock(mutex);
    return std::exchange(types, {});
}

extern "C" __attribute__((visibility("default"))) int socket(int domain, int type, int protocol)
{
    static const auto next = reinterpret_cast<decltype(&::socket)>(dlsym(RTLD_NEXT, "socket"));
    {
        const std::lock_guard lock(mutex);
        types.push_back(type);
    }
    return next(domain, type, protocol);
}
