// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "posixpeer.h"
#include "sendlimit.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qmetaobject.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <wirepair.h>

#include <memory>
#include <mutex>

using namespace std::chrono_literals;
using Error = GruvSocket::Error;

// An exchange of three frames that ends, by FIN or by RST, after each of its bytes.
class tst_Cutoffs : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void peerCutsWhatItSends_data();
    void peerCutsWhatItSends();
    void peerCutsWhatItReceives_data();
    void peerCutsWhatItReceives();
    void thisEndCutsWhatItSends_data();
    void thisEndCutsWhatItSends();
};

namespace {

enum Place {
    BySignal,
    ByRead,
    InAThread // of a server
};
enum Cut { Fin, Rst };
enum Act { AbortIt, DestroyIt, CloseIt };

const QList<QByteArray> smallMessages{ "", "x", "twenty bytes of text" };
constexpr qsizetype Large = 600'000; // more than two reads

// What a connection has told, in its thread.
class Told
{
public:
    void watch(GruvSocket *socket, bool takesMessages)
    {
        if (takesMessages)
            QObject::connect(socket, &GruvSocket::messageReceived,
                             [this](const QByteArray &message) {
                                 add("message");
                                 const std::lock_guard lock(m_mutex);
                                 m_messages.append(message);
                             });
        QObject::connect(socket, &GruvSocket::errorOccurred, [this](Error error) {
            add(QMetaEnum::fromType<Error>().valueToKey(int(error)));
        });
        QObject::connect(socket, &GruvSocket::disconnected, [this] { add("disconnected"); });
    }
    QByteArray story() const
    {
        const std::lock_guard lock(m_mutex);
        return m_story.join(' ');
    }
    QList<QByteArray> messages() const
    {
        const std::lock_guard lock(m_mutex);
        return m_messages;
    }

private:
    void add(const char *what)
    {
        const std::lock_guard lock(m_mutex);
        m_story.append(what);
    }

    mutable std::mutex m_mutex;
    QByteArrayList m_story;
    QList<QByteArray> m_messages;
};

// Connections of a GruvSocket and a PosixPeer, one after the other.
class Wire
{
public:
    explicit Wire(Place place)
        : m_place(place)
    {
        m_server.setThreadCount(1);
        m_server.setConnectionHandler([this](GruvSocket *accepted) {
            told->watch(accepted, true);
            for (const QByteArray &message : toSend)
                accepted->sendMessage(message);
            isWatched = true;
        });
    }
    bool connect()
    {
        told = std::make_shared<Told>();
        isWatched = false;
        if (m_place != InAThread)
            return connectClient();
        if (!m_server.isListening() && !m_server.listen(QHostAddress::LocalHost))
            return false;
        peer = std::make_unique<PosixPeer>(PosixPeer::connect(m_server.serverPort()));
        return QTest::qWaitFor([this] { return isWatched.load(); });
    }
    bool isOver() const { return told->story().endsWith("disconnected"); }

    std::shared_ptr<Told> told;
    QList<QByteArray> toSend;
    std::atomic<bool> isWatched{ false };
    std::unique_ptr<GruvSocket> socket; // unless the server has it
    std::unique_ptr<PosixPeer> peer;

private:
    bool connectClient()
    {
        if (!m_listener.isListening() && !m_listener.listen(QHostAddress::LocalHost))
            return false;
        socket = std::make_unique<GruvSocket>();
        told->watch(socket.get(), m_place == BySignal);
        socket->connectToHost(QHostAddress::LocalHost, m_listener.serverPort());
        if (!socket->waitForConnected() || !QTest::qWaitFor([this] { return m_listener.has(); }))
            return false;
        peer = std::make_unique<PosixPeer>(m_listener.take());
        for (const QByteArray &message : toSend)
            socket->sendMessage(message);
        return true;
    }

    const Place m_place;
    PosixListener m_listener;
    GruvServer m_server; // its thread ends first
};

QList<QByteArray> messagesOf(bool isLarge)
{
    QList<QByteArray> messages = smallMessages;
    if (isLarge)
        messages[2] = patterned(Large);
    return messages;
}

// Each one; of a large message those around what the library and the system do at once.
QList<qsizetype> offsetsOf(const QList<QByteArray> &messages)
{
    const qsizetype total = wireOf(messages).size();
    QList<qsizetype> offsets;
    if (total < 100) {
        for (qsizetype offset = 0; offset <= total; ++offset)
            offsets.append(offset);
        return offsets;
    }
    for (const qsizetype middle : { 11, 65'160, 65'536, 262'144, 262'157, 524'288, 600'012 })
        for (qsizetype offset = middle - 2; offset <= middle + 2 && offset <= total; ++offset)
            offsets.append(offset);
    return offsets;
}

QList<QByteArray> wholeWithin(const QList<QByteArray> &messages, qsizetype offset)
{
    QList<QByteArray> whole;
    for (qsizetype left = offset; whole.size() < messages.size();) {
        left -= 4 + messages.at(whole.size()).size();
        if (left < 0)
            break;
        whole.append(messages.at(whole.size()));
    }
    return whole;
}

QByteArray storyOf(qsizetype messages, const char *error)
{
    return QByteArray("message ").repeated(messages) + error + "disconnected";
}

} // namespace

void tst_Cutoffs::peerCutsWhatItSends_data()
{
    QTest::addColumn<int>("place");
    QTest::addColumn<int>("cut");
    QTest::addColumn<bool>("isLarge");
    const char *places[] = { "by-signal", "by-read", "in-a-thread" };
    for (int place = BySignal; place <= InAThread; ++place) {
        for (const bool isLarge : { false, true }) {
            const char *size = isLarge ? "large" : "small";
            QTest::addRow("%s-%s-fin", places[place], size) << place << int(Fin) << isLarge;
            QTest::addRow("%s-%s-reset", places[place], size) << place << int(Rst) << isLarge;
        }
    }
}

