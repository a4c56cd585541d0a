// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <cppsnippet.h>

#include <gruvsocks/gruvserver.h>

#include <QtCore/qfile.h>
#include <QtCore/qprocess.h>
#include <QtCore/qtemporarydir.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qtest.h>

#include <certificates.h>

using namespace Qt::StringLiterals;

// What "Copy as C++" copies is compiled and run.
class tst_GuidemoSnippet : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isShort();
    void hostsAreEscaped();
    void compilesAndTalks_data();
    void compilesAndTalks();

private:
    bool compile(const QString &program);

    QTemporaryDir m_directory;
};

// G25
void tst_GuidemoSnippet::isShort()
{
    const QString program = CppSnippet{ u"127.0.0.1"_s, 5551, false, true }.toString();
    QVERIFY2(program.count(u'\n') <= 22, qPrintable(program));
    QVERIFY(program.endsWith(u"}\n"_s));
}

void tst_GuidemoSnippet::hostsAreEscaped()
{
    const QString program = CppSnippet{ u"a\"\\\n\u00fcb"_s, 1, false, true }.toString();
    QVERIFY2(program.contains(u"\"a\\\"\\\\\\012\\303\\274b\""_s), qPrintable(program));
}

bool tst_GuidemoSnippet::compile(const QString &program)
{
    QFile source(m_directory.filePath(u"main.cpp"_s));
    if (!source.open(QIODevice::WriteOnly) || source.write(program.toUtf8()) < 0)
        return false;
    source.close();
    QProcess compiler;
    compiler.setProcessChannelMode(QProcess::ForwardedChannels);
    compiler.start(QStringLiteral(SNIPPET_COMPILER),
                   { u"-std=c++17"_s, u"-Wall"_s, u"-Werror"_s, source.fileName(), u"-o"_s,
                     m_directory.filePath(u"program"_s), u"@" SNIPPET_FLAGS ""_s });
    return compiler.waitForFinished(120'000) && compiler.exitCode() == 0;
}

void tst_GuidemoSnippet::compilesAndTalks_data()
{
    QTest::addColumn<bool>("isEncrypted");
    QTest::addColumn<bool>("reconnects");
    QTest::newRow("plain") << false << true;
    QTest::newRow("encrypted-once") << true << false;
}

// G25
void tst_GuidemoSnippet::compilesAndTalks()
{
    QFETCH(bool, isEncrypted);
    QFETCH(bool, reconnects);
    const Certificates certificates;
    QVERIFY2(certificates.issue("server", "localhost"), "the openssl tool is needed");
    GruvServer server;
    if (isEncrypted)
        server.setSslConfiguration(certificates.of("server"));
    QByteArray received;
    connect(&server, &GruvServer::messageReceived, this,
            [&](GruvSocket *client, const QByteArray &message) {
                received = message;
                client->sendMessage("you said: " + message);
            });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QVERIFY(compile(CppSnippet{ isEncrypted ? u"localhost"_s : u"127.0.0.1"_s, server.serverPort(),
                                isEncrypted, reconnects }
                            .toString()));
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"GRUV_AUTHORITY"_s, certificates.certificate("ca"));
    program.setProcessEnvironment(environment);
    program.setProcessChannelMode(QProcess::MergedChannels);
    program.start(m_directory.filePath(u"program"_s), QStringList());
    QTRY_COMPARE_WITH_TIMEOUT(received, "Hello world!", 20'000);
    QByteArray said;
    QTRY_VERIFY((said += program.readAll()).contains("you said: Hello world!"));
    server.stop();
    if (reconnects)
        program.kill(); // it would try for ever
    QVERIFY(program.waitForFinished());
    QCOMPARE(program.exitStatus() == QProcess::NormalExit, !reconnects);
}

QTEST_GUILESS_MAIN(tst_GuidemoSnippet)
#include "tst_guidemo_snippet.moc"
