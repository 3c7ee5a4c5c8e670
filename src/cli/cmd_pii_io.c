/* cmd_pii_io.c - streams of ehub pii: input with progress, JSON lines, output. See cmd_pii.h. */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cmd_pii.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_AT (64u << 10)
#define READ_BYTES (64u << 10)
#define MIB 1048576.0

/* ---- input ---- */

ErrKind cmd_pii_in_open(CmdPiiIn *in, const char *path, Err *reterr)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an EPIPE, and no failure */
    bool standard = !path || strcmp(path, "-") == 0;
    *in = (CmdPiiIn){
        .fd = STDIN_FILENO, .name = standard ? "standard input" : path, .opened_us = clock_mono_us()};
    if (!standard)
        in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0)
        return err_set_errno(reterr,
                             errno == ENOENT   ? ERR_NOT_FOUND
                             : errno == EACCES ? ERR_DENIED
                                               : ERR_IO,
                             errno, "open %s", path);
    struct stat st;
    if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        in->length = (uint64_t)st.st_size;
    return ERR_NONE;
}

void cmd_pii_in_done(CmdPiiIn *in)
{
    cli_progress_end();
    if (in->fd > STDIN_FILENO)
        close(in->fd);
}

static bool would_block(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

ErrKind cmd_pii_read(CmdPiiIn *in, CmdPiiOut *out, char *bytes, size_t len, size_t *ret_n, Err *reterr)
{
    if (out->buf.len > 0 && would_block(in->fd))
        TRY(cmd_pii_flush(out, reterr));
    ssize_t n;
    do
        n = read(in->fd, bytes, MIN(len, READ_BYTES));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set_errno(reterr, ERR_IO, errno, "read %s", in->name);
    in->done += (uint64_t)n;
    if (in->length > 0 && clock_mono_us() - in->opened_us > US_PER_S)
        cli_progress("%.1f of %.1f MiB", (double)in->done / MIB, (double)MAX(in->length, in->done) / MIB);
    *ret_n = (size_t)n;
    return ERR_NONE;
}

/* ---- output ---- */

ErrKind cmd_pii_flush(CmdPiiOut *out, Err *reterr)
{
    TRY(buf_check(&out->buf, reterr));
    size_t done = 0;
    while (done < out->buf.len) {
        ssize_t n = write(STDOUT_FILENO, out->buf.ptr + done, out->buf.len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EPIPE) {
            out->closed = true;
            return err_set(reterr, ERR_CANCELLED, "standard output was closed");
        } else if (errno != EINTR) {
            return err_set_errno(reterr, ERR_IO, errno, "write standard output");
        }
    }
    buf_clear(&out->buf);
    return ERR_NONE;
}

ErrKind cmd_pii_wrote(CmdPiiOut *out, Err *reterr)
{
    return out->buf.len >= FLUSH_AT || out->buf.failed ? cmd_pii_flush(out, reterr) : ERR_NONE;
}

ErrKind cmd_pii_finish(CmdPiiOut *out, ErrKind kind, Err *reterr)
{
    Err late;
    ErrKind flushed = out->closed ? ERR_NONE : cmd_pii_flush(out, &late);
    if (out->closed)
        return ERR_NONE;
    if (kind == ERR_NONE && flushed != ERR_NONE && reterr)
        *reterr = late;
    return kind != ERR_NONE ? kind : flushed;
}

/* ---- JSON lines ---- */

typedef struct Lines {
    CmdPiiOut *out;
    CmdPiiLineFn *fn;
    void *arg;
    uint64_t n, n_bad;
    bool skipping; /* the rest of a line that is too long */
} Lines;

static void bad_line(Lines *l, const char *why)
{
    Jw w = jw(&l->out->buf);
    jw_obj(&w);
    jw_kv_i64(&w, "line", (int64_t)l->n);
    jw_kv_cstr(&w, "error", why);
    jw_end(&w);
    l->n_bad++;
}

/* "\ud83d" at p: its value; 0 when it is none. */
static unsigned escape_at(Str s, size_t p)
{
    unsigned v = 0;
    if (p + 6 > s.len || s.ptr[p] != '\\' || s.ptr[p + 1] != 'u')
        return 0;
    for (size_t i = p + 2; i < p + 6; i++) {
        unsigned char c = (unsigned char)s.ptr[i], low = c | 32;
        if ((c < '0' || c > '9') && (low < 'a' || low > 'f'))
            return 0;
        v = v << 4 | (c <= '9' ? (unsigned)(c - '0') : low - 'a' + 10u);
    }
    return v;
}

/* How much of s at p can stay; 0: a byte that is no UTF-8. *ret_half: half of a pair of surrogates, as a text has that was
 * cut inside of an emoji. */
static size_t sound(Str s, size_t p, bool *ret_half)
{
    unsigned char c = (unsigned char)s.ptr[p];
    *ret_half = false;
    if (c == '\\') {
        unsigned v = escape_at(s, p);
        *ret_half = v >= 0xd800 && v <= 0xdfff;
        if (v < 0xd800 || v > 0xdbff)
            return MIN(v ? (size_t)6 : (size_t)2, s.len - p);
        unsigned low = escape_at(s, p + 6);
        *ret_half = low < 0xdc00 || low > 0xdfff;
        return *ret_half ? 6 : 12;
    }
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return n == 1 || (p + n <= s.len && str_is_utf8((Str){s.ptr + p, n}, NULL)) ? n : 0;
}

/* The line with U+FFFD for what JSON cannot hold. */
static void mend(Str line, Buf *ret)
{
    for (size_t p = 0, n; p < line.len; p += MAX(n, (size_t)1)) {
        bool half;
        n = sound(line, p, &half);
        if (half || n == 0)
            buf_add(ret, "\xef\xbf\xbd", 3);
        else
            buf_add(ret, line.ptr + p, n);
    }
}

/* Any bytes are text: what is no UTF-8 counts as one code point a byte. */
static ErrKind parse_line(Str line, Jv **ret, Err *why)
{
    ErrKind kind = jv_parse(line, ret, why);
    if (kind == ERR_NONE)
        return kind;
    CLEANUP(buf_done) Buf mended = BUF(3 * (CMD_PII_LINE_MAX + 1));
    mend(line, &mended);
    return mended.failed || str_eq(buf_str(&mended), line) ? kind : jv_parse(buf_str(&mended), ret, why);
}

static ErrKind one_line(Lines *l, Str line, Err *reterr)
{
    if (l->n++ == 0 &&
        str_starts(line, STR("\xef\xbb\xbf"))) /* the mark that some programs begin a file with */
        line = str_slice(line, 3, line.len);
    CLEANUP(jv_freep) Jv *v = NULL;
    Err why;
    Str text;
    if (line.len > CMD_PII_LINE_MAX) {
        err_set(&why, ERR_LIMIT, "the line is longer than %u bytes", CMD_PII_LINE_MAX);
        bad_line(l, why.msg);
    } else if (parse_line(line, &v, &why) != ERR_NONE) {
        char *near = strstr(why.msg, " near "); /* what follows is of the line, and may be personal */
        if (near)
            *near = '\0';
        bad_line(l, why.msg);
    } else if (jv_kind(v) != JV_OBJ || !jv_is_str(jv_get(v, "text"), &text)) {
        bad_line(l, "not an object with a string \"text\"");
    } else {
        TRY(l->fn(l->arg, v, text, &l->out->buf, reterr));
    }
    buf_add_char(&l->out->buf, '\n');
    return cmd_pii_wrote(l->out, reterr);
}

/* All whole lines of pending; the rest stays. At the end the rest is a line too. */
static ErrKind take_lines(Lines *l, Buf *pending, bool end, Err *reterr)
{
    size_t at = 0;
    while (at < pending->len) {
        const char *from = pending->ptr + at, *eol = memchr(from, '\n', pending->len - at);
        if (!eol && !end)
            break;
        size_t len = eol ? (size_t)(eol - from) : pending->len - at;
        if (!l->skipping)
            TRY(one_line(l, (Str){from, len}, reterr));
        l->skipping = false;
        at += MIN(len + 1, pending->len - at);
    }
    buf_consume(pending, at);
    if (pending->len > CMD_PII_LINE_MAX) {
        if (!l->skipping)
            TRY(one_line(l, buf_str(pending), reterr));
        l->skipping = true;
        buf_clear(pending);
    }
    return ERR_NONE;
}

ErrKind cmd_pii_lines(CmdPiiIn *in, CmdPiiOut *out, CmdPiiLineFn *fn, void *arg, Err *reterr)
{
    Lines l = {.out = out, .fn = fn, .arg = arg};
    CLEANUP(buf_done) Buf pending = BUF(CMD_PII_LINE_MAX + 2 * READ_BYTES);
    size_t n;
    do {
        char *room = buf_room(&pending, READ_BYTES);
        BUG_ON(!room);
        TRY(cmd_pii_read(in, out, room, READ_BYTES, &n, reterr));
        buf_advance(&pending, n);
        TRY(take_lines(&l, &pending, n == 0, reterr));
    } while (n > 0);
    if (l.n_bad > 0)
        return err_set(reterr, ERR_INVALID, "%llu of %llu lines have no text: see the lines with \"error\"",
                       (unsigned long long)l.n_bad, (unsigned long long)l.n);
    return ERR_NONE;
}
