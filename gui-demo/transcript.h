// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <QtCore/qcoreapplication.h>
#include <QtCore/qstring.h>

class MessageModel;

// A chat as a file.
class Transcript
{
    Q_DECLARE_TR_FUNCTIONS(Transcript)

public:
    static QString toText(const MessageModel &model);
    static QByteArray toJson(const MessageModel &model);
    // JSON if the name ends so, otherwise text in UTF-8. Returns what went wrong, or an empty
    // string.
    static QString save(const MessageModel &model, const QString &fileName);
};

#endif // TRANSCRIPT_H
