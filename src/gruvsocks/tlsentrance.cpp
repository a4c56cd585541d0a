// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativesocket_p.h>
#include <gruvsocks/tlsentrance_p.h>

#include <QtCore/qsocketnotifier.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslsocket.h>

#include <utility>

namespace {

// One more ends the oldest: an honest client needs few round trips, and who is silent has had them.
constexpr size_t MostHandshakes = 2048;
constexpr char HandshakeRecord = 0x16;                   // RFC 8446, section 5.1
constexpr char Alert[] = "\x15\x03\x03\x00\x02\x02\x0a"; // fatal, unexpected message: section 6
constexpr qsizetype MostDropped = 64 * 1024;

// So that even a peer that speaks no TLS can see what is wrong. What it sent is read, for unread it
// turns the end into a reset, which overtakes the alert.
void sendAlert(qintptr descriptor)
{
    SendQueue queue;
    queue.appendFrame(QByteArray(Alert, sizeof Alert - 1));
    NativeSocket::send(descriptor, queue, queue.size());
    QByteArray dropped(MostDropped, Qt::Uninitialized);
    NativeSocket::receive(descriptor, dropped.data(), dropped.size());
}

} // namespace

/*
    Two ways were weighed. QSslServer's: a QSslSocket for each connection that comes, which costs
   its buffers and a context of the TLS library before the peer has sent a byte, and does not tell a
    peer that speaks something else. This one waits with a notifier until the peer has spoken, and
    looks at its first byte.
*/
class TlsEntrance::Handshake : public QObject
{
public:
    Handshake(TlsEntrance *entrance, qintptr descriptor, const Tls::Configuration &tls,
              std::chrono::milliseconds timeout, const Done &done);
    ~Handshake() override;

    void begin(Handshakes::iterator place);
    void fail(const QString &why);

private:
    void peerSpoke();
    void encrypt();
    void succeed();
    void failLater(const QString &why);
    void finish(QSslSocket *socket, const QString &failure);

    TlsEntrance *const m_entrance;
    Handshakes::iterator m_place;
    qintptr m_descriptor; // -1: m_socket's
    const Tls::Configuration m_tls;
    const std::chrono::milliseconds m_timeout;
    Done m_done;
    std::unique_ptr<QSocketNotifier> m_notifier; // until the peer has spoken
    QSslSocket *m_socket = nullptr;
    QList<QSslError> m_errors;
    bool m_isOver = false; // finish() is on its way
};

TlsEntrance::Handshake::Handshake(TlsEntrance *entrance, qintptr descriptor,
                                  const Tls::Configuration &tls, std::chrono::milliseconds timeout,
                                  const Done &done)
    : m_entrance(entrance)
    , m_descriptor(descriptor)
    , m_tls(tls)
    , m_timeout(timeout)
    , m_done(done)
{
    QTimer::singleShot(timeout, this, [this] {
        fail(QStringLiteral("no TLS handshake within %1 ms").arg(m_timeout.count()));
    });
}

TlsEntrance::Handshake::~Handshake()
{
    m_notifier.reset();
    if (m_descriptor >= 0)
        NativeSocket::close(m_descriptor);
    if (m_socket)
        m_socket->disconnect(); // its end is nobody's business
    delete m_socket;
}

void TlsEntrance::Handshake::begin(Handshakes::iterator place)
{
    m_place = place;
    if (!NativeSocket::isSupported()) {
        encrypt();
        return;
    }
    NativeSocket::setNonBlocking(m_descriptor);
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Handshake::peerSpoke,
            Qt::QueuedConnection);
}

void TlsEntrance::Handshake::peerSpoke()
{
    if (!m_notifier)
        return; // told twice
    char first;
    const auto peeked = NativeSocket::peek(m_descriptor, &first, 1);
    if (peeked.outcome == NativeSocket::Transfer::Outcome::WouldBlock)
        return;
    m_notifier.reset();
    if (peeked.outcome != NativeSocket::Transfer::Outcome::Moved) {
        fail(QStringLiteral("the peer left before the TLS handshake"));
    } else if (first != HandshakeRecord) {
        fail(QStringLiteral("the peer does not speak TLS"));
    } else {
        encrypt();
    }
}

void TlsEntrance::Handshake::encrypt()
{
    m_socket = new QSslSocket;
    connect(m_socket, &QSslSocket::encrypted, this, [this] {
        m_isOver = true; // what it meets now is its next owner's
        QMetaObject::invokeMethod(
                this, [this] { succeed(); }, Qt::QueuedConnection);
    });
    connect(m_socket, &QSslSocket::handshakeInterruptedOnError, this,
            [this](const QSslError &error) { m_errors.append(error); });
    connect(m_socket, &QAbstractSocket::errorOccurred, this, [this](auto error) {
        failLater(Tls::handshakeFailure(error, m_socket->errorString(), m_errors));
    });
    m_socket->setSslConfiguration(*m_tls);
    if (!m_socket->setSocketDescriptor(std::exchange(m_descriptor, -1))) {
        failLater(m_socket->errorString());
        return;
    }
    m_socket->startServerEncryption();
}

void TlsEntrance::Handshake::succeed()
{
    if (m_socket->state() == QAbstractSocket::ConnectedState || m_socket->bytesAvailable() > 0)
        finish(std::exchange(m_socket, nullptr), {});
    else
        finish(nullptr, QStringLiteral("the peer left in the TLS handshake"));
}

// Not while the socket emits.
void TlsEntrance::Handshake::failLater(const QString &why)
{
    if (!std::exchange(m_isOver, true))
        QMetaObject::invokeMethod(
                this, [this, why] { finish(nullptr, why); }, Qt::QueuedConnection);
}

void TlsEntrance::Handshake::fail(const QString &why)
{
    if (std::exchange(m_isOver, true))
        return;
    if (m_descriptor >= 0)
        sendAlert(m_descriptor);
    finish(nullptr, why);
}

void TlsEntrance::Handshake::finish(QSslSocket *socket, const QString &failure)
{
    if (socket)
        socket->disconnect();
    const Done done = std::move(m_done);
    m_entrance->m_handshakes.erase(m_place); // and with it this
    done(socket, failure);
}

TlsEntrance *TlsEntrance::find(const QObject *home)
{
    for (QObject *child : home->children()) {
        if (auto *entrance = dynamic_cast<TlsEntrance *>(child))
            return entrance;
    }
    return nullptr;
}

TlsEntrance *TlsEntrance::of(QObject *home)
{
    TlsEntrance *const known = find(home);
    return known ? known : new TlsEntrance(home);
}

void TlsEntrance::endAll(QObject *home)
{
    delete find(home);
}

TlsEntrance::TlsEntrance(QObject *home)
    : QObject(home)
{}

TlsEntrance::~TlsEntrance() = default;

void TlsEntrance::admit(qintptr descriptor, const Tls::Configuration &tls,
                        std::chrono::milliseconds timeout, const Done &done)
{
    const auto place = m_handshakes.insert(
            m_handshakes.end(), std::make_unique<Handshake>(this, descriptor, tls, timeout, done));
    (*place)->begin(place);
    if (m_handshakes.size() > MostHandshakes)
        m_handshakes.front()->fail(QStringLiteral("the peer is slow, and others want to come in"));
}
