// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SENDLIMIT_H
#define SENDLIMIT_H

// What the system takes on one descriptor: so many bytes from now on, and then nothing more.
namespace SendLimit {

void set(int descriptor, long bytes);
void lift();

} // namespace SendLimit

#endif // SENDLIMIT_H
