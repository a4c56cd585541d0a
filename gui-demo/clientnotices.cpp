// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "clientpanel.h"

#include "banner.h"
#include "certificateview.h"
#include "statechip.h"

#include <QtCore/qmath.h>
#include <QtWidgets/qtoolbutton.h>

#include <algorithm>
#include <utility>

using namespace std::chrono_literals;
using State = GruvClient::State;

namespace {

QString durationText(qint64 seconds)
{
    if (seconds < 60)
        return ClientPanel::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return ClientPanel::tr("%1 m %2 s").arg(seconds / 60).arg(seconds % 60);
    return ClientPanel::tr("%1 h %2 m").arg(seconds / 3600).arg(seconds / 60 % 60);
}

bool isRefusal(GruvSocket::Error error)
{
    switch (error) {
    case GruvSocket::Error::NotConnected:
    case GruvSocket::Error::AlreadyConnected:
    case GruvSocket::Error::MessageTooLarge:
    case GruvSocket::Error::WriteBufferFull:
        return true;
    default:
        return false;
    }
}

} // namespace

void ClientPanel::showState(State state)
{
    const ConnectForm::Action actions[] = { ConnectForm::Action::Connect,
                                            ConnectForm::Action::Cancel,
                                            ConnectForm::Action::Disconnect,
                                            ConnectForm::Action::Cancel };
    m_form->setAction(actions[int(state)]);
    m_form->setEditable(state == State::Offline || state == State::Waiting);
    m_lock->setVisible(m_form->isEncrypted());
    m_busy.stop();
    m_second.stop();
    switch (state) {
    case State::Offline:
        showOffline();
        break;
    case State::Connecting:
        m_hadConnection = false;
        m_busy.start(300ms);
        break;
    case State::Online:
        m_hadConnection = true;
        m_lastRoundTrip = -1us;
        m_form->rememberHost();
        clearConnectionNotice();
        showEncryption();
        showDuration();
        m_second.start(250ms);
        break;
    case State::Waiting:
        m_chip->setState(StateChip::State::Bad, tr("Offline, trying again"));
        break;
    }
    Q_EMIT stateChanged(state);
}

void ClientPanel::showDuration()
{
    const QDateTime since = m_client->socket()->statistics().connectedSince;
    const qint64 seconds = since.isValid() ? since.secsTo(QDateTime::currentDateTimeUtc()) : 0;
    QString text = tr("Connected - %1").arg(durationText(seconds));
    if (m_lastRoundTrip.count() >= 0)
        text = tr("%1 - RTT %2 ms")
                       .arg(text)
                       .arg(double(m_lastRoundTrip.count()) / 1000, 0, 'f', 1);
    m_chip->setState(StateChip::State::Good, text);
}

// Without auto-reconnect the client is told to leave it: its policy has no "never".
void ClientPanel::scheduleRetry(std::chrono::milliseconds delay)
{
    if (!reconnects()) {
        Q_EMIT disconnectWanted();
        return;
    }
    m_retryAt = QDeadlineTimer(delay, Qt::PreciseTimer);
    m_second.start(200ms);
    countDown();
}

// What, what follows, and why in the words of the library.
QString ClientPanel::lossText(const QString &sequel) const
{
    const GruvClient::Server server = m_client->currentServer();
    const QString place = Endpoint{ server.host, server.port }.toString();
    QString why = m_client->socket()->errorString();
    if (!m_hadConnection && why.contains(place)) {
        why[0] = why.at(0).toUpper();
        return why + sequel;
    }
    const QString what = m_hadConnection ? tr("Connection to %1 lost").arg(place)
                                         : tr("No connection to %1").arg(place);
    return QStringLiteral("%1%2\n%3").arg(what, sequel, why);
}

void ClientPanel::notifyLoss(const QString &text, const QString &action)
{
    const bool isTls = m_client->socket()->error() == GruvSocket::Error::TlsHandshakeFailed;
    notify(Notice::Connection, text,
           isTls ? tr(
                   "\"Certificate...\" shows what the server has sent. The demo's certificates are "
                   "for its own pair, and its menu Server chooses among them; another demo's are "
                   "refused, as it has an authority of its own.")
                 : QString(),
           action);
}

void ClientPanel::countDown()
{
    const int seconds = qCeil(double(m_retryAt.remainingTime()) / 1000);
    notifyLoss(lossText(tr(" - retrying in %1 s").arg(std::max(seconds, 1))), tr("Retry now"));
}

void ClientPanel::showOffline()
{
    m_chip->setState(StateChip::State::Idle, tr("Offline"));
    if (m_wantsConnection && !m_connectsWhenOffline)
        notifyLoss(lossText({}), tr("Connect again"));
    else
        clearConnectionNotice();
    m_wantsConnection = false;
    if (m_connectsWhenOffline) // later, so that all are told of this state first
        QMetaObject::invokeMethod(this, &ClientPanel::connectAgain, Qt::QueuedConnection);
}

void ClientPanel::connectAgain()
{
    if (std::exchange(m_connectsWhenOffline, false) && m_client->state() == State::Offline)
        connectNow();
}

// Faults of the connection are told with what follows from them, by showState().
void ClientPanel::showError(GruvSocket::Error error, const QString &description)
{
    if (isRefusal(error))
        notify(Notice::Other, tr("Not sent"), description);
}

// What the window of the certificate tells is about this connection, not about one before.
void ClientPanel::showEncryption()
{
    const GruvSocket *const socket = m_client->socket();
    m_lock->setVisible(m_form->isEncrypted());
    if (socket->isEncrypted())
        m_certificateView->showSession(socket->sslConfiguration());
    else if (m_client->state() == State::Online || !m_form->isEncrypted())
        m_certificateView->showSession({});
}

void ClientPanel::showSslErrors(const QList<QSslError> &errors)
{
    m_certificateView->showRefusal(errors);
}

void ClientPanel::showFailedCertificate(const QString &why)
{
    if (!m_form->isEncrypted())
        return;
    m_form->setEncrypted(false);
    notify(Notice::Other, tr("No TLS: there is no certificate"), why);
}

void ClientPanel::notify(Notice notice, const QString &text, const QString &detail,
                         const QString &action)
{
    m_notice = notice;
    m_banner->showMessage(notice == Notice::Connection ? Banner::Severity::Error
                                                       : Banner::Severity::Warning,
                          text, detail, action);
}

void ClientPanel::clearConnectionNotice()
{
    if (m_notice == Notice::Connection)
        m_banner->dismiss();
}
