// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "clientpanel.h"

#include "banner.h"
#include "certificateview.h"
#include "composer.h"
#include "findbar.h"
#include "messageview.h"
#include "statechip.h"
#include "transferbar.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qendian.h>
#include <QtCore/qfile.h>
#include <QtCore/qfileinfo.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qtoolbutton.h>

using namespace std::chrono_literals;
using State = GruvClient::State;

ClientPanel::ClientPanel(LocalCertificate *certificate, QWidget *parent)
    : QWidget(parent)
    , m_certificate(certificate)
    , m_form(new ConnectForm(this))
    , m_chip(new StateChip(this))
    , m_lock(new QToolButton(this))
    , m_reconnects(new QCheckBox(tr("&Auto-reconnect"), this))
    , m_banner(new Banner(this))
    , m_view(new MessageView(this))
    , m_transfer(new TransferBar(this))
    , m_composer(new Composer(this))
    , m_send(new QPushButton(tr("Sen&d"), this))
    , m_file(new QPushButton(tr("File..."), this))
    , m_many(new QPushButton(tr("&1000x"), this))
    , m_certificateView(new CertificateView(this))
{
    m_find = new FindBar(m_view, this);
    m_policy.initialDelay = 3s; // long enough to be seen
    createLayout();
    connectWidgets();
    m_busy.setSingleShot(true);
    connect(&m_busy, &QTimer::timeout, this, [this] {
        m_chip->setState(StateChip::State::Busy,
                         tr("Connecting to %1...").arg(m_form->endpoint().toString()));
    });
    connect(&m_second, &QTimer::timeout, this, [this] {
        if (m_client->state() == State::Online)
            showDuration();
        else
            countDown();
    });
    makeClient();
    showState(State::Offline);
}

// Nothing is told to a window that is going.
ClientPanel::~ClientPanel()
{
    m_client.reset();
}

void ClientPanel::makeClient()
{
    m_client = std::make_unique<GruvClient>();
    wire();
    if (m_certificate->state() == LocalCertificate::State::Made)
        Q_EMIT configurationWanted(m_certificate->client());
    Q_EMIT clientReplaced();
}

GruvClient *ClientPanel::client() const
{
    return m_client.get();
}

ConnectForm *ClientPanel::form() const
{
    return m_form;
}

FindBar *ClientPanel::findBar() const
{
    return m_find;
}

MessageView *ClientPanel::view() const
{
    return m_view;
}

MessageModel *ClientPanel::messages()
{
    return &m_messages;
}

Deliveries *ClientPanel::deliveries()
{
    return &m_deliveries;
}

Composer *ClientPanel::composer() const
{
    return m_composer;
}

bool ClientPanel::reconnects() const
{
    return m_reconnects->isChecked();
}

void ClientPanel::setReconnects(bool reconnects)
{
    m_reconnects->setChecked(reconnects);
}

GruvReconnectPolicy ClientPanel::reconnectPolicy() const
{
    return m_policy;
}

void ClientPanel::setReconnectPolicy(const GruvReconnectPolicy &policy)
{
    m_policy = policy;
    Q_EMIT policyWanted(policy);
}

void ClientPanel::trigger(ConnectForm::Action action)
{
    if (action == ConnectForm::Action::Connect) {
        connectNow();
        return;
    }
    m_wantsConnection = false;
    m_connectsWhenOffline = false;
    Q_EMIT disconnectWanted();
}

// Connects again if there is a connection already: with what the form says now.
void ClientPanel::connectNow()
{
    if (!m_form->problem().isEmpty())
        return;
    if (m_client->state() != State::Offline) {
        m_connectsWhenOffline = true;
        Q_EMIT disconnectWanted();
        return;
    }
    m_wantsConnection = true;
    Q_EMIT connectWanted(m_form->endpoint(), m_form->isEncrypted());
}

void ClientPanel::retryNow()
{
    if (m_client->state() == State::Waiting)
        follow(m_form->endpoint());
    else
        connectNow();
}

void ClientPanel::follow(const Endpoint &endpoint)
{
    m_form->setEndpoint(endpoint);
    Q_EMIT serverWanted(endpoint, m_form->isEncrypted());
    Q_EMIT retryWanted(); // if it waits
}

void ClientPanel::encryptionToggled(bool encrypted)
{
    if (encrypted)
        m_certificate->make(); // and then reconnectEncrypted()
    else if (m_client->state() != State::Offline)
        connectNow();
    Q_EMIT encryptedToggled(encrypted);
}

void ClientPanel::reconnectEncrypted()
{
    Q_EMIT configurationWanted(m_certificate->client());
    if (m_form->isEncrypted() && m_client->state() != State::Offline)
        connectNow();
}

