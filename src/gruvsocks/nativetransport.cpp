// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/nativetransport_p.h>

#include <QtCore/qcoreevent.h>
#include <QtCore/qsocketnotifier.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <utility>

/*
    Calls the listener itself: the two activated() signals of QSocketNotifier and a connection to
    one of them cost a connection about 400 bytes.
*/
class NativeTransport::Notifier : public QSocketNotifier
{
public:
    Notifier(qintptr descriptor, Type type, Listener *listener, QObject *parent)
        : QSocketNotifier(descriptor, type, parent)
        , m_listener(listener)
    {}

    void want(bool on)
    {
        m_isWanted = on;
        setEnabled(on && !m_isResting);
    }

    // The system lacks memory: it tells that it is ready all the same, and asked at once again and
    // again that costs a whole core.
    void rest()
    {
        if (std::exchange(m_isResting, true))
            return;
        setEnabled(false);
        QTimer::singleShot(Rest, this, [this] {
            m_isResting = false;
            want(m_isWanted);
        });
    }

    // Deletes it; later where a call of it is on the stack. Not by deleteLater() at once, for a
    // nested event loop would delete at once what is only to be deleted later.
    void retire()
    {
        want(false);
        m_listener = nullptr;
        if (m_calls == 0)
            delete this;
        else
            setParent(nullptr);
    }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::SockAct && event->type() != QEvent::SockClose)
            return QSocketNotifier::event(event);
        ++m_calls;
        if (m_listener && type() == Read) {
            m_listener->transportReadable();
        } else if (m_listener) {
            want(false);
            m_listener->transportWritable();
        }
        if (--m_calls == 0 && !m_listener)
            deleteLater();
        return true;
    }

private:
    static constexpr std::chrono::milliseconds Rest{ 1 };

    Listener *m_listener; // null: retired
    int m_calls = 0;      // on the stack
    bool m_isWanted = true;
    bool m_isResting = false;
};

/*
    Ways of moving bytes that were weighed:
    - read() and write() of an Unbuffered QTcpSocket: portable, but a reset reads like an orderly
      end, a failed write closes the descriptor with messages still unread in it, header and payload
      need a copy to leave in one write, and setSocketDescriptor() cannot make a QTcpSocket
      Unbuffered, so a server's connections are copied twice (Qt 6.4 sources, qabstractsocket.cpp).
    - recv() and sendmsg() on the descriptor of a QAbstractSocket that notifies. It takes its
      notifier away after each notification and puts it back after each read; for an epoll set these
      are two system calls more in every round trip. And a QAbstractSocket costs an idle connection
      3 KiB.
    - recv() and sendmsg() with notifiers of our own, and QTcpSocket for what it does well: lookup,
      connecting, proxies. This it is.
*/
NativeTransport::NativeTransport(qintptr descriptor, Listener *listener, QObject *parent)
    : m_descriptor(descriptor)
    , m_listener(listener)
    , m_parent(parent)
    , m_readable(new Notifier(descriptor, QSocketNotifier::Read, listener, parent))
{
    NativeSocket::setNonBlocking(descriptor); // one that QTcpServer accepted is not
}

NativeTransport::~NativeTransport()
{
    close();
}

void NativeTransport::applyOptions(const GruvSocketOptions &options)
{
    NativeSocket::setLowDelay(m_descriptor, options.lowDelay);
    NativeSocket::setDeadPeerTimeout(m_descriptor, options.deadPeerTimeout);
}

void NativeTransport::setReading(bool on)
{
    m_readable->want(on);
}

NativeTransport::Transfer NativeTransport::receive(char *data, qsizetype size)
{
    Transfer transfer = NativeSocket::receive(m_descriptor, data, size);
    if (transfer.isShortage())
        m_readable->rest();
    return transfer;
}

qsizetype NativeTransport::waitingBytes() const
{
    return NativeSocket::waitingBytes(m_descriptor);
}

NativeTransport::Transfer NativeTransport::send(const SendQueue &queue, qsizetype most)
{
    Transfer transfer = NativeSocket::send(m_descriptor, queue, most);
    if (transfer.outcome == Transfer::Outcome::WouldBlock) {
        if (!m_writable)
            m_writable = new Notifier(m_descriptor, QSocketNotifier::Write, m_listener, m_parent);
        m_writable->want(true);
    }
    if (transfer.isShortage())
        m_writable->rest();
    return transfer;
}

qint64 NativeTransport::undeliveredBytes() const
{
    return NativeSocket::unacknowledgedBytes(m_descriptor);
}

// Before that, close() with unread input sends RST (RFC 2525, 2.17), which may overtake data.
bool NativeTransport::finishWriting()
{
    NativeSocket::shutDownWriting(m_descriptor);
    return undeliveredBytes() == 0;
}

/*
    Whether a close now has to be a reset, even one by the system because the process died: with a
    frame half sent, FIN makes gruv_socks wait for the other half for ever, at full load.
*/
void NativeTransport::setResetOnClose(bool on)
{
    if (std::exchange(m_resetOnClose, on) != on)
        NativeSocket::setResetOnClose(m_descriptor, on);
}

void NativeTransport::close()
{
    if (m_descriptor < 0)
        return;
    m_readable->retire();
    if (m_writable)
        m_writable->retire();
    NativeSocket::close(std::exchange(m_descriptor, -1));
}
