// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_eventdispatcher.h"

#include "stage.h"

#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

// Every test, once for each of the two.
void tst_EventDispatcher::initTestCase_data()
{
    QTest::addColumn<Kind>("kind");
    QTest::newRow("unix") << Kind::Unix;
    QTest::newRow("epoll") << Kind::Epoll;
}

void tst_EventDispatcher::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

QTEST_GUILESS_MAIN(tst_EventDispatcher)