quint64 ClientPanel::send(const QByteArray &message, const QString &label)
{
    const quint64 uid =
            m_messages.post(Message::Sender::Me, message, label, Message::Delivery::Queued);
    m_deliveries.send(uid, message);
    return uid;
}

void ClientPanel::sendText(const QString &text)
{
    send(text.toUtf8());
    m_view->scrollToEnd();
}

void ClientPanel::sendFiles(const QStringList &paths)
{
    for (const QString &path : paths)
        sendFile(path);
}

void ClientPanel::sendFile(const QString &path)
{
    const QString name = QFileInfo(path).fileName();
    const qint64 limit = m_client->options().maximumMessageSize;
    QFile file(path);
    if (QFileInfo::exists(path) && !QFileInfo(path).isFile()) { // a pipe would block the window
        notify(Notice::Other, tr("%1 is not a file").arg(name));
    } else if (!file.open(QIODevice::ReadOnly)) {
        notify(Notice::Other, tr("%1 cannot be read").arg(name), file.errorString());
    } else if (file.size() > limit) {
        notify(Notice::Other, tr("%1 is too large for one message").arg(name),
               tr("It has %1; a message may have %2 (maximumMessageSize).")
                       .arg(Message::sizeText(file.size()), Message::sizeText(limit)));
    } else {
        const QByteArray content = file.read(limit);
        m_fileUid = m_messages.post(Message::Sender::Me, content, name, Message::Delivery::Queued);
        m_transfer->begin(name, content.size());
        m_deliveries.send(m_fileUid, content);
        m_view->scrollToEnd();
    }
}

void ClientPanel::showProgress(quint64 uid, qint64 bytes, qint64 total)
{
    if (uid == m_fileUid)
        m_transfer->setProgress(bytes, total);
}

// A frame that is half written cannot be taken back, so its connection goes with it.
void ClientPanel::cancelFile()
{
    const bool wasOffline = m_client->state() == State::Offline;
    m_client.reset();
    m_deliveries.abandon();
    m_transfer->end();
    m_fileUid = 0;
    m_wantsConnection = false;
    m_connectsWhenOffline = false;
    makeClient();
    showState(State::Offline);
    if (wasOffline) {
        notify(Notice::Other, tr("File cancelled"));
        return;
    }
    notify(Notice::Other, tr("File cancelled"),
           tr("A message that is half sent ends only with its connection, which is opened anew."));
    connectNow();
}

void ClientPanel::retryUnsent()
{
    const QList<quint64> uids = m_deliveries.unsent();
    for (const quint64 uid : uids)
        m_deliveries.retry(uid);
}

void ClientPanel::beginMany()
{
    m_many->setEnabled(false);
    m_many->setToolTip(tr("Waiting for the answers to the last ones"));
    m_view->scrollToEnd();
}

void ClientPanel::endMany(int answered, int count)
{
    m_many->setEnabled(true);
    m_many->setToolTip(tr("Send a thousand messages"));
    if (answered < count)
        notify(Notice::Other, tr("%1 of %2 messages answered").arg(answered).arg(count));
}

void ClientPanel::receive(const QByteArray &message)
{
    const quint64 answers = m_deliveries.receive(message);
    const Message *const own = answers ? m_messages.find(answers) : nullptr;
    m_messages.post(Message::Sender::Peer, message, own ? own->label : QString());
}

void ClientPanel::showDelivery(quint64 uid, Message::Delivery delivery,
                               std::chrono::microseconds roundTrip)
{
    m_messages.setDelivery(uid, delivery, roundTrip);
    if (uid == m_fileUid && delivery != Message::Delivery::Queued) {
        m_transfer->end();
        m_fileUid = 0;
    }
    if (delivery != Message::Delivery::Echoed)
        return;
    m_lastRoundTrip = roundTrip;
    Q_EMIT answered(uid, roundTrip);
}

// The bytes on the wire; of a large message its beginning.
void ClientPanel::select(quint64 uid)
{
    const Message *const message = m_messages.find(uid);
    if (!message) {
        Q_EMIT frameSelected({}, 0);
        return;
    }
    QByteArray frame = Gruv::encodeFrame(message->payload);
    qToBigEndian(quint32(message->size), frame.data());
    Q_EMIT frameSelected(frame, message->size);
}

void ClientPanel::showCertificate()
{
    if (m_client->socket()->isEncrypted())
        m_certificateView->showSession(m_client->socket()->sslConfiguration());
    m_certificateView->show();
    m_certificateView->raise();
}
