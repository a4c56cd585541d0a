// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CLIENTSESSION_H
#define CLIENTSESSION_H

#include "session.h"

#include <gruvsocks/gruvsocket.h>

class ClientSession : public Session
{
    Q_OBJECT

public:
    explicit ClientSession(const Options &options);

    void start() override;

protected:
    void send(const QByteArray &message) override;
    void close() override;

private:
    void begin();
    void conclude();

    GruvSocket m_socket;
    qint64 m_unwritten = 0; // bytes on the wire
};

#endif // CLIENTSESSION_H
