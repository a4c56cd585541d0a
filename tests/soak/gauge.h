// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GAUGE_H
#define GAUGE_H

#include <QtCore/qglobal.h>

#include <vector>

// What the process takes, looked at now and then.
class Gauge
{
public:
    void look(double seconds);
    bool report() const; // prints; returns whether the second half is flat

private:
    struct Sample
    {
        double seconds;
        qint64 resident; // bytes
        qint64 live;     // bytes allocated
        int descriptors;
    };
    double slope(qint64 Sample::*value) const; // of the second half, bytes a second

    std::vector<Sample> m_samples;
};

#endif // GAUGE_H
