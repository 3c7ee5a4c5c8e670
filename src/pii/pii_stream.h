/* pii_stream.h - scans a stream of any length in constant memory.
 *
 *     reader --> window of PII_STREAM_WINDOW bytes --pii_scan--> settled part --> callback (text, its spans)
 *                     ^                                             |
 *                     '--- the last bytes before the cut and all that stand behind it <--'
 *
 * The callback gets the whole stream, piece after piece; no finding crosses the end of a piece. A piece ends at least
 * PII_STREAM_AHEAD bytes before the end of the window, so that what begins in it was seen whole, and the next window begins
 * PII_STREAM_BEHIND bytes before it, so that words in front of a value still count. A finding longer than
 * PII_STREAM_AHEAD (64 KiB of Base64) may come as two that touch.
 *
 * Threads:  one scratch, one thread. Memory: the window, and the findings in it.
 * Input:    any bytes. Offsets are 64 bit, from the beginning of the stream, in bytes and in code points. */
#ifndef EHUB_PII_PII_STREAM_H
#define EHUB_PII_PII_STREAM_H

#include "pii/pii.h"

#define PII_STREAM_WINDOW (256u << 10)
#define PII_STREAM_AHEAD (16u << 10)
#define PII_STREAM_BEHIND (4u << 10)

/* Fills at most len bytes and says how many; 0 is the end. */
typedef ErrKind PiiReadFn(void *arg, char *bytes, size_t len, size_t *ret_n, Err *reterr);

typedef struct PiiPiece {
    Str text;
    uint64_t at;          /* of its first byte in the stream */
    uint64_t at_cp;       /* the same in code points, when they are counted; an invalid byte counts as one */
    const PiiSpan *spans; /* bytes within text, in order, not overlapping */
    size_t n;
    bool last; /* nothing follows; there is always exactly one such piece, maybe empty */
} PiiPiece;
typedef ErrKind PiiPieceFn(void *arg, const PiiPiece *p, Err *reterr);

typedef struct PiiStream {
    const PiiScanner *scanner;
    PiiScratch *scratch;
    size_t window;   /* 0: PII_STREAM_WINDOW; smaller ones (at least 64 bytes) are for tests */
    bool codepoints; /* count them */
    PiiReadFn *read;
    PiiPieceFn *piece;
    void *arg; /* of both */
} PiiStream;

/* The failure of the scan or of either function ends it. */
ErrKind MUST_USE pii_stream(const PiiStream *s, Err *reterr);

/* The same for text in memory, longer than PII_TEXT_MAX too; s->read is not used. */
ErrKind MUST_USE pii_stream_text(const PiiStream *s, Str text, Err *reterr);

#endif
