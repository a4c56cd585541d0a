// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "serverpanel.h"

#include "banner.h"
#include "demooptions.h"
#include "faultlab.h"
#include "listenform.h"
#include "sparkline.h"
#include "statechip.h"

#include <QtWidgets/qboxlayout.h>
#include <QtWidgets/qheaderview.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qlineedit.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtableview.h>

#include <algorithm>

using namespace std::chrono_literals;

ServerPanel::ServerPanel(LocalCertificate *certificate, QWidget *parent)
    : QWidget(parent)
    , m_certificate(certificate)
    , m_form(new ListenForm(this))
    , m_chip(new StateChip(this))
    , m_banner(new Banner(this))
    , m_table(new QTableView(this))
    , m_kick(new QPushButton(tr("&Kick"), this))
    , m_broadcast(new QPushButton(tr("&Broadcast"), this))
    , m_broadcastText(new QLineEdit(this))
    , m_faults(new FaultLab(this))
    , m_rate(new Sparkline(tr("Messages"), tr("msg/s"), 100, this))
    , m_roundTrip(new Sparkline(tr("Round trip"), tr("ms"), 2, this))
    , m_server(std::make_unique<GruvServer>())
{
    setObjectName(QStringLiteral("serverPanel"));
    m_chip->setObjectName(QStringLiteral("serverChip"));
    m_banner->setObjectName(QStringLiteral("serverBanner"));
    createLayout();
    connectForm();
    wire();
    connect(m_certificate, &LocalCertificate::ready, this, &ServerPanel::applyEncryption);
    connect(m_certificate, &LocalCertificate::failed, this, &ServerPanel::showFailedCertificate);
    connect(&m_tick, &QTimer::timeout, this, &ServerPanel::tick);
    m_tick.start(250ms);
    m_sinceTick.start();
    showListening(false);
}

// Nothing is told to a window that is going.
ServerPanel::~ServerPanel()
{
    m_server.reset();
}

GruvServer *ServerPanel::server() const
{
    return m_server.get();
}

ListenForm *ServerPanel::form() const
{
    return m_form;
}

void ServerPanel::createLayout()
{
    auto *const title = new QHBoxLayout;
    title->addWidget(new QLabel(tr("<b>Echo server</b>"), this));
    title->addSpacing(12);
    title->addWidget(m_chip, 1);
    auto *const column = new QVBoxLayout(this);
    column->addLayout(title);
    column->addWidget(m_form);
    column->addWidget(m_banner);
    column->addLayout(createTable(), 1);
    column->addLayout(createButtons());
    column->addWidget(m_faults);
    column->addLayout(createPlots());
}

QLayout *ServerPanel::createTable()
{
    m_table->setObjectName(QStringLiteral("connections"));
    m_table->setAccessibleName(tr("Connections"));
    m_table->setModel(&m_connections);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->setMinimumHeight(44); // the header and a row
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    QHeaderView *const header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(28);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(ConnectionModel::PeerColumn, QHeaderView::Stretch);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ServerPanel::updateButtons);
    connect(&m_connections, &ConnectionModel::rowsInserted, this, &ServerPanel::updateButtons);
    connect(&m_connections, &ConnectionModel::rowsInserted, m_banner, &Banner::dismiss);
    connect(&m_connections, &ConnectionModel::rowsRemoved, this, &ServerPanel::updateButtons);
    auto *const cell = new QVBoxLayout;
    cell->addWidget(m_table);
    return cell;
}

QLayout *ServerPanel::createButtons()
{
    m_kick->setObjectName(QStringLiteral("kick"));
    m_kick->setToolTip(tr("End the chosen connection"));
    m_broadcast->setObjectName(QStringLiteral("broadcast"));
    m_broadcast->setToolTip(tr("Send this to every connection"));
    m_broadcastText->setObjectName(QStringLiteral("broadcastText"));
    m_broadcastText->setAccessibleName(tr("Message to all"));
    m_broadcastText->setPlaceholderText(tr("Message to all"));
    connect(m_kick, &QPushButton::clicked, this, &ServerPanel::kick);
    connect(m_broadcast, &QPushButton::clicked, this, &ServerPanel::broadcast);
    connect(m_broadcastText, &QLineEdit::returnPressed, this, &ServerPanel::broadcast);
    connect(m_broadcastText, &QLineEdit::textChanged, this, &ServerPanel::updateButtons);
    auto *const row = new QHBoxLayout;
    row->addWidget(m_kick);
    row->addWidget(m_broadcastText, 1);
    row->addWidget(m_broadcast);
    return row;
}

QLayout *ServerPanel::createPlots()
{
    m_rate->setObjectName(QStringLiteral("ratePlot"));
    m_roundTrip->setObjectName(QStringLiteral("roundTripPlot"));
    auto *const row = new QHBoxLayout;
    row->addWidget(m_rate);
    row->addWidget(m_roundTrip);
    return row;
}

