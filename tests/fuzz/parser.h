// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PARSER_H
#define PARSER_H

#include <QtCore/qbytearray.h>

#include <vector>

// What a stream means, read in the plainest way there is: it shares no code with the library.
struct Parsed
{
    enum class End { BetweenFrames, InHeader, InPayload, TooLarge };
    struct Message
    {
        qsizetype at; // in the stream
        qsizetype size;
    };

    std::vector<Message> messages;
    End end = End::BetweenFrames;
    qsizetype frameAt = 0; // where the frame begins that is not whole
    qsizetype announced = 0;
};

// Goes on with parsed where it ended, in a stream that has grown.
inline void parseOn(Parsed *parsed, const char *stream, qsizetype size, qint64 maximum)
{
    while (parsed->end != Parsed::End::TooLarge) {
        const qsizetype left = size - parsed->frameAt;
        parsed->end = left == 0 ? Parsed::End::BetweenFrames : Parsed::End::InHeader;
        if (left < 4)
            return;
        qint64 length = 0;
        for (int i = 0; i < 4; ++i)
            length = length * 256 + static_cast<unsigned char>(stream[parsed->frameAt + i]);
        parsed->announced = qsizetype(length);
        parsed->end = length > maximum ? Parsed::End::TooLarge : Parsed::End::InPayload;
        if (length > maximum || left - 4 < length)
            return;
        parsed->messages.push_back({ parsed->frameAt + 4, qsizetype(length) });
        parsed->frameAt += 4 + qsizetype(length);
    }
}

#endif // PARSER_H
