// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/hostlookup_p.h>

#include <QtNetwork/qhostinfo.h>

HostLookup::HostLookup(const std::function<void(const QHostInfo &)> &found)
    : m_found(found)
{}

HostLookup::~HostLookup()
{
    if (m_id >= 0)
        QHostInfo::abortHostLookup(m_id);
}

// By a slot: of a lookup that is given up Qt leaks the functor (6.4.2, qhostinfo.cpp).
void HostLookup::begin(const QString &name)
{
    m_id = QHostInfo::lookupHost(name, this, SLOT(finished(QHostInfo)));
}

void HostLookup::finished(const QHostInfo &info)
{
    m_id = -1;
    const auto found = m_found;
    found(info);
}
