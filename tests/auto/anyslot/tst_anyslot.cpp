// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stage.h"
#include "table.h"

#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <mainloop.h>

#include <array>

// Contract 3: any slot may do anything. Each signal of a socket and of a server x each thing to do
// in its slot x where the socket lives.
class tst_AnySlot : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void mayDoAnything_data();
    void mayDoAnything();
};

static const std::array signalSlugs{
    "host-lookup",
    "connecting",
    "state-connected",
    "connected",
    "message",
    "message-handler",
    "bytes-written",
    "unwritable",
    "writable",
    "refusal",
    "closing",
    "fault",
    "unconnected",
    "disconnected",
    "connection-handler",
    "client-connected",
    "server-message",
    "listening-true",
    "listening-false",
    "rejected",
    "server-error",
    "client-disconnected",
};

void tst_AnySlot::mayDoAnything_data()
{
    QTest::addColumn<int>("home");
    QTest::addColumn<int>("signal");
    QTest::addColumn<int>("deed");
    const std::array homes{ "client", "server", "pool" };
    for (int home = 0; home < int(homes.size()); ++home) {
        const bool isClient = Home(home) == Home::Client;
        const Signal first = isClient ? Signal::HostLookup : Signal::Message;
        const Signal last = isClient ? Signal::Disconnected : Signal::ClientDisconnected;
        for (int signal = int(first); signal <= int(last); ++signal) {
            for (int deed = 0; deed < int(deeds().size()); ++deed)
                QTest::addRow("%s-%s-%s", homes[size_t(home)], signalSlugs[size_t(signal)],
                              deeds()[size_t(deed)].slug)
                        << home << signal << deed;
        }
    }
}

void tst_AnySlot::mayDoAnything()
{
    QFETCH(int, home);
    QFETCH(int, signal);
    QFETCH(int, deed);
    const Deed &done = deeds()[size_t(deed)];
    if (const char *reason = impossible(Home(home), Signal(signal), done))
        QSKIP(reason);
    if (qstrcmp(done.slug, "move-to-thread") == 0 && Home(home) != Home::Client)
        QTest::ignoreMessage(QtWarningMsg,
                             "QObject::moveToThread: Cannot move objects with a parent");
    Stage stage(Home(home), Signal(signal), done);
    const auto step = [](auto action) {
        action();
        return !QTest::currentTestFailed();
    };
    if (!step([&] { stage.prepare(); }))
        return;
    QTimer::singleShot(0, &stage.second, [&] { stage.provoke(); }); // in an event loop, as in life
    QVERIFY2(await([&] { return stage.isDone.load(); }), "the signal came, and the deed is done");
    if (step([&] { done.verify(stage); }))
        stage.finish();
}

QTEST_GUILESS_MAIN(tst_AnySlot)
#include "tst_anyslot.moc"
