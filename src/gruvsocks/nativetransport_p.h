// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NATIVETRANSPORT_P_H
#define NATIVETRANSPORT_P_H

#include <gruvsocks/transport_p.h>

// A connection moved by the system's own calls on its descriptor.
class NativeTransport final : public Transport
{
public:
    NativeTransport(qintptr descriptor, Listener *listener, QObject *parent);
    ~NativeTransport() override;

    Endpoint localEndpoint() const override { return NativeSocket::localEndpoint(m_descriptor); }
    Endpoint peerEndpoint() const override { return NativeSocket::peerEndpoint(m_descriptor); }
    qintptr descriptor() const override { return m_descriptor; }
    void applyOptions(const GruvSocketOptions &options) override;

    void setReading(bool on) override;
    Transfer receive(char *data, qsizetype size) override;
    qsizetype waitingBytes() const override;
    Transfer send(const SendQueue &queue, qsizetype most) override;
    qint64 unsentBytes() const override { return 0; }

    qint64 undeliveredBytes() const override;
    bool finishWriting() override;
    void setResetOnClose(bool on) override;
    void close() override;

private:
    class Notifier;

    qintptr m_descriptor;
    Listener *const m_listener;
    QObject *const m_parent;
    Notifier *m_readable;
    Notifier *m_writable = nullptr; // made when it is needed first
    bool m_resetOnClose = false;
};

#endif // NATIVETRANSPORT_P_H
