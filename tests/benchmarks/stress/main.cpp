// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "measurements.h"

#include <QtCore/qcoreapplication.h>

#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

namespace {

// Returns the child's words, or how it died.
QByteArray inItsOwnProcess(const Measurement &measurement, const Side &side, int argc, char **argv)
{
    int words[2];
    if (::pipe(words) != 0)
        return "no pipe";
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(words[0]);
        ::alarm(120); // nothing is measured for so long
        QCoreApplication application(argc, argv);
        const QByteArray result = measurement.measure(side);
        const bool told = ::write(words[1], result.constData(), size_t(result.size())) > 0;
        ::_exit(told ? 0 : 1);
    }
    ::close(words[1]);
    char buffer[200];
    const ssize_t size = ::read(words[0], buffer, sizeof buffer);
    ::close(words[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        return "died of signal " + QByteArray::number(WTERMSIG(status));
    return size > 0 ? QByteArray(buffer, size) : QByteArray("no result");
}

} // namespace

// Prints one table: what happens to a server in hard circumstances, by the way it was written.
int main(int argc, char **argv)
{
    const Side sides[] = { gruvSide(), dataStreamSide(), webSocketSide() };
    std::printf("| what |");
    for (const Side &side : sides)
        std::printf(" %s |", side.name);
    std::printf("\n| --- | --- | --- | --- |\n");
    for (const Measurement &measurement : measurements()) {
        std::printf("| %s |", measurement.what);
        for (const Side &side : sides) {
            std::fflush(stdout); // else the child has it too
            std::printf(" %s |", inItsOwnProcess(measurement, side, argc, argv).constData());
        }
        std::printf("\n");
    }
    return 0;
}
