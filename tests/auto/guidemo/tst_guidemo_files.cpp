// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "demowindow.h"

#include <banner.h>
#include <messageview.h>

#include <QtCore/qcryptographichash.h>
#include <QtCore/qfile.h>
#include <QtCore/qmimedata.h>
#include <QtCore/qtemporarydir.h>
#include <QtGui/qevent.h>
#include <QtTest/qsignalspy.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qcheckbox.h>
#include <QtWidgets/qprogressbar.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qscrollbar.h>

#ifdef Q_OS_UNIX
#include <sys/stat.h>
#endif

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Delivery = Message::Delivery;
using State = GruvClient::State;

class tst_GuidemoFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }

    void fileGoesAndComesBack();
    void droppedFile();
    void cancelledFile();
    void tooLargeFile();
    void unreadableFile();
    void cancelledWhileOffline();
    void pipeIsNoFile();
    void ownFileIsInSight();

private:
    Banner *banner() { return m_window->widget<Banner>("clientBanner"); }
    GruvClient *client() { return m_window->clientPanel()->client(); }
    QString writeFile(const QString &name, const QByteArray &content);

    QTemporaryDir m_directory;

    std::unique_ptr<DemoWindow> m_window;
};

void tst_GuidemoFiles::init()
{
    failOnFaults();
    m_window = std::make_unique<DemoWindow>();
    m_window->open();
    QTRY_VERIFY(m_window->isOnline());
}

QString tst_GuidemoFiles::writeFile(const QString &name, const QByteArray &content)
{
    QFile file(m_directory.filePath(name));
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
    return isWritten ? file.fileName() : QString();
}

// G18
void tst_GuidemoFiles::fileGoesAndComesBack()
{
    QByteArray content(12 * 1024 * 1024, '\0');
    for (qsizetype i = 0; i < content.size(); ++i)
        content[i] = char(i * 31 >> 7);
    QByteArray received;
    connect(m_window->serverPanel()->server(), &GruvServer::messageReceived, this,
            [&](GruvSocket *, const QByteArray &message) { received = message; });
    auto *const pause = m_window->widget<QCheckBox>("pauseReading");
    auto *const progress = m_window->widget<QProgressBar>("transferProgress");
    QTest::mouseClick(pause, Qt::LeftButton);
    m_window->clientPanel()->sendFiles({ writeFile(u"twelve.bin"_s, content) });
    QVERIFY(m_window->widget<QWidget>("transferBar")->isVisible());
    QTRY_VERIFY(progress->value() > 0); // what fits into the system
    QVERIFY2(progress->value() < 100, QByteArray::number(progress->value()).constData());
    QSignalSpy moved(progress, &QProgressBar::valueChanged);
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::Echoed);
    QVERIFY(m_window->widget<QWidget>("transferBar")->isHidden());
    QVERIFY(!moved.isEmpty());
    QCOMPARE(progress->value(), 100);
    const auto hash = [](const QByteArray &bytes) {
        return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    };
    QCOMPARE(hash(received), hash(content));
    QCOMPARE(m_window->message(0).label, u"twelve.bin"_s);
    QCOMPARE(m_window->message(1).label, u"twelve.bin"_s);
    QCOMPARE(m_window->message(1).size, qint64(content.size()));
}

// G18
void tst_GuidemoFiles::droppedFile()
{
    QMimeData files;
    files.setUrls({ QUrl::fromLocalFile(writeFile(u"small.txt"_s, "small")) });
    Composer *const composer = m_window->clientPanel()->composer();
    QWidget *const target = composer->viewport();
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &drop);
    QTRY_COMPARE(m_window->messageCount(), 2);
    QCOMPARE(m_window->message(1).payload, "small");
    QVERIFY(composer->toPlainText().isEmpty());
}

