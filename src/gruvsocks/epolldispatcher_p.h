// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef EPOLLDISPATCHER_P_H
#define EPOLLDISPATCHER_P_H

class QAbstractEventDispatcher;
class QThread;

// An event dispatcher whose turn costs what is ready, not what is open.
namespace EpollDispatcher {

QAbstractEventDispatcher *create(); // null where the system has no epoll
bool start(QThread *thread);        // with one, or with Qt's own where there is none

} // namespace EpollDispatcher

#endif // EPOLLDISPATCHER_P_H
