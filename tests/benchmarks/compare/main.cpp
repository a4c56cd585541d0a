// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "chart.h"
#include "endprocess.h"
#include "results.h"
#include "side.h"
#include "targets.h"
#include "tls.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qregularexpression.h>

#include <certificates.h>

#include <cstdio>

namespace {

struct Choice
{
    QRegularExpression rows;
    QRegularExpression sides;
    int rounds = 5;
    double seconds = 0.5;
};

// One end of a measurement: see Task.
int runEnd(int argc, char *argv[])
{
    if (QByteArray(argv[2]).startsWith("gruv"))
        Gruv::installEventDispatcher(); // as a console program does
    const QCoreApplication app(argc, argv);
    const Task task = Task::fromArguments(app.arguments().mid(1));
    const Side *side = findSide(task.side);
    return side ? side->run(task) : 2;
}

bool takesPart(const Side &side, const Row &row, const Task &task, const Choice &choice)
{
    const QString name = QLatin1String(side.name);
    return choice.sides.match(name).hasMatch() && (row.sides.isEmpty() || row.sides.contains(name))
           && (!side.can || side.can(task));
}

void measureRow(Results *results, const Row &row, const Choice &choice)
{
    for (const Side &side : allSides()) {
        Task task = row.task;
        task.side = QLatin1String(side.name);
        if (!takesPart(side, row, task, choice))
            continue;
        try {
            results->add(row, task.side, measure(task));
        } catch (const MeasurementFailed &failure) {
            results->addFault(QStringLiteral("%1, %2: %3")
                                      .arg(row.name, task.side, QLatin1String(failure.what())));
        }
    }
}

// Round by round, so that what slows the machine for a while slows all sides of it.
Results measureAll(const Choice &choice)
{
    Results results;
    const Certificates certificates;
    const bool isIssued = certificates.isMade && certificates.issue("server", Tls::Host);
    if (!isIssued)
        std::fprintf(stderr, "Without the openssl tool the rows of TLS are left out.\n");
    const QString directory = isIssued ? certificates.path(QStringLiteral(".")) : QString();
    for (const Group &group : allGroups(choice.seconds, directory)) {
        for (int round = 0; round < choice.rounds; ++round) {
            for (const Row &row : group) {
                if (!choice.rows.match(row.name).hasMatch())
                    continue;
                std::fprintf(stderr, "\r%-40s round %d ", qPrintable(row.title), round + 1);
                measureRow(&results, row, choice);
            }
        }
    }
    std::fprintf(stderr, "\r%60s\r", "");
    return results;
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!path.isEmpty() && (!file.open(QIODevice::WriteOnly) || file.write(content) < 0))
        std::fprintf(stderr, "cannot write %s\n", qPrintable(path));
}

// Prints what was missed; returns whether nothing was.
bool report(const Results &results)
{
    bool isGood = results.faults().isEmpty();
    std::printf("%s\n", qPrintable(results.table()));
    for (const QString &fault : results.faults())
        std::printf("FAULT  %s\n", qPrintable(fault));
    for (const Verdict &verdict : judge(results)) {
        if (verdict.kind == Verdict::Kind::NotMeasured)
            continue;
        const bool isReached = verdict.kind == Verdict::Kind::Reached;
        std::printf("%s %s\n", isReached ? "      " : "MISSED", qPrintable(verdict.text));
        isGood = isGood && isReached;
    }
    return isGood;
}

} // namespace

int main(int argc, char *argv[])
{
    if (argc > 2 && qstrcmp(argv[1], "--end") == 0)
        return runEnd(argc, argv);
    const QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Compares GruvSocks with other ways."));
    parser.addHelpOption();
    const auto option = [&parser](const char *name, const char *value, const char *text,
                                  const char *usual = "") {
        parser.addOption({ QLatin1String(name), QLatin1String(text), QLatin1String(value),
                           QLatin1String(usual) });
    };
    option("rows", "regexp", "Only these rows.", ".");
    option("sides", "regexp", "Only these sides.", ".");
    option("rounds", "number", "How often each is measured.", "5");
    option("seconds", "number", "How long each time.", "0.5");
    option("json", "file", "Where to write all figures.");
    option("svg", "file", "Where to write the chart.");
    parser.addOption({ QStringLiteral("check"), QStringLiteral("Fail when a target is missed.") });
    parser.process(app);
    const auto value = [&parser](const char *name) { return parser.value(QLatin1String(name)); };
    const Results results =
            measureAll({ QRegularExpression(value("rows")), QRegularExpression(value("sides")),
                         value("rounds").toInt(), value("seconds").toDouble() });
    write(value("json"), QJsonDocument(results.toJson()).toJson());
    write(value("svg"), chart(results));
    const bool isGood = report(results);
    return results.faults().isEmpty() && (isGood || !parser.isSet(QStringLiteral("check"))) ? 0 : 1;
}
