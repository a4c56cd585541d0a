// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qmetaobject.h>
#include <QtTest/qtest.h>

#include <chrono>
#include <limits>

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Every limit and deadline of a connection, as a value.
class tst_GruvSocketOptions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void defaults();
    void isAValue();
    void propertiesInOrder();
    void property_data();
    void property();
    void differsInOneField_data() { property_data(); }
    void differsInOneField();
    void debugOutput_data() { property_data(); }
    void debugOutput();
    void defaultDebugOutput();
    void bounded_data();
    void bounded();
    void boundedWatermarks();
    void boundedKeepsFlagsAndValidValues();
    void socketAndServerBoundTheirs();
};

static QMetaProperty propertyOf(const char *name)
{
    const QMetaObject &meta = GruvSocketOptions::staticMetaObject;
    return meta.property(meta.indexOfProperty(name));
}

static QVariant value(const GruvSocketOptions &options, const char *name)
{
    return propertyOf(name).readOnGadget(&options);
}

static GruvSocketOptions with(const char *name, const QVariant &wanted)
{
    GruvSocketOptions options;
    return propertyOf(name).writeOnGadget(&options, wanted) ? options : GruvSocketOptions();
}

// The table of ARCHITECTURE.md.
void tst_GruvSocketOptions::defaults()
{
    const GruvSocketOptions options;
    QCOMPARE(options.timeout, 60s);
    QCOMPARE(options.connectTimeout, 10s);
    QCOMPARE(options.messageTimeout, 60s);
    QCOMPARE(options.firstMessageTimeout, 0s);
    QCOMPARE(options.idleTimeout, 0s);
    QCOMPARE(options.deadPeerTimeout, 60s);
    QCOMPARE(options.closeTimeout, 10s);
    QCOMPARE(options.maximumMessageSize, 16'777'216);
    QCOMPARE(options.writeBufferLimit, 67'108'864);
    QCOMPARE(options.writeHighWatermark, 1'048'576);
    QCOMPARE(options.writeLowWatermark, 262'144);
    QCOMPARE(options.lowDelay, true);
    QCOMPARE(options.debug, false);
    QCOMPARE(GruvSocketOptions::LargestMessageSize, 2'147'483'648 - 5);
    QCOMPARE(options.bounded(), options);
}

void tst_GruvSocketOptions::isAValue()
{
    GruvSocketOptions options;
    options.timeout = 5s;
    const GruvSocketOptions copy = options;
    options.timeout = 6s;
    QCOMPARE(copy.timeout, 5s);
    QVERIFY(copy != options);
    options = copy;
    QCOMPARE(options, copy);
    QCOMPARE(QVariant::fromValue(options).value<GruvSocketOptions>(), options);
}

void tst_GruvSocketOptions::propertiesInOrder()
{
    const QByteArrayList names{ "timeout",
                                "connectTimeout",
                                "messageTimeout",
                                "firstMessageTimeout",
                                "idleTimeout",
                                "deadPeerTimeout",
                                "closeTimeout",
                                "maximumMessageSize",
                                "writeBufferLimit",
                                "writeHighWatermark",
                                "writeLowWatermark",
                                "lowDelay",
                                "debug" };
    const QMetaObject &meta = GruvSocketOptions::staticMetaObject;
    QByteArrayList found;
    for (int i = 0; i < meta.propertyCount(); ++i) {
        found.append(meta.property(i).name());
        QVERIFY2(meta.property(i).isReadable(), meta.property(i).name());
        QVERIFY2(meta.property(i).isWritable(), meta.property(i).name());
    }
    QCOMPARE(found, names);
}

void tst_GruvSocketOptions::property_data()
{
    QTest::addColumn<QVariant>("initial");
    QTest::addColumn<QVariant>("other");
    const auto row = [](const char *name, auto initial, auto other) {
        QTest::newRow(name) << QVariant::fromValue(initial) << QVariant::fromValue(other);
    };
    row("timeout", milliseconds(60'000), milliseconds(60'001));
    row("connectTimeout", milliseconds(10'000), milliseconds(10'001));
    row("messageTimeout", milliseconds(60'000), milliseconds(59'999));
    row("firstMessageTimeout", milliseconds(0), milliseconds(1));
    row("idleTimeout", milliseconds(0), milliseconds(1));
    row("deadPeerTimeout", milliseconds(60'000), milliseconds(0));
    row("closeTimeout", milliseconds(10'000), milliseconds(1234));
    row("maximumMessageSize", qint64(16'777'216), qint64(16'777'217));
    row("writeBufferLimit", qint64(67'108'864), qint64(5'000'000'000));
    row("writeHighWatermark", qint64(1'048'576), qint64(1'048'577));
    row("writeLowWatermark", qint64(262'144), qint64(262'143));
    row("lowDelay", true, false);
    row("debug", false, true);
}

void tst_GruvSocketOptions::property()
{
    QFETCH(QVariant, initial);
    QFETCH(QVariant, other);
    const char *name = QTest::currentDataTag();
    QVERIFY(propertyOf(name).isValid());
    QCOMPARE(propertyOf(name).metaType(), initial.metaType());
    GruvSocketOptions options;
    QCOMPARE(value(options, name), initial);
    QVERIFY(propertyOf(name).writeOnGadget(&options, other));
    QCOMPARE(value(options, name), other);
    for (int i = 0; i < GruvSocketOptions::staticMetaObject.propertyCount(); ++i) {
        const char *each = GruvSocketOptions::staticMetaObject.property(i).name();
        if (qstrcmp(each, name) != 0)
            QCOMPARE(value(options, each), value(GruvSocketOptions(), each));
    }
}

void tst_GruvSocketOptions::differsInOneField()
{
    QFETCH(QVariant, initial);
    QFETCH(QVariant, other);
    GruvSocketOptions options = with(QTest::currentDataTag(), other);
    const GruvSocketOptions same = options;
    QVERIFY(options != GruvSocketOptions());
    QVERIFY(!(options == GruvSocketOptions()));
    QVERIFY(options == same);
    QVERIFY(!(options != same));
    QVERIFY(propertyOf(QTest::currentDataTag()).writeOnGadget(&options, initial));
    QVERIFY(options == GruvSocketOptions());
    QVERIFY(!(options != GruvSocketOptions()));
}

static QString debugText(const GruvSocketOptions &options)
{
    QString text;
    QDebug(&text) << options << "next";
    return text;
}

void tst_GruvSocketOptions::debugOutput()
{
    QFETCH(QVariant, other);
    const char *name = QTest::currentDataTag();
    const QString text = other.canConvert<QString>()
                                 ? other.toString()
                                 : QString::number(other.value<milliseconds>().count());
    const QString expected = QLatin1String(name) + u'=' + text;
    const QString output = debugText(with(name, other));
    const QStringList words = output.mid(output.indexOf(u'(') + 1).split(u' ');
    const bool named = words.contains(expected) || words.contains(expected + u')');
    QVERIFY2(named, qPrintable(output));
}

void tst_GruvSocketOptions::defaultDebugOutput()
{
    QCOMPARE(debugText({}),
             QStringLiteral("GruvSocketOptions(timeout=60000 connectTimeout=10000 "
                            "messageTimeout=60000 firstMessageTimeout=0 idleTimeout=0 "
                            "deadPeerTimeout=60000 "
                            "closeTimeout=10000 maximumMessageSize=16777216 "
                            "writeBufferLimit=67108864 writeHighWatermark=1048576 "
                            "writeLowWatermark=262144 lowDelay=true debug=false) next "));
}

void tst_GruvSocketOptions::bounded_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QVariant>("wanted");
    QTest::addColumn<QVariant>("allowed");
    const auto row = [](const char *name, const char *tag, auto wanted, auto allowed) {
        QTest::addRow("%s-%s", name, tag)
                << QByteArray(name) << QVariant::fromValue(wanted) << QVariant::fromValue(allowed);
    };
    for (const char *name : { "timeout", "connectTimeout", "messageTimeout", "firstMessageTimeout",
                              "idleTimeout", "deadPeerTimeout", "closeTimeout" }) {
        row(name, "negative", milliseconds(-1), milliseconds(0));
        row(name, "least", milliseconds::min(), milliseconds(0));
        row(name, "zero", milliseconds(0), milliseconds(0));
        row(name, "one", milliseconds(1), milliseconds(1));
        row(name, "month", milliseconds(30 * 24h), milliseconds(30 * 24h));
        row(name, "most", milliseconds::max(), milliseconds(100 * 365 * 24h));
    }
    constexpr qint64 Most = std::numeric_limits<qint64>::max();
    constexpr qint64 Largest = GruvSocketOptions::LargestMessageSize;
    for (const char *name : { "maximumMessageSize", "writeBufferLimit", "writeHighWatermark" }) {
        const qint64 least = qstrcmp(name, "writeHighWatermark") == 0 ? 1 : 0;
        row(name, "negative", qint64(-1), least);
        row(name, "least", std::numeric_limits<qint64>::min(), least);
        row(name, "zero", qint64(0), least);
        row(name, "one", qint64(1), qint64(1));
    }
    row("maximumMessageSize", "most", Most, Largest);
    row("writeBufferLimit", "most", Most, Most);
    row("writeHighWatermark", "most", Most, GruvSocketOptions().writeBufferLimit / 2);
    row("maximumMessageSize", "largest", Largest, Largest);
    row("maximumMessageSize", "one-over", Largest + 1, Largest);
    row("maximumMessageSize", "4-GiB", qint64(1) << 32, Largest);
    row("writeLowWatermark", "negative", qint64(-1), qint64(0));
    row("writeLowWatermark", "zero", qint64(0), qint64(0));
    row("writeLowWatermark", "above-high", qint64(1'048'577), qint64(1'048'576));
}

void tst_GruvSocketOptions::bounded()
{
    QFETCH(QByteArray, name);
    QFETCH(QVariant, wanted);
    QFETCH(QVariant, allowed);
    const GruvSocketOptions bounded = with(name.constData(), wanted).bounded();
    QCOMPARE(value(bounded, name.constData()), allowed);
    QCOMPARE(bounded.bounded(), bounded);
}

void tst_GruvSocketOptions::boundedWatermarks()
{
    GruvSocketOptions options;
    options.writeHighWatermark = 100;
    options.writeLowWatermark = 100;
    QCOMPARE(options.bounded().writeLowWatermark, 100);
    options.writeLowWatermark = 101;
    QCOMPARE(options.bounded().writeLowWatermark, 100);
    options.writeHighWatermark = -7;
    QCOMPARE(options.bounded().writeHighWatermark, 1);
    QCOMPARE(options.bounded().writeLowWatermark, 1);
    options.writeHighWatermark = 1'000'000;
    options.writeBufferLimit = 1'000'000;
    QCOMPARE(options.bounded().writeHighWatermark, 500'000);
    options.writeBufferLimit = 0;
    QCOMPARE(options.bounded().writeHighWatermark, 1);
}

void tst_GruvSocketOptions::boundedKeepsFlagsAndValidValues()
{
    GruvSocketOptions options;
    options.timeout = 1ms;
    options.maximumMessageSize = 0;
    options.writeBufferLimit = 5'000'000'000;
    options.lowDelay = false;
    options.debug = true;
    QCOMPARE(options.bounded(), options);
}

void tst_GruvSocketOptions::socketAndServerBoundTheirs()
{
    GruvSocketOptions options;
    options.timeout = -1s;
    options.maximumMessageSize = qint64(1) << 40;
    GruvSocket socket;
    QCOMPARE(socket.options(), GruvSocketOptions());
    socket.setOptions(options);
    QCOMPARE(socket.options(), options.bounded());
    GruvServer server;
    QCOMPARE(server.socketOptions(), GruvSocketOptions());
    server.setSocketOptions(options);
    QCOMPARE(server.socketOptions(), options.bounded());
}

QTEST_GUILESS_MAIN(tst_GruvSocketOptions)
#include "tst_gruvsocketoptions.moc"
