// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef DEMOOPTIONS_H
#define DEMOOPTIONS_H

#include "theme.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsize.h>
#include <QtCore/qstringlist.h>

#include <optional>

// A place to connect to: "localhost:5551", "[::1]:5551".
struct Endpoint
{
    QString host;
    quint16 port = 0;

    static std::optional<Endpoint> parse(const QString &text);
    QString toString() const;
};

// The command line, parsed and checked in one place.
struct DemoOptions
{
    Q_DECLARE_TR_FUNCTIONS(DemoOptions)

public:
    enum class Panes { Both, Server, Client };
    struct Parsed;

    Panes panes = Panes::Both;
    quint16 serverPort = 0; // 0: any free one
    Endpoint target;        // of --client
    bool autostart = true;
    Theme::Mode theme = Theme::Mode::System;
    bool hasTheme = false; // otherwise the remembered one counts
    QString scene;
    QString screenshot;
    QSize size; // invalid: the remembered one, or the default
    int flood = 0;
    QString settingsFile;
    int exitAfter = -1; // ms; -1: never

    static QStringList sceneNames();
    static Parsed parse(const QStringList &arguments);

    bool isScripted() const; // then nothing is remembered
};

// Options, or what to print instead of running, and the status to end with.
struct DemoOptions::Parsed
{
    std::optional<DemoOptions> options;
    QString text;
    int status = 0;
};

#endif // DEMOOPTIONS_H