void ServerPanel::connectForm()
{
    connect(m_form, &ListenForm::listenRequested, this, &ServerPanel::listen);
    connect(m_form, &ListenForm::stopRequested, this, &ServerPanel::stop);
    connect(m_form, &ListenForm::encryptedToggled, this, [this](bool encrypted) {
        if (encrypted)
            m_certificate->make();
        else
            applyEncryption();
        Q_EMIT encryptedToggled(encrypted);
    });
    connect(m_banner, &Banner::actionTriggered, this, [this] { // "Use a free port"
        m_form->setPort(0);
        listen();
    });
}

void ServerPanel::listen()
{
    m_banner->dismiss();
    Q_EMIT listenWanted(m_form->address(), m_form->port());
}

void ServerPanel::stop()
{
    Q_EMIT stopWanted();
}

void ServerPanel::kick()
{
    const QModelIndexList chosen = m_table->selectionModel()->selectedRows();
    if (m_kick->isEnabled())
        Q_EMIT kickWanted(m_connections.idAt(chosen.isEmpty() ? 0 : chosen.constFirst().row()));
}

void ServerPanel::broadcast()
{
    if (m_broadcast->isEnabled())
        Q_EMIT broadcastWanted(m_broadcastText->text().toUtf8());
}

void ServerPanel::showBroadcast(int count)
{
    if (count == m_connections.rowCount())
        m_broadcastText->clear();
    else
        m_banner->showMessage(Banner::Severity::Warning,
                              tr("Sent to %1 of %2: the others have too much waiting already")
                                      .arg(count)
                                      .arg(m_connections.rowCount()));
}

void ServerPanel::showListening(bool listening)
{
    m_form->setListening(listening);
    if (!listening) {
        m_chip->setState(StateChip::State::Idle, tr("Stopped"));
        return;
    }
    const quint16 port = m_server->serverPort();
    const QHostAddress address = m_server->serverAddress();
    m_chip->setState(StateChip::State::Good,
                     tr("Listening on %1").arg(Endpoint{ address.toString(), port }.toString()));
    Q_EMIT listeningAt(address, port);
}

void ServerPanel::showError(GruvServer::Error error, const QString &description)
{
    const bool isTaken = error == GruvServer::Error::AddressInUse;
    const QString place = Endpoint{ m_form->address().toString(), m_form->port() }.toString();
    if (!m_server->isListening())
        m_chip->setState(StateChip::State::Bad, tr("Not listening"));
    m_banner->showMessage(Banner::Severity::Error,
                          isTaken ? tr("%1: address in use").arg(place) : description, {},
                          isTaken ? tr("Use a free port") : QString());
}

void ServerPanel::showRejection(const QHostAddress &address, GruvServer::RejectReason reason)
{
    if (reason == GruvServer::RejectReason::TlsHandshakeFailed)
        m_banner->showMessage(
                Banner::Severity::Warning,
                tr("%1 did not come through the TLS handshake").arg(address.toString()),
                tr("It does not speak TLS, or it refused the certificate."));
}

// Who closes in order, at either end, is not worth a word.
void ServerPanel::showEnd(const GruvSocket *socket)
{
    const bool isFault =
            socket->error() >= GruvSocket::Error::ConnectionReset; // "ended by a fault"
    const Endpoint peer{ socket->peerAddress().toString(), socket->peerPort() };
    if (isFault)
        m_banner->showMessage(Banner::Severity::Warning,
                              tr("%1 has gone: %2").arg(peer.toString(), socket->errorString()));
}

void ServerPanel::showFailedCertificate(const QString &why)
{
    if (!isEncrypted())
        return;
    setEncrypted(false);
    m_banner->showMessage(Banner::Severity::Warning, tr("No TLS: there is no certificate"), why);
}

bool ServerPanel::isEncrypted() const
{
    return m_form->isEncrypted();
}

void ServerPanel::setEncrypted(bool encrypted)
{
    m_form->setEncrypted(encrypted);
}

LocalCertificate::Kind ServerPanel::certificateKind() const
{
    return m_kind;
}

void ServerPanel::setCertificateKind(LocalCertificate::Kind kind)
{
    m_kind = kind;
    applyEncryption();
}

void ServerPanel::applyEncryption()
{
    Q_EMIT configurationWanted(isEncrypted() ? m_certificate->server(m_kind) : QSslConfiguration());
}

void ServerPanel::addRoundTrip(std::chrono::microseconds roundTrip)
{
    m_roundTrips += roundTrip;
    ++m_roundTripCount;
}

// The plots move four times a second, whatever happens meanwhile.
void ServerPanel::tick()
{
    m_connections.refresh();
    const qint64 received = m_connections.messagesReceived();
    const double seconds = double(m_sinceTick.restart()) / 1000;
    m_rate->addSample(double(received - m_lastReceived) / std::max(seconds, 0.001));
    m_lastReceived = received;
    if (m_roundTripCount > 0)
        m_lastRoundTrip = double(m_roundTrips.count()) / 1000 / m_roundTripCount;
    m_roundTrip->addSample(m_lastRoundTrip);
    m_roundTrips = {};
    m_roundTripCount = 0;
}

void ServerPanel::updateButtons()
{
    const int rows = m_connections.rowCount();
    m_kick->setEnabled(rows == 1 || m_table->selectionModel()->hasSelection());
    m_broadcast->setEnabled(rows > 0 && !m_broadcastText->text().isEmpty());
}