static QList<QByteArray> readAll(GruvSocket *socket)
{
    QList<QByteArray> messages;
    while (const auto result = socket->read(8s))
        messages.append(result.data);
    return messages;
}

void tst_Cutoffs::peerCutsWhatItSends()
{
    QFETCH(int, place);
    QFETCH(int, cut);
    QFETCH(bool, isLarge);
    const QList<QByteArray> messages = messagesOf(isLarge);
    const QByteArray wire = wireOf(messages);
    Wire connection{ Place(place) };
    for (const qsizetype offset : offsetsOf(messages)) {
        QVERIFY(connection.connect());
        QVERIFY(connection.peer->send(wire.left(offset)));
        QVERIFY(connection.peer->allIsAcknowledged()); // a reset drops the rest
        if (cut == Fin)
            connection.peer->finish();
        else
            connection.peer->reset();
        const QList<QByteArray> whole = wholeWithin(messages, offset);
        const bool isCut = wireOf(whole).size() != offset;
        const char *error = cut == Rst ? "ConnectionReset " : isCut ? "TruncatedMessage " : "";
        const QList<QByteArray> read =
                place == ByRead ? readAll(connection.socket.get()) : QList<QByteArray>();
        QVERIFY(QTest::qWaitFor([&] { return connection.isOver(); }));
        QCOMPARE(connection.told->story(), storyOf(place == ByRead ? 0 : whole.size(), error));
        QVERIFY2((place == ByRead ? read : connection.told->messages()) == whole,
                 QByteArray::number(offset).constData());
    }
}

void tst_Cutoffs::peerCutsWhatItReceives_data()
{
    QTest::addColumn<int>("place");
    QTest::addColumn<int>("cut");
    QTest::addColumn<bool>("isLarge");
    for (const bool isLarge : { false, true }) {
        const char *size = isLarge ? "large" : "small";
        QTest::addRow("client-%s-fin", size) << int(BySignal) << int(Fin) << isLarge;
        QTest::addRow("client-%s-reset", size) << int(BySignal) << int(Rst) << isLarge;
        QTest::addRow("in-a-thread-%s-fin", size) << int(InAThread) << int(Fin) << isLarge;
        QTest::addRow("in-a-thread-%s-reset", size) << int(InAThread) << int(Rst) << isLarge;
    }
}

// A peer that only stops sending still gets all that was sent to it.
void tst_Cutoffs::peerCutsWhatItReceives()
{
    QFETCH(int, place);
    QFETCH(int, cut);
    QFETCH(bool, isLarge);
    const QList<QByteArray> messages = messagesOf(isLarge);
    const QByteArray wire = wireOf(messages);
    Wire connection{ Place(place) };
    connection.toSend = messages;
    for (const qsizetype offset : offsetsOf(messages)) {
        QVERIFY(connection.connect());
        QVERIFY(connection.peer->receive(offset) == wire.left(offset));
        if (cut == Fin) {
            connection.peer->finish();
            QVERIFY(connection.peer->receive(wire.size() + 1) == wire.mid(offset));
            QCOMPARE(connection.peer->end(), 0);
        } else {
            connection.peer->reset();
        }
        QVERIFY(QTest::qWaitFor([&] { return connection.isOver(); }));
        QCOMPARE(connection.told->story(), storyOf(0, cut == Rst ? "ConnectionReset " : ""));
    }
}

void tst_Cutoffs::thisEndCutsWhatItSends_data()
{
    QTest::addColumn<int>("act");
    QTest::newRow("abort") << int(AbortIt);
    QTest::newRow("destructor") << int(DestroyIt);
    QTest::newRow("close-timeout") << int(CloseIt);
}

// The system takes so many bytes of ours and no more: what was begun must not end with FIN.
void tst_Cutoffs::thisEndCutsWhatItSends()
{
    QFETCH(int, act);
    const QByteArray wire = wireOf(smallMessages);
    Wire connection(BySignal);
    for (qsizetype offset = 0; offset <= wire.size(); ++offset) {
        QVERIFY(connection.connect());
        GruvSocket *const socket = connection.socket.get();
        GruvSocketOptions options;
        if (offset < wire.size())
            options.closeTimeout = 20ms;
        socket->setOptions(options);
        SendLimit::set(int(socket->socketDescriptor()), long(offset));
        for (const QByteArray &message : smallMessages)
            QVERIFY(socket->sendMessage(message));
        QCOMPARE(socket->bytesToWrite(), wire.size() - offset);
        const bool isCut = offset < wire.size();
        if (act == AbortIt)
            socket->abort();
        else if (act == DestroyIt)
            connection.socket.reset();
        else
            socket->disconnectFromHost();
        QCOMPARE(connection.peer->receive(1000), wire.left(offset));
        SendLimit::lift();
        QCOMPARE(connection.peer->end(), isCut ? ECONNRESET : 0);
        QVERIFY(act == DestroyIt || QTest::qWaitFor([&] { return connection.isOver(); }));
        QCOMPARE(connection.told->story(),
                 act == DestroyIt ? QByteArray()
                                  : storyOf(0, act == CloseIt && isCut ? "CloseTimeout " : ""));
    }
}

QTEST_GUILESS_MAIN(tst_Cutoffs)
#include "tst_cutoffs.moc"
