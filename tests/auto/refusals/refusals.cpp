// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "refusals.h"

#include <array>
#include <atomic>
#include <cerrno>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace {

struct State
{
    std::atomic<bool> refuses{ false };
    std::atomic<int> left{ 0 }; // to be granted yet; below 0: how many were refused
    std::atomic<int> granted{ 0 };
};

std::array<State, Refusals::Calls> states;

bool isRefused(Refusals::Call call)
{
    State &state = states[call];
    const bool refused = state.refuses && --state.left < 0;
    if (!refused)
        ++state.granted;
    return refused;
}

} // namespace

int Refusals::granted(Call call)
{
    return states[call].granted;
}

Refusals::Refusal::Refusal(Call call, int granted)
    : m_call(call)
{
    states[call].left = granted;
    states[call].refuses = true;
}

Refusals::Refusal::~Refusal()
{
    states[m_call].refuses = false;
}

int Refusals::Refusal::count() const
{
    return qMax(0, -states[m_call].left.load());
}

// libc's own.
#define NEXT(function) \
    static const auto next = reinterpret_cast<decltype(&::function)>(::dlsym(RTLD_NEXT, #function))

extern "C" {

Q_DECL_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                 void *(*function)(void *), void *argument)
{
    NEXT(pthread_create);
    return isRefused(Refusals::Thread) ? EAGAIN : next(thread, attributes, function, argument);
}

Q_DECL_EXPORT int epoll_ctl(int set, int operation, int descriptor, epoll_event *event) noexcept
{
    NEXT(epoll_ctl);
    if (operation != EPOLL_CTL_ADD || !isRefused(Refusals::Watch))
        return next(set, operation, descriptor, event);
    errno = ENOSPC;
    return -1;
}

Q_DECL_EXPORT ssize_t recv(int descriptor, void *data, size_t size, int flags)
{
    NEXT(recv);
    if (!isRefused(Refusals::Memory))
        return next(descriptor, data, size, flags);
    errno = ENOBUFS;
    return -1;
}

Q_DECL_EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    NEXT(send);
    if (!isRefused(Refusals::Memory))
        return next(descriptor, data, size, flags);
    errno = ENOBUFS;
    return -1;
}
}
