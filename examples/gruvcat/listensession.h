// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LISTENSESSION_H
#define LISTENSESSION_H

#include "session.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

class ListenSession : public Session
{
    Q_OBJECT

public:
    explicit ListenSession(const Options &options);

    void start() override;

protected:
    void send(const QByteArray &message) override;
    void close() override;

private:
    void admit(GruvSocket *peer);
    void serveFile(GruvSocket *peer);
    void updateInput();
    void concludeWhenAlone();

    GruvServer m_server;
};

#endif // LISTENSESSION_H
