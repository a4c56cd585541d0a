// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HOSTLOOKUP_P_H
#define HOSTLOOKUP_P_H

#include <QtCore/qobject.h>

#include <functional>

class QHostInfo;

// Asks for the addresses of a name, in a thread of Qt's.
class HostLookup : public QObject
{
    Q_OBJECT
public:
    // May delete this.
    explicit HostLookup(const std::function<void(const QHostInfo &)> &found);
    ~HostLookup() override;
    void begin(const QString &name);

private Q_SLOTS:
    void finished(const QHostInfo &info);

private:
    const std::function<void(const QHostInfo &)> m_found;
    int m_id = -1;
};

#endif // HOSTLOOKUP_P_H
