// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <messagemodel.h>
#include <transcript.h>

#include <QtCore/qfile.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_GuidemoTranscript : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void textIsALineAMessage();
    void onlyMessagesBeginAtTheMargin();
    void jsonParsesBack();
    void emptyChat();
    void savesByTheNamesEnding();
    void tellsWhyItCannotSave();

private:
    QByteArray saved(const QString &name);

    std::unique_ptr<MessageModel> m_model;
    QTemporaryDir m_directory;
};

void tst_GuidemoTranscript::init()
{
    m_model = std::make_unique<MessageModel>([second = 0]() mutable {
        return QDateTime(QDate(2026, 11, 28), QTime(7, 12, 48, 9), Qt::UTC).addSecs(second++);
    });
    const quint64 uid = m_model->post(Message::Sender::Me, "gr\xc3\xbc\xc3\x9f\x65\n\"two\"");
    m_model->setDelivery(uid, Message::Delivery::Echoed, 400us);
    m_model->post(Message::Sender::Peer, QByteArray::fromHex("00ff"));
    m_model->post(Message::Sender::Me, QByteArray(70'000, 'x'), u"x.bin"_s,
                  Message::Delivery::NotSent);
    m_model->flush();
}

// G21
void tst_GuidemoTranscript::textIsALineAMessage()
{
    QCOMPARE(Transcript::toText(*m_model),
             u"2026-11-28 07:12:48.009 You: gr\u00fc\u00dfe\n    \"two\" (echoed after 0.4 ms)\n"
             "2026-11-28 07:12:49.009 Peer: Binary, 2 bytes: 00 ff\n"
             "2026-11-28 07:12:50.009 You: File x.bin, 68.36 KiB (not sent)\n"_s);
}

// Whatever breaks a line in some reader.
void tst_GuidemoTranscript::onlyMessagesBeginAtTheMargin()
{
    m_model->clear();
    m_model->post(Message::Sender::Peer, u"a\rb\r\nc\u2028d\u2029e"_s.toUtf8());
    m_model->flush();
    const QString text = Transcript::toText(*m_model);
    QVERIFY2(text.endsWith(u"Peer: a\n    b\n    c\n    d\n    e\n"_s), qPrintable(text));
}

// G21
void tst_GuidemoTranscript::jsonParsesBack()
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(Transcript::toJson(*m_model), &error);
    QCOMPARE(error.error, QJsonParseError::NoError);
    const QJsonArray messages = document.object().value("messages"_L1).toArray();
    QCOMPARE(messages.size(), 3);
    for (int row = 0; row < 3; ++row) {
        const Message &message = m_model->at(row);
        const QJsonObject object = messages.at(row).toObject();
        QCOMPARE(QByteArray::fromBase64(object.value("payload"_L1).toString().toLatin1()),
                 message.payload);
        QCOMPARE(object.value("size"_L1).toInteger(), message.size);
        QCOMPARE(object.value("text"_L1).toString(), message.text());
        QCOMPARE(QDateTime::fromString(object.value("time"_L1).toString(), Qt::ISODateWithMs),
                 message.time);
        const bool isMine = message.sender == Message::Sender::Me;
        QCOMPARE(object.value("sender"_L1).toString(), isMine ? u"me"_s : u"peer"_s);
        QCOMPARE(object.value("file"_L1).toString(), message.label);
    }
    QCOMPARE(messages.at(0).toObject().value("delivery"_L1).toString(), u"echoed"_s);
    QCOMPARE(messages.at(0).toObject().value("roundTripMicroseconds"_L1).toInt(), 400);
    QVERIFY(!messages.at(1).toObject().contains("delivery"_L1));
    QVERIFY(!messages.at(2).toObject().contains("roundTripMicroseconds"_L1));
    QCOMPARE(messages.at(2).toObject().value("delivery"_L1).toString(), u"not-sent"_s);
}

void tst_GuidemoTranscript::emptyChat()
{
    m_model->clear();
    QCOMPARE(Transcript::toText(*m_model), QString());
    const auto document = QJsonDocument::fromJson(Transcript::toJson(*m_model));
    QVERIFY(document.object().value("messages"_L1).isArray());
    QCOMPARE(document.object().value("messages"_L1).toArray().size(), 0);
}

QByteArray tst_GuidemoTranscript::saved(const QString &name)
{
    const QString path = m_directory.filePath(name);
    const QString error = Transcript::save(*m_model, path);
    QFile file(path);
    return error.isEmpty() && file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// G21
void tst_GuidemoTranscript::savesByTheNamesEnding()
{
    QCOMPARE(saved(u"a.JSON"_s), Transcript::toJson(*m_model));
    QCOMPARE(saved(u"a.txt"_s), Transcript::toText(*m_model).toUtf8());
    QCOMPARE(saved(u"a"_s), Transcript::toText(*m_model).toUtf8());
}

void tst_GuidemoTranscript::tellsWhyItCannotSave()
{
    const QString path = m_directory.filePath(u"absent/a.txt"_s);
    const QString error = Transcript::save(*m_model, path);
    QVERIFY(error.contains(path));
    QVERIFY(error.size() > path.size() + 20);
}

QTEST_GUILESS_MAIN(tst_GuidemoTranscript)

#include "tst_guidemo_transcript.moc"
