// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvtls.h>

#include <QtNetwork/qsslcertificate.h>
#include <QtTest/qtest.h>

#include <certificates.h>

using Gruv::loadTlsConfiguration;

// What is wrong with files is said when they are loaded.
class tst_TlsLoading : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void server();
    void clientThatTrustsOneAuthority();
    void clientThatTrustsTheSystem();
    void encryptedKey();
    void complaint_data();
    void complaint();

private:
    bool write(const QString &name, const QByteArray &content) const;

    Certificates m_certificates;
};

bool tst_TlsLoading::write(const QString &name, const QByteArray &content) const
{
    QFile file(m_certificates.path(name));
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

void tst_TlsLoading::initTestCase()
{
    QVERIFY2(m_certificates.isMade, "the openssl tool is needed");
    QVERIFY(m_certificates.issue("server", "localhost"));
    QVERIFY(m_certificates.issue("other", "localhost"));
    QVERIFY(m_certificates.issue("expired", "localhost", -1));
    QVERIFY(m_certificates.run(
            QStringLiteral("ec -in %1 -aes128 -passout pass:secret -out %2")
                    .arg(m_certificates.key("server"), m_certificates.key("locked"))));
    QVERIFY(m_certificates.run(QStringLiteral("genpkey -algorithm ed25519 -out %1")
                                       .arg(m_certificates.key("unknown"))));
    QVERIFY(write(QStringLiteral("text.pem"), "not a certificate"));
    QVERIFY(write(QStringLiteral("chain.pem"),
                  m_certificates.read(m_certificates.certificate("server"))
                          + m_certificates.read(m_certificates.certificate("ca"))));
}

void tst_TlsLoading::server()
{
    const auto loaded = loadTlsConfiguration(m_certificates.path(QStringLiteral("chain.pem")),
                                             m_certificates.key("server"));
    QVERIFY2(loaded, qPrintable(loaded.error));
    QCOMPARE(loaded.configuration.localCertificateChain().size(), 2);
    QCOMPARE(loaded.configuration.localCertificate().subjectDisplayName(),
             QStringLiteral("localhost"));
    QVERIFY(!loaded.configuration.privateKey().isNull());
}

void tst_TlsLoading::clientThatTrustsOneAuthority()
{
    const auto loaded = loadTlsConfiguration({}, {}, m_certificates.certificate("ca"));
    QVERIFY2(loaded, qPrintable(loaded.error));
    QCOMPARE(loaded.configuration.caCertificates().size(), 1);
    QVERIFY(loaded.configuration.localCertificate().isNull());
}

void tst_TlsLoading::clientThatTrustsTheSystem()
{
    const auto loaded = loadTlsConfiguration({}, {});
    QVERIFY2(loaded, qPrintable(loaded.error));
    QVERIFY(!loaded.configuration.isNull());
}

void tst_TlsLoading::encryptedKey()
{
    const auto loaded = loadTlsConfiguration(m_certificates.certificate("server"),
                                             m_certificates.key("locked"), {}, "secret");
    QVERIFY2(loaded, qPrintable(loaded.error));
}

void tst_TlsLoading::complaint_data()
{
    QTest::addColumn<QByteArray>("certificate");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("authority");
    QTest::addColumn<QByteArray>("passPhrase");
    QTest::addColumn<QString>("about"); // the file that is named
    QTest::addColumn<QString>("said");
    const auto row = [](const char *name, const char *certificate, const char *key,
                        const char *authority, const char *passPhrase, const char *about,
                        const char *said) {
        QTest::newRow(name) << QByteArray(certificate) << QByteArray(key) << QByteArray(authority)
                            << QByteArray(passPhrase) << QString::fromLatin1(about)
                            << QString::fromLatin1(said);
    };
    row("no-certificate", "missing", "server", "", "", "missing.pem", "No such file");
    row("no-key", "server", "missing", "", "", "missing.key", "No such file");
    row("key-alone", "", "server", "", "", "server.key", "belong together");
    row("certificate-alone", "server", "", "", "", "server.pem", "belong together");
    row("no-authority", "server", "server", "missing", "", "missing.pem", "No such file");
    row("no-pem", "text", "server", "", "", "text.pem", "no certificate in PEM form");
    row("no-key-in-it", "server", "unknown", "", "", "unknown.key", "no private key for RSA");
    row("wrong-key", "server", "other", "", "", "other.key", "does not serve the certificate");
    row("locked-key", "server", "locked", "", "", "locked.key", "is encrypted");
    row("wrong-pass-phrase", "server", "locked", "", "wrong", "locked.key", "does not open");
    row("expired", "expired", "expired", "", "", "expired.pem", "expired on 20");
    row("expired-authority", "server", "server", "expired", "", "expired.pem", "expired on 20");
}

void tst_TlsLoading::complaint()
{
    QFETCH(QByteArray, certificate);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, authority);
    QFETCH(QByteArray, passPhrase);
    QFETCH(QString, about);
    QFETCH(QString, said);
    const auto file = [](const QByteArray &base, const QString &path) {
        return base.isEmpty() ? QString() : path;
    };
    const auto loaded = loadTlsConfiguration(
            file(certificate, m_certificates.certificate(certificate)),
            file(key, m_certificates.key(key)),
            file(authority, m_certificates.certificate(authority)), passPhrase);
    QVERIFY(!loaded);
    QVERIFY(loaded.configuration.isNull());
    QVERIFY2(loaded.error.contains(about) && loaded.error.contains(said), qPrintable(loaded.error));
}

QTEST_GUILESS_MAIN(tst_TlsLoading)
#include "tst_tlsloading.moc"
