// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "gauge.h"

#include <QtCore/qdir.h>

#include <memoryinuse.h>

#include <algorithm>
#include <cstdio>

namespace {

constexpr double Minute = 60;
constexpr double KiB = 1024;
// A leak of 100 bytes for each connection that ends, or of 1 for 1000 messages, is more.
constexpr double SteepestSlope = 512 * KiB / Minute;
constexpr double ShortestJudged = 4 * Minute; // before that memory is still finding its level
constexpr int DescriptorSpread = 200;         // every connection ending and beginning at once

int descriptorCount()
{
    const QDir folder(QStringLiteral("/proc/self/fd"));
    return int(folder.entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System).size());
}

} // namespace

void Gauge::look(double seconds)
{
    m_samples.push_back({ seconds, residentBytes(), liveBytes(), descriptorCount() });
}

// Least squares.
double Gauge::slope(qint64 Sample::*value) const
{
    const auto first = m_samples.begin() + std::ptrdiff_t(m_samples.size() / 2);
    const double count = double(m_samples.end() - first);
    double meanTime = 0;
    double meanValue = 0;
    for (auto it = first; it != m_samples.end(); ++it) {
        meanTime += it->seconds / count;
        meanValue += double((*it).*value) / count;
    }
    double product = 0;
    double square = 0;
    for (auto it = first; it != m_samples.end(); ++it) {
        product += (it->seconds - meanTime) * (double((*it).*value) - meanValue);
        square += (it->seconds - meanTime) * (it->seconds - meanTime);
    }
    return square > 0 ? product / square : 0;
}

bool Gauge::report() const
{
    if (m_samples.empty())
        return false;
    const auto kib = [](qint64 bytes) { return double(bytes) / KiB; };
    const Sample &start = m_samples.front();
    const Sample &middle = m_samples[m_samples.size() / 2];
    const Sample &end = m_samples.back();
    const double resident = slope(&Sample::resident);
    std::printf("resident memory, KiB: start %.0f, middle %.0f, end %.0f, slope %.1f a minute\n",
                kib(start.resident), kib(middle.resident), kib(end.resident),
                resident * Minute / KiB);
    std::printf("allocated, KiB: start %.0f, middle %.0f, end %.0f, slope %.1f a minute\n",
                kib(start.live), kib(middle.live), kib(end.live),
                slope(&Sample::live) * Minute / KiB);
    const auto [least, most] = std::minmax_element(
            m_samples.begin() + std::ptrdiff_t(m_samples.size() / 2), m_samples.end(),
            [](const Sample &a, const Sample &b) { return a.descriptors < b.descriptors; });
    std::printf("descriptors: start %d, middle %d, end %d; second half %d to %d\n",
                start.descriptors, middle.descriptors, end.descriptors, least->descriptors,
                most->descriptors);
    const bool isJudged = end.seconds >= ShortestJudged;
    return !isJudged
           || (resident < SteepestSlope
               && most->descriptors - least->descriptors < DescriptorSpread);
}
