// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MAINLOOP_H
#define MAINLOOP_H

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qglobal.h>
#include <QtTest/qtest.h>

// A base for tests that run a second time (EPOLL in their subject.cmake), in the event loop of the
// library: QTEST_GUILESS_MAIN calls initMain() before it creates the QCoreApplication.
struct MainLoop
{
    static void initMain()
    {
        if (qEnvironmentVariableIsSet("GRUVSOCKS_TEST_EPOLL") && !Gruv::installEventDispatcher())
            qFatal("the event loop of the library is not to be had");
    }
};

#endif // MAINLOOP_H
