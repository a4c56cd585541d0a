// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CLIENTPANEL_H
#define CLIENTPANEL_H

#include "connectform.h"
#include "deliveries.h"
#include "localcertificate.h"
#include "messagemodel.h"

#include <gruvsocks/gruvclient.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qtimer.h>
#include <QtWidgets/qwidget.h>

#include <memory>

class Banner;
class CertificateView;
class Composer;
class FindBar;
class MessageView;
class QCheckBox;
class QPushButton;
class QToolButton;
class StateChip;
class TransferBar;

// A client that chats: the connection, what was said, and what becomes of each message.
class ClientPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ClientPanel(LocalCertificate *certificate, QWidget *parent = nullptr);
    ~ClientPanel() override;

    GruvClient *client() const;
    ConnectForm *form() const;
    FindBar *findBar() const;
    MessageView *view() const;
    MessageModel *messages();
    Deliveries *deliveries();
    Composer *composer() const;
    bool reconnects() const;
    void setReconnects(bool reconnects);
    GruvReconnectPolicy reconnectPolicy() const;
    void setReconnectPolicy(const GruvReconnectPolicy &policy);
    quint64 send(const QByteArray &message, const QString &label = {}); // its uid

public Q_SLOTS:
    void connectNow();                     // to what the form says
    void follow(const Endpoint &endpoint); // where the server is now
    void retryNow();                       // as the banner's button does
    void sendText(const QString &text);
    void sendFiles(const QStringList &paths);
    void retryUnsent();
    void cancelFile();
    void beginMany(); // and no more of them until endMany()
    void endMany(int answered, int count);
    void showCertificate();

Q_SIGNALS:
    void clientReplaced();
    void stateChanged(GruvClient::State state);
    void encryptedToggled(bool encrypted);
    void answered(quint64 uid, std::chrono::microseconds roundTrip);
    void frameSelected(const QByteArray &frame, qint64 payloadSize);
    void manyRequested(); // 1000 messages
    void fileRequested(); // a dialog for one
    // What wire() ties to the client.
    void connectWanted(const Endpoint &endpoint, bool encrypted);
    void disconnectWanted();
    void serverWanted(const Endpoint &endpoint, bool encrypted);
    void retryWanted();
    void configurationWanted(const QSslConfiguration &configuration);
    void policyWanted(const GruvReconnectPolicy &policy);

private:
    enum class Notice { None, Connection, Other }; // what the banner is about

    void wire(); // clientwiring.cpp

    // clientlayout.cpp
    void createLayout();
    QLayout *createStateRow();
    QLayout *createComposerRow();
    void connectWidgets();

    // clientnotices.cpp: the chip and the banner
    void showState(GruvClient::State state);
    void showDuration();
    void scheduleRetry(std::chrono::milliseconds delay);
    void countDown();
    void showOffline();
    void connectAgain();
    void showError(GruvSocket::Error error, const QString &description);
    void showEncryption();
    void showSslErrors(const QList<QSslError> &errors);
    void showFailedCertificate(const QString &why);
    void notify(Notice notice, const QString &text, const QString &detail = {},
                const QString &action = {});
    void clearConnectionNotice();
    QString lossText(const QString &sequel) const;
    void notifyLoss(const QString &text, const QString &action);

    // clientpanel.cpp
    void makeClient();
    void trigger(ConnectForm::Action action);
    void encryptionToggled(bool encrypted);
    void reconnectEncrypted();
    void sendFile(const QString &path);
    void receive(const QByteArray &message);
    void showDelivery(quint64 uid, Message::Delivery delivery, std::chrono::microseconds roundTrip);
    void showProgress(quint64 uid, qint64 bytes, qint64 total);
    void select(quint64 uid);

    LocalCertificate *const m_certificate;
    MessageModel m_messages;
    Deliveries m_deliveries;
    GruvReconnectPolicy m_policy;
    QTimer m_second; // how long it is connected, and the countdown
    QTimer m_busy;   // until it is worth saying that it connects
    QDeadlineTimer m_retryAt;
    Notice m_notice = Notice::None;
    std::chrono::microseconds m_lastRoundTrip{ -1 };
    quint64 m_fileUid = 0;
    bool m_hadConnection = false;   // in this spell of attempts
    bool m_wantsConnection = false; // the user does
    bool m_connectsWhenOffline = false;

    ConnectForm *m_form;
    StateChip *m_chip;
    QToolButton *m_lock;
    QCheckBox *m_reconnects;
    Banner *m_banner;
    FindBar *m_find;
    MessageView *m_view;
    TransferBar *m_transfer;
    Composer *m_composer;
    QPushButton *m_send;
    QPushButton *m_file;
    QPushButton *m_many;
    CertificateView *m_certificateView;
    std::unique_ptr<GruvClient> m_client; // ends first: what it tells touches the others
};

#endif // CLIENTPANEL_H
