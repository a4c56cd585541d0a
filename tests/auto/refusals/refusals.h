// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef REFUSALS_H
#define REFUSALS_H

#include <QtCore/qglobal.h>

/*
    Has calls of this program refused: refusals.cpp defines them, and what the executable defines
    comes before libc's for all shared libraries too.
*/
namespace Refusals {

enum Call {
    Thread, // pthread_create(): EAGAIN
    Watch,  // epoll_ctl(EPOLL_CTL_ADD): ENOSPC
    Memory, // recv() and send(): ENOBUFS
    Calls
};

int granted(Call call); // how many were, since the program began

// Until it goes away; one of a call at a time.
class Refusal
{
public:
    explicit Refusal(Call call, int granted = 0); // so many are granted first
    ~Refusal();
    int count() const; // of those refused

private:
    Q_DISABLE_COPY_MOVE(Refusal)
    const Call m_call;
};

} // namespace Refusals

#endif // REFUSALS_H
