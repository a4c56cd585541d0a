// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SERVERPANEL_H
#define SERVERPANEL_H

#include "connectionmodel.h"
#include "echoroom.h"
#include "localcertificate.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>
#include <QtWidgets/qwidget.h>

#include <cmath>
#include <memory>

class Banner;
class FaultLab;
class ListenForm;
class QLineEdit;
class QPushButton;
class QTableView;
class Sparkline;
class StateChip;

// An echo server: where it listens, who is connected, and what it does to their messages.
class ServerPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ServerPanel(LocalCertificate *certificate, QWidget *parent = nullptr);
    ~ServerPanel() override;

    GruvServer *server() const;
    ListenForm *form() const;
    bool isEncrypted() const;
    void setEncrypted(bool encrypted);
    LocalCertificate::Kind certificateKind() const;
    void setCertificateKind(LocalCertificate::Kind kind);

public Q_SLOTS:
    void listen();
    void stop();
    void kick(); // the chosen connection, or the only one
    void broadcast();
    void addRoundTrip(std::chrono::microseconds roundTrip);

Q_SIGNALS:
    void listeningAt(const QHostAddress &address, quint16 port);
    void encryptedToggled(bool encrypted);
    // What wire() ties to the server.
    void listenWanted(const QHostAddress &address, quint16 port);
    void stopWanted();
    void kickWanted(quint64 id);
    void broadcastWanted(const QByteArray &message);
    void configurationWanted(const QSslConfiguration &configuration);

private:
    void wire();
    void createLayout();
    QLayout *createTable();
    QLayout *createButtons();
    QLayout *createPlots();
    void connectForm();
    void showListening(bool listening);
    void showError(GruvServer::Error error, const QString &description);
    void showRejection(const QHostAddress &address, GruvServer::RejectReason reason);
    void showEnd(const GruvSocket *socket);
    void showBroadcast(int count);
    void showFailedCertificate(const QString &why);
    void applyEncryption();
    void tick();
    void updateButtons();

    LocalCertificate *const m_certificate;
    ConnectionModel m_connections;
    EchoRoom m_room;
    LocalCertificate::Kind m_kind = LocalCertificate::Kind::Right;
    QTimer m_tick;
    QElapsedTimer m_sinceTick;
    qint64 m_lastReceived = 0;
    std::chrono::microseconds m_roundTrips{ 0 }; // since the last tick
    int m_roundTripCount = 0;
    double m_lastRoundTrip = std::nan(""); // ms

    ListenForm *m_form;
    StateChip *m_chip;
    Banner *m_banner;
    QTableView *m_table;
    QPushButton *m_kick;
    QPushButton *m_broadcast;
    QLineEdit *m_broadcastText;
    FaultLab *m_faults;
    Sparkline *m_rate;
    Sparkline *m_roundTrip;
    std::unique_ptr<GruvServer> m_server; // ends first: its sockets touch the others
};

#endif // SERVERPANEL_H
