// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qdir.h>
#include <QtCore/qfile.h>

#include <cstdint>
#include <cstdio>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    std::printf("%s\n", qPrintable(path)); // before it, so that a crash has a name
    std::fflush(stdout);
    const QByteArray bytes = file.readAll();
    return LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.constData()),
                                  size_t(bytes.size()));
}

// Feeds each argument to the target, of a folder each file: what a compiler without libFuzzer can.
int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; ++i) {
        const QString path = QFile::decodeName(argv[i]);
        const QDir folder(path);
        if (!folder.exists()) {
            replay(path);
            ++count;
            continue;
        }
        for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
            replay(folder.filePath(name));
            ++count;
        }
    }
    std::printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
