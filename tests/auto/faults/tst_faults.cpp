// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "judge.h"

#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <sanitized.h>
#include <servertools.h>

// The system fails in every way it may, and the promises hold.
class tst_Faults : public QObject, public MainLoop
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void randomFaults();

private:
    QStringList play(quint64 seed);
    void tell(qint64 seeds, qint64 milliseconds) const;

    Judge m_judge;
    bool m_isReplay = false;
};

namespace {

constexpr int DefaultSeeds = IsSanitized ? 1000 : 5000; // and as many in the library's event loop
constexpr int MostFailures = 5;

/*
    GRUVSOCKS_FAULT_SEED=n plays that seed alone, GRUVSOCKS_FAULT_SEEDS=n so many from the first on,
    GRUVSOCKS_FAULT_SEEDS=n,first from there.
*/
struct Range
{
    quint64 first = qEnvironmentVariableIsSet("GRUVSOCKS_TEST_EPOLL") ? DefaultSeeds : 0;
    quint64 count = DefaultSeeds;
};

Range wantedRange()
{
    Range range;
    if (const QByteArray one = qgetenv("GRUVSOCKS_FAULT_SEED"); !one.isEmpty())
        return { one.toULongLong(), 1 };
    const QList<QByteArray> many = qgetenv("GRUVSOCKS_FAULT_SEEDS").split(',');
    if (const quint64 count = many.first().toULongLong(); count > 0)
        range.count = count;
    if (many.size() > 1)
        range.first = many.at(1).toULongLong();
    return range;
}

} // namespace

// What is opened once and kept, is opened here.
void tst_Faults::initTestCase()
{
    Plan quiet(0);
    quiet.rates = {};
    Scene scene(quiet);
    QCOMPARE(scene.run(), QString());
}

void tst_Faults::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".?")));
}

QStringList tst_Faults::play(quint64 seed)
{
    const int descriptors = ServerTools::ownEntries("fd");
    QStringList wrong;
    {
        Scene scene{ Plan(seed) };
        const QString failure = scene.run();
        wrong = failure.isEmpty() ? m_judge.judge(scene) : QStringList(failure);
        if (m_isReplay)
            qInfo().noquote() << Judge::story(scene).join(u'\n');
    }
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    const int after = ServerTools::ownEntries("fd");
    if (after != descriptors)
        wrong.append(QStringLiteral("%1 descriptors before, %2 after").arg(descriptors).arg(after));
    return wrong;
}

void tst_Faults::tell(qint64 seeds, qint64 milliseconds) const
{
    QString faults;
    qint64 sum = 0;
    const Faults::Counts counts = Faults::counts();
    for (int kind = 0; kind < Faults::Kinds; ++kind) {
        sum += counts[size_t(kind)];
        faults += QStringLiteral(" %1 %2,")
                          .arg(counts[size_t(kind)])
                          .arg(QLatin1String(Faults::name(Faults::Kind(kind))));
    }
    faults.chop(1);
    qInfo().noquote()
            << QStringLiteral("%1 seeds in %2 s;").arg(seeds).arg(double(milliseconds) / 1000)
            << QStringLiteral("%1 faults:").arg(sum) + faults + QStringLiteral("; ")
                       + m_judge.figures();
}

void tst_Faults::randomFaults()
{
    const Range range = wantedRange();
    m_isReplay = range.count == 1;
    int failures = 0;
    QElapsedTimer timer;
    timer.start();
    for (quint64 seed = range.first; seed < range.first + range.count; ++seed) {
        const QStringList wrong = play(seed);
        for (const QString &text : wrong)
            qInfo().noquote() << QStringLiteral("seed %1: %2").arg(seed).arg(text);
        failures += wrong.isEmpty() ? 0 : 1;
        if (failures == MostFailures)
            break;
    }
    tell(qint64(range.count), timer.elapsed());
    QCOMPARE(failures, 0);
}

QTEST_GUILESS_MAIN(tst_Faults)
#include "tst_faults.moc"