// G18
void tst_GuidemoFiles::cancelledFile()
{
    QTest::mouseClick(m_window->widget<QCheckBox>("pauseReading"), Qt::LeftButton);
    const QString path = writeFile(u"large.bin"_s, QByteArray(16 * 1024 * 1024, 'x'));
    auto *const progress = m_window->widget<QProgressBar>("transferProgress");
    m_window->clientPanel()->sendFiles({ path });
    QTRY_VERIFY(progress->value() > 0);
    QVERIFY(progress->value() < 100); // nobody reads
    QTRY_COMPARE(m_window->messageCount(), 1);
    QSignalSpy received(m_window->serverPanel()->server(), &GruvServer::messageReceived);
    QTest::mouseClick(m_window->widget<QPushButton>("transferCancel"), Qt::LeftButton);
    QVERIFY(m_window->widget<QWidget>("transferBar")->isHidden());
    QTRY_COMPARE(m_window->message(0).delivery, Delivery::NotSent);
    QVERIFY2(banner()->text().contains(u"cancelled"_s), qPrintable(banner()->text()));
    QTest::mouseClick(m_window->widget<QCheckBox>("pauseReading"), Qt::LeftButton);
    QTRY_COMPARE(m_window->serverPanel()->server()->clientCount(), 1); // the first is gone
    QTRY_VERIFY(client()->state() == State::Online);
    m_window->say(u"after it"_s);
    QTRY_COMPARE(received.size(), 1); // and nothing of the file
    QCOMPARE(received.constFirst().at(1).toByteArray(), "after it");
}

// G18
void tst_GuidemoFiles::tooLargeFile()
{
    QFile file(writeFile(u"huge.bin"_s, "x"));
    QVERIFY(file.resize(GruvSocketOptions().maximumMessageSize + 1));
    m_window->clientPanel()->sendFiles({ file.fileName() });
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"huge.bin"_s), qPrintable(banner()->text()));
    QVERIFY2(banner()->detail().contains(u"16"_s), qPrintable(banner()->detail()));
    QVERIFY(m_window->isOnline());
    m_window->clientPanel()->messages()->flush();
    QCOMPARE(m_window->messageCount(), 0);
}

void tst_GuidemoFiles::unreadableFile()
{
    m_window->clientPanel()->sendFiles({ m_directory.filePath(u"missing"_s) });
    QVERIFY(banner()->isVisible());
    QVERIFY2(banner()->text().contains(u"missing"_s), qPrintable(banner()->text()));
}

void tst_GuidemoFiles::cancelledWhileOffline()
{
    m_window->clientPanel()->setReconnects(false);
    m_window->widget<QPushButton>("connect")->click();
    QTRY_VERIFY(client()->state() == State::Offline);
    const QSignalSpy connecting(m_window->clientPanel(), &ClientPanel::connectWanted);
    m_window->clientPanel()->sendFiles({ writeFile(u"small.bin"_s, "x") });
    m_window->clientPanel()->cancelFile();
    QVERIFY(client()->state() == State::Offline);
    QCOMPARE(connecting.size(), 0);
}

// Without a writer, to open one waits for ever.
void tst_GuidemoFiles::pipeIsNoFile()
{
#ifdef Q_OS_UNIX
    const QString path = m_directory.filePath(u"pipe"_s);
    QCOMPARE(mkfifo(QFile::encodeName(path).constData(), 0600), 0);
    m_window->clientPanel()->sendFiles({ path });
    QCOMPARE(banner()->text(), u"pipe is not a file"_s);
#endif
}

void tst_GuidemoFiles::ownFileIsInSight()
{
    MessageView *const view = m_window->clientPanel()->view();
    for (int i = 0; i < 40; ++i)
        m_window->clientPanel()->messages()->post(Message::Sender::Peer, "line");
    m_window->clientPanel()->messages()->flush();
    QTRY_VERIFY(view->verticalScrollBar()->value() > 0); // laid out
    view->scrollToTop();
    QVERIFY(!view->isAtEnd());
    m_window->clientPanel()->sendFiles({ writeFile(u"small.bin"_s, "x") });
    QTRY_COMPARE(m_window->messageCount(), 42);
    QVERIFY(view->isAtEnd());
    QCOMPARE(view->unreadCount(), 0);
}

QTEST_MAIN(tst_GuidemoFiles)
#include "tst_guidemo_files.moc"
