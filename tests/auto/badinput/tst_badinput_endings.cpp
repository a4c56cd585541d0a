// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "scene.h"
#include "tst_badinput.h"

using Error = GruvSocket::Error;
using ReadStatus = GruvSocket::ReadStatus;

void tst_BadInput::endAtEveryByte_data()
{
    QTest::addColumn<bool>("atServer");
    QTest::addColumn<bool>("byReset");
    QTest::addColumn<bool>("bytesFirst"); // the bytes have been read when the end comes
    QTest::newRow("fin-with-bytes-to-client") << false << false << false;
    QTest::newRow("fin-with-bytes-to-server") << true << false << false;
    QTest::newRow("fin-after-bytes-to-client") << false << false << true;
    QTest::newRow("fin-after-bytes-to-server") << true << false << true;
    QTest::newRow("reset-to-client") << false << true << true;
    QTest::newRow("reset-to-server") << true << true << true;
}

struct Expected
{
    QList<QByteArray> messages;
    Error error = Error::NoError;
    QByteArrayList words;
};

static const QList<QByteArray> threeMessages{ "one", "", "three" };
static const QByteArray threeFrames("\0\0\0\3one\0\0\0\0\0\0\0\5three", 20);

static Expected expectedAt(qsizetype offset, bool byReset)
{
    Expected expected;
    qsizetype left = offset;
    for (const QByteArray &message : threeMessages) {
        if (left < 4 + message.size())
            break;
        expected.messages.append(message);
        left -= 4 + message.size();
    }
    if (byReset) {
        expected.error = Error::ConnectionReset;
        expected.words = { "reset" };
    } else if (left > 0) {
        const qsizetype size = threeMessages.at(expected.messages.size()).size();
        expected.error = Error::TruncatedMessage;
        expected.words = { "inside a message" };
        expected.words += left < 4 ? QByteArray::number(left) + " of the 4 bytes"
                                   : QByteArray::number(left - 4) + " of "
                                             + QByteArray::number(size) + " bytes";
    }
    return expected;
}

static void end(QTcpSocket *peer, bool byReset)
{
    if (byReset)
        RawPeer::reset(peer);
    else
        peer->disconnectFromHost();
}

void tst_BadInput::endAtEveryByte()
{
    QFETCH(bool, atServer);
    QFETCH(bool, byReset);
    QFETCH(bool, bytesFirst);
    Scene scene;
    QVERIFY(scene.start());
    for (qsizetype offset = 0; offset <= threeFrames.size(); ++offset) {
        QVERIFY(scene.connect(atServer ? Scene::Server : Scene::Client));
        const Record &record = *scene.record;
        scene.send(threeFrames.left(offset));
        if (bytesFirst)
            QTRY_COMPARE(scene.received(), offset);
        end(scene.peer.get(), byReset);
        QTRY_VERIFY(record.isOver());
        QVERIFY(scene.bystanderEchoes());
        const Expected expected = expectedAt(offset, byReset);
        QString story = QStringLiteral("message ").repeated(expected.messages.size());
        if (expected.error != Error::NoError)
            story += QLatin1String("error ");
        QCOMPARE(record.story, story + QLatin1String("disconnected"));
        QCOMPARE(record.messages, expected.messages);
        QCOMPARE(record.error, expected.error);
        QVERIFY2(saysAll(record.sentence, expected.words), qPrintable(record.sentence));
        QCOMPARE(record.lateSignals, 0);
        QTRY_COMPARE(scene.server().clientCount(), 1);
    }
}

void tst_BadInput::endAtEveryByteByRead_data()
{
    QTest::addColumn<bool>("byReset");
    QTest::addColumn<bool>("bytesFirst");
    QTest::addColumn<bool>("endFirst"); // it has been told when read() is called
    QTest::newRow("fin-with-bytes") << false << false << false;
    QTest::newRow("fin-after-bytes") << false << true << false;
    QTest::newRow("reset-met-by-read") << true << true << false;
    QTest::newRow("reset-before-read") << true << true << true;
}

void tst_BadInput::endAtEveryByteByRead()
{
    QFETCH(bool, byReset);
    QFETCH(bool, bytesFirst);
    QFETCH(bool, endFirst);
    for (qsizetype offset = 0; offset <= threeFrames.size(); ++offset) {
        Scene scene;
        QVERIFY(scene.connectClient(false));
        GruvSocket &socket = *scene.subject;
        scene.send(threeFrames.left(offset));
        if (bytesFirst)
            QTRY_COMPARE(scene.received(), offset);
        end(scene.peer.get(), byReset);
        if (endFirst)
            QTRY_VERIFY(scene.record->isOver());
        const Expected expected = expectedAt(offset, byReset);
        ReadStatus status = ReadStatus::Ok;
        QCOMPARE(readAll(&socket, &status), expected.messages);
        QCOMPARE(status, ReadStatus::Error);
        QCOMPARE(socket.error(), expected.error);
        QVERIFY2(saysAll(socket.errorString(), expected.words), qPrintable(socket.errorString()));
        QCOMPARE(scene.record->story,
                 QLatin1String(expected.error == Error::NoError ? "disconnected"
                                                                : "error disconnected"));
        QCOMPARE(readAll(&socket, &status), QList<QByteArray>());
        QCOMPARE(status, ReadStatus::Error);
    }
}

// The end is not told before the messages that came before it.
void tst_BadInput::finBeforeAReceiver()
{
    for (qsizetype offset = 0; offset <= threeFrames.size(); ++offset) {
        Scene scene;
        QVERIFY(scene.start());
        QVERIFY(scene.connectClient(false));
        scene.send(threeFrames.left(offset));
        QTRY_COMPARE(scene.received(), offset);
        end(scene.peer.get(), false);
        QVERIFY(scene.bystanderEchoes());
        const Expected expected = expectedAt(offset, false);
        QCOMPARE(scene.record->isOver(), expected.messages.isEmpty());
        QSignalSpy messages(scene.subject, &GruvSocket::messageReceived);
        QTRY_VERIFY(scene.record->isOver());
        QCOMPARE(messages.size(), expected.messages.size());
        for (int i = 0; i < messages.size(); ++i)
            QCOMPARE(messages.at(i).first().toByteArray(), expected.messages.at(i));
        QCOMPARE(scene.record->error, expected.error);
    }
}
