// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qdir.h>
#include <QtCore/qfile.h>

#include <sanitized.h>

#include "scene.h"
#include "strangers.h"
#include "tst_badinput.h"

#include <memory>
#include <vector>

#include <unistd.h>

enum Statm { Size, Resident }; // fields of proc(5), /proc/pid/statm

static qint64 processBytes(Statm field)
{
    QFile statm(QStringLiteral("/proc/self/statm"));
    if (!statm.open(QIODevice::ReadOnly))
        return -1;
    return statm.readAll().split(' ').value(field).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

static qsizetype openDescriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
            .entryList(QDir::NoDotAndDotDot | QDir::System)
            .size();
}

// Returns the number of those that were treated as they should.
static int meetStrangers(Scene *scene, int count)
{
    const QList<Stranger> all = strangers();
    int treated = 0;
    for (int i = 0; i < count; ++i) {
        if (!scene->connect(i % 2 == 0 ? Scene::Server : Scene::Client))
            return treated;
        QSignalSpy ended(scene->subject, &GruvSocket::disconnected);
        scene->send(RawPeer::frame("good") + all.at(i % all.size()).bytes
                    + QByteArray(20'000, 'x'));
        if (!scene->record->isOver() && !ended.wait())
            return treated;
        treated += scene->record->story == QLatin1String("message error disconnected");
    }
    return treated;
}

void tst_BadInput::memoryIsFlatAfterManyStrangers()
{
    if (IsSanitized || processBytes(Resident) < 0)
        QSKIP("the resident size tells nothing here");
    Scene scene;
    QVERIFY(scene.start());
    QCOMPARE(meetStrangers(&scene, 100), 100); // what is allocated once is allocated now
    QTRY_COMPARE(scene.server().clientCount(), 1);
    const qint64 before = processBytes(Resident);
    const qsizetype descriptors = openDescriptors();
    QCOMPARE(meetStrangers(&scene, 400), 400);
    QTRY_COMPARE(scene.server().clientCount(), 1);
    QVERIFY(scene.bystanderEchoes());
    const qint64 grown = processBytes(Resident) - before;
    QVERIFY2(grown < 1 << 20, qPrintable(QString::number(grown)));
    QVERIFY(openDescriptors() <= descriptors + 2);
}

static int clientsThatGot(const GruvServer &server, qint64 bytes)
{
    const QList<GruvSocket *> clients = server.clients();
    return int(std::count_if(clients.cbegin(), clients.cend(), [bytes](const GruvSocket *client) {
        return client->statistics().bytesReceived == bytes;
    }));
}

void tst_BadInput::announcedLengthAllocatesNothing()
{
    constexpr int Count = 50;
    if (IsSanitized || processBytes(Size) < 0)
        QSKIP("the size of the process tells nothing here");
    GruvSocketOptions options;
    options.maximumMessageSize = GruvSocketOptions::LargestMessageSize;
    Scene scene;
    scene.server().setSocketOptions(options);
    QVERIFY(scene.start());
    std::vector<std::unique_ptr<QTcpSocket>> peers;
    const qint64 size = processBytes(Size);
    const qint64 resident = processBytes(Resident);
    for (int i = 0; i < Count; ++i) {
        QVERIFY(scene.connect(Scene::Server));
        scene.send(RawPeer::header(quint32(options.maximumMessageSize)) + "0123456789");
        peers.push_back(std::move(scene.peer));
    }
    QTRY_COMPARE(clientsThatGot(scene.server(), 14), Count);
    QVERIFY(processBytes(Size) - size < 64 << 20); // not even reserved
    QVERIFY(processBytes(Resident) - resident < Count * (128 << 10));
    QVERIFY(scene.bystanderEchoes());
    QCOMPARE(scene.server().clientCount(), 1 + Count);
}
