// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCARCEDESCRIPTORS_H
#define SCARCEDESCRIPTORS_H

#include <QtCore/qglobal.h>

#include <fcntl.h>
#include <sys/resource.h>

// Lowers the limit of descriptors so that only `spare` more can be opened, until it goes away.
class ScarceDescriptors
{
public:
    explicit ScarceDescriptors(int spare)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        rlimit scarce = m_before;
        scarce.rlim_cur = 0;
        for (int left = spare; left >= 0; ++scarce.rlim_cur)
            left -= ::fcntl(int(scarce.rlim_cur), F_GETFD) < 0; // a free one
        --scarce.rlim_cur;
        ::setrlimit(RLIMIT_NOFILE, &scarce);
    }
    ~ScarceDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }

private:
    Q_DISABLE_COPY_MOVE(ScarceDescriptors)
    rlimit m_before;
};

#endif // SCARCEDESCRIPTORS_H
