// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>

#include "program.h"

namespace {

void failOnWarning(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    require(type == QtDebugMsg || type == QtInfoMsg, qPrintable(text));
}

// It lives as long as the process: libFuzzer leaves by exit() from anywhere.
void ensureApplication()
{
    static int count = 1;
    static char name[] = "fuzz_socket";
    static char *arguments[] = { name, nullptr };
    if (QCoreApplication::instance())
        return;
    qputenv("QT_NO_GLIB", "1"); // Qt's own event loop is quicker
    static const auto *const application = new QCoreApplication(count, arguments);
    Q_UNUSED(application);
    qInstallMessageHandler(failOnWarning);
}

void run(const Input &input, int mode)
{
    Program program(input, mode);
    program.run();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ensureApplication();
    Input input(data, size);
    const int mode = input.byte();
    if (mode & Program::InEventLoop) {
        QEventLoop loop;
        const auto inside = [&] {
            run(input, mode);
            loop.quit();
        };
        QMetaObject::invokeMethod(&loop, inside, Qt::QueuedConnection);
        loop.exec();
    } else {
        run(input, mode);
    }
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    return 0;
}
