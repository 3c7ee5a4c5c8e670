/* crm_csv.c - the window over the text always holds a whole record (or the end of the file) before one is
 * parsed, so the parser keeps no state between calls and a broken record can be read again from any place in
 * it. */
#include "crm/crm_csv.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW (4u * CRM_CSV_RECORD_MAX)
#define DECODE_CHUNK (64u << 10)

struct CrmCsv {
    /* where the bytes come from */
    int fd; /* -1: memory */
    char *path;
    Str mem;
    int64_t size;
    int64_t bytes_read;
    CrmEncoding encoding;
    size_t bom;
    uint8_t *undecoded;
    size_t n_undecoded;
    bool at_eof;
    /* the window of text */
    char *window;
    size_t pos, len;
    int64_t offset; /* of window[pos] in the text, with a UTF-8 byte order mark counted */
    int64_t line;   /* of window[pos] */
    char delimiter;
    uint8_t stops[256]; /* bytes that end an unquoted field */
    Buf unescaped;
    Str fields[CRM_CSV_FIELDS_MAX];
    CrmCsvRecord rec;
};

/* ---- bytes
 * ---------------------------------------------------------------------------------------------------- */

static ErrKind read_bytes(CrmCsv *c, void *out, size_t want, size_t *ret_got, Err *reterr)
{
    if (c->fd < 0) {
        *ret_got = MIN(want, c->mem.len - (size_t)c->bytes_read);
        if (*ret_got)
            memcpy(out, c->mem.ptr + c->bytes_read, *ret_got);
        c->bytes_read += (int64_t)*ret_got;
        return ERR_NONE;
    }
    for (;;) {
        ssize_t n = pread(c->fd, out, want, c->bytes_read);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(reterr, ERR_IO, errno, "read %s", c->path);
        *ret_got = (size_t)n;
        c->bytes_read += n;
        return ERR_NONE;
    }
}

static size_t put_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* 0x80..0x9F of windows-1252 (WHATWG Encoding Standard, index-windows-1252); five bytes are C1 controls
 * there. */
static const uint16_t WINDOWS_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static size_t decode_1252(const uint8_t *in, size_t n, char *out)
{
    size_t o = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t b = in[i];
        o += put_utf8(out + o, b >= 0x80 && b < 0xA0 ? WINDOWS_1252[b - 0x80] : b);
    }
    return o;
}

/* Gives the number of bytes taken. A half pair becomes 0xFF, which is never valid UTF-8: its row is rejected
 * there. */
static size_t decode_utf16(const uint8_t *in, size_t n, bool big, bool last, char *out, size_t *ret_len)
{
    size_t o = 0, i = 0;
    int hi = big ? 0 : 1, lo = big ? 1 : 0;
    while (i + 1 < n) {
        uint32_t u = (uint32_t)in[i + (size_t)hi] << 8 | in[i + (size_t)lo];
        size_t take = 2;
        if (u >= 0xD800 && u < 0xDC00) {
            if (i + 3 >= n && !last)
                break;
            uint32_t v = i + 3 < n ? (uint32_t)in[i + 2 + (size_t)hi] << 8 | in[i + 2 + (size_t)lo] : 0;
            if (v >= 0xDC00 && v < 0xE000) {
                o += put_utf8(out + o, 0x10000 + ((u - 0xD800) << 10) + (v - 0xDC00));
                take = 4;
            } else {
                out[o++] = (char)0xFF;
            }
        } else if (u >= 0xDC00 && u < 0xE000) {
            out[o++] = (char)0xFF;
        } else {
            o += put_utf8(out + o, u);
        }
        i += take;
    }
    if (last && i < n) {
        out[o++] = (char)0xFF;
        i = n;
    }
    *ret_len = o;
    return i;
}

/* Adds text to the window; at_eof when there is no more. The window has room for 3 bytes for each one
 * decoded. */
static ErrKind more_text(CrmCsv *c, Err *reterr)
{
    size_t room = WINDOW - c->len, got = 0;
    if (c->encoding == CRM_ENCODING_UTF8) {
        TRY(read_bytes(c, c->window + c->len, room, &got, reterr));
        c->len += got;
        c->at_eof = got == 0;
        return ERR_NONE;
    }
    size_t want = MIN(DECODE_CHUNK, room / 3);
    TRY(read_bytes(c, c->undecoded + c->n_undecoded, want - c->n_undecoded, &got, reterr));
    size_t n = c->n_undecoded + got, taken = n, made;
    if (c->encoding == CRM_ENCODING_WINDOWS_1252)
        made = decode_1252(c->undecoded, n, c->window + c->len);
    else
        taken = decode_utf16(c->undecoded, n, c->encoding == CRM_ENCODING_UTF16BE, got == 0,
                             c->window + c->len, &made);
    c->len += made;
    c->n_undecoded = n - taken;
    memmove(c->undecoded, c->undecoded + taken, c->n_undecoded);
    c->at_eof = got == 0;
    return ERR_NONE;
}

/* After this the window holds more than one whole record, or all that is left. */
static ErrKind fill(CrmCsv *c, Err *reterr)
{
    if (c->at_eof || c->len - c->pos > CRM_CSV_RECORD_MAX + 1)
        return ERR_NONE;
    memmove(c->window, c->window + c->pos, c->len - c->pos);
    c->len -= c->pos;
    c->pos = 0;
    while (!c->at_eof && c->len < WINDOW - 3 * DECODE_CHUNK)
        TRY(more_text(c, reterr));
    return ERR_NONE;
}

/* ---- lines
 * ---------------------------------------------------------------------------------------------------- */

static size_t line_end_len(const char *p, const char *end)
{
    if (p < end && *p == '\n')
        return 1;
    if (p < end && *p == '\r')
        return p + 1 < end && p[1] == '\n' ? 2 : 1;
    return 0;
}

static const char *find_line_end(const char *p, const char *end)
{
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    return p;
}

static int64_t count_lines(const char *p, const char *end, const char **ret_last_start)
{
    int64_t n = 0;
    while ((p = find_line_end(p, end)) < end) {
        p += line_end_len(p, end);
        *ret_last_start = p;
        n++;
    }
    return n;
}

/* Sets the fault and its place. */
static void set_fault(CrmCsv *c, CrmCsvFault fault, const char *start, const char *at)
{
    const char *line_start = start;
    c->rec.fault = fault;
    c->rec.fault_line = c->line + count_lines(start, at, &line_start);
    c->rec.fault_column = at - line_start + 1;
    c->rec.n_fields = 0;
}

/* ---- records
 * -------------------------------------------------------------------------------------------------- */

/* The end of a quoted field that starts behind `p` (its opening quote). NULL: never closed before `end`. */
static const char *closing_quote(const char *p, const char *end, bool *ret_doubled)
{
    *ret_doubled = false;
    for (p++;;) {
        p = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;
        if (!p)
            return NULL;
        if (p + 1 >= end || p[1] != '"')
            return p;
        *ret_doubled = true;
        p += 2;
    }
}

static Str unescape(CrmCsv *c, const char *p, const char *end)
{
    size_t from = c->unescaped.len;
    while (p < end) {
        const char *q = memchr(p, '"', (size_t)(end - p));
        const char *stop = q ? q + 1 : end; /* with the first of the two quotes */
        buf_add(&c->unescaped, p, (size_t)(stop - p));
        p = q ? q + 2 : end;
    }
    return (Str){c->unescaped.ptr + from, c->unescaped.len - from};
}

/* One field; gives the place behind it, or NULL with the fault set when a quote is broken. A field that is
 * only too long sets the fault too, but is passed over. */
static const char *parse_field(CrmCsv *c, const char *start, const char *p, const char *end, Str *ret)
{
    if (p >= end || *p != '"') {
        const char *q = p;
        while (q < end && !c->stops[(uint8_t)*q])
            q++;
        *ret = (Str){p, (size_t)(q - p)};
        if (ret->len > CRM_CSV_FIELD_MAX)
            set_fault(c, CRM_CSV_LONG_FIELD, start, p);
        return q;
    }
    bool doubled;
    const char *close = closing_quote(p, end, &doubled);
    if (!close) {
        set_fault(c, CRM_CSV_OPEN_QUOTE, start, p);
        return NULL;
    }
    if (close + 1 < end && !c->stops[(uint8_t)close[1]]) {
        set_fault(c, CRM_CSV_AFTER_QUOTE, start, close + 1);
        return NULL;
    }
    if (close - p - 1 > (ptrdiff_t)CRM_CSV_FIELD_MAX)
        set_fault(c, CRM_CSV_LONG_FIELD, start, p);
    *ret = doubled ? unescape(c, p + 1, close) : (Str){p + 1, (size_t)(close - p - 1)};
    return close + 1;
}

/* Everything of the record but its line end. NULL: a broken quote, in the field that starts at *ret_bad. */
static const char *parse_fields(CrmCsv *c, const char *start, const char *end, const char **ret_bad)
{
    const char *p = start;
    for (int n = 0;; n++) {
        *ret_bad = p;
        if (n == CRM_CSV_FIELDS_MAX)
            set_fault(c, CRM_CSV_MANY_FIELDS, start, p);
        p = parse_field(c, start, p, end, &c->fields[MIN(n, CRM_CSV_FIELDS_MAX - 1)]);
        if (!p)
            return NULL;
        if (p >= end || *p != c->delimiter) {
            c->rec.n_fields = c->rec.fault == CRM_CSV_NONE ? n + 1 : 0;
            return p;
        }
        p++;
    }
}

/* Leaves the window behind the record's line end. */
static void finish_record(CrmCsv *c, const char *start, const char *stop, const char *end)
{
    const char *after = stop + line_end_len(stop, end), *unused = NULL;
    c->rec.line = c->line;
    c->rec.raw = (Str){start, (size_t)(stop - start)};
    c->line += count_lines(start, after, &unused);
    c->pos += (size_t)(after - start);
    c->offset += after - start;
    c->rec.offset = c->offset;
    c->rec.next_line = c->line;
    c->rec.fields = c->fields;
}

/* A line without an end inside the limit: `raw` keeps its beginning, the rest is passed over. */
static ErrKind skip_long_line(CrmCsv *c, Err *reterr)
{
    for (;;) {
        const char *p = c->window + c->pos, *end = c->window + c->len, *stop = find_line_end(p, end);
        bool whole = stop < end && (stop + 1 < end || c->at_eof); /* a CR at the edge may be half of CRLF */
        const char *to = whole ? stop + line_end_len(stop, end) : stop;
        c->pos += (size_t)(to - p);
        c->offset += to - p;
        if (whole || c->at_eof) {
            c->line += whole;
            c->rec.offset = c->offset;
            c->rec.next_line = c->line;
            return ERR_NONE;
        }
        TRY(fill(c, reterr));
    }
}

static ErrKind long_record(CrmCsv *c, const char *start, const char *limit, Err *reterr)
{
    c->rec.line = c->line;
    c->rec.fields = c->fields;
    set_fault(c, CRM_CSV_LONG_RECORD, start, start);
    /* The window moves below, so the part that is kept is copied. */
    buf_clear(&c->unescaped);
    buf_add(&c->unescaped, start, (size_t)(limit - start));
    c->rec.raw = buf_str(&c->unescaped);
    return skip_long_line(c, reterr);
}

static ErrKind parse_record(CrmCsv *c, Err *reterr)
{
    const char *start = c->window + c->pos, *end = c->window + c->len, *bad = NULL;
    const char *limit = MIN(end, start + CRM_CSV_RECORD_MAX);
    c->rec = (CrmCsvRecord){0};
    buf_clear(&c->unescaped);
    const char *stop = parse_fields(c, start, limit, &bad);
    if (!stop) /* goes on with the line after the one where the bad field starts */
        stop = find_line_end(bad, limit);
    if (stop == limit && limit < end && line_end_len(stop, end) == 0)
        return long_record(c, start, limit, reterr);
    finish_record(c, start, stop, end);
    if (c->rec.fault != CRM_CSV_NONE)
        return ERR_NONE;
    int64_t line_after = c->line;
    c->line = c->rec.line; /* faults are counted from the start of the record */
    size_t at;
    const char *nul = memchr(start, 0, c->rec.raw.len);
    if (nul)
        set_fault(c, CRM_CSV_NUL, start, nul);
    else if (!str_is_utf8(c->rec.raw, &at))
        set_fault(c, CRM_CSV_BAD_UTF8, start, start + at);
    c->line = line_after;
    return ERR_NONE;
}

ErrKind crm_csv_next(CrmCsv *c, const CrmCsvRecord **ret, Err *reterr)
{
    *ret = NULL;
    for (;;) {
        TRY(fill(c, reterr));
        if (c->pos == c->len)
            return ERR_NONE;
        size_t blank = line_end_len(c->window + c->pos, c->window + c->len);
        if (blank == 0)
            break;
        c->pos += blank;
        c->offset += (int64_t)blank;
        c->line++;
    }
    TRY(parse_record(c, reterr));
    *ret = &c->rec;
    return ERR_NONE;
}

/* ---- life
 * ----------------------------------------------------------------------------------------------------- */

static void set_delimiter(CrmCsv *c, char d)
{
    c->delimiter = d;
    memset(c->stops, 0, sizeof c->stops);
    c->stops[(uint8_t)d] = c->stops['\n'] = c->stops['\r'] = 1;
}

/* The one that stands most often in the first line that is not blank, outside quotes; comma when none does.
 */
static char detect_delimiter(const char *p, const char *end)
{
    static const char CANDIDATES[] = ",;\t|";
    int counts[4] = {0};
    bool quoted = false;
    while (p < end && line_end_len(p, end))
        p++;
    for (; p < end && (quoted || !line_end_len(p, end)); p++) {
        if (*p == '"')
            quoted = !quoted;
        for (int i = 0; i < 4 && !quoted; i++)
            counts[i] += *p == CANDIDATES[i];
    }
    int best = 0;
    for (int i = 1; i < 4; i++)
        if (counts[i] > counts[best])
            best = i;
    return CANDIDATES[best];
}

/* Byte order marks; without one, UTF-16 shows itself by a zero beside the first (ASCII) letter of the header.
 */
static CrmEncoding detect_encoding(const uint8_t *b, size_t n, size_t *ret_bom)
{
    *ret_bom = 0;
    if (n >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        *ret_bom = 3;
        return CRM_ENCODING_UTF8;
    }
    if (n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
        *ret_bom = 2;
        return b[0] == 0xFF ? CRM_ENCODING_UTF16LE : CRM_ENCODING_UTF16BE;
    }
    if (n >= 4 && b[0] && !b[1] && b[2] && !b[3])
        return CRM_ENCODING_UTF16LE;
    if (n >= 4 && !b[0] && b[1] && !b[2] && b[3])
        return CRM_ENCODING_UTF16BE;
    return CRM_ENCODING_UTF8;
}

/* Forgets the window and starts at the beginning of the text. */
static ErrKind rewind_text(CrmCsv *c, Err *reterr)
{
    c->pos = c->len = c->n_undecoded = 0;
    c->at_eof = false;
    c->bytes_read = (int64_t)c->bom;
    c->offset = c->encoding == CRM_ENCODING_UTF8 ? (int64_t)c->bom : 0;
    c->line = 1;
    return fill(c, reterr);
}

static ErrKind start(CrmCsv *c, CrmEncoding encoding, char delimiter, Err *reterr)
{
    uint8_t head[4];
    size_t n = 0;
    TRY(read_bytes(c, head, sizeof head, &n, reterr));
    CrmEncoding seen = detect_encoding(head, n, &c->bom);
    if (encoding != CRM_ENCODING_AUTO && encoding != seen && c->bom == 0)
        seen = encoding; /* a byte order mark wins over what the mapping says */
    c->encoding = seen;
    c->window = mem_array(WINDOW, 1);
    c->undecoded = seen == CRM_ENCODING_UTF8 ? NULL : mem_array(DECODE_CHUNK, 1);
    c->unescaped = BUF(CRM_CSV_RECORD_MAX + 1);
    /* Fields are views into it while it is filled, so it never moves: room for a whole record at once. */
    if (!buf_room(&c->unescaped, CRM_CSV_RECORD_MAX))
        return err_set(reterr, ERR_LIMIT, "no room for a record");
    TRY(rewind_text(c, reterr));
    set_delimiter(c, delimiter ? delimiter : detect_delimiter(c->window, c->window + c->len));
    return ERR_NONE;
}

ErrKind crm_csv_open_mem(Str bytes, CrmEncoding encoding, char delimiter, CrmCsv **ret, Err *reterr)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = MEM_NEW(CrmCsv);
    c->fd = -1;
    c->path = mem_strdup("(memory)");
    c->mem = bytes;
    c->size = (int64_t)bytes.len;
    TRY(start(c, encoding, delimiter, reterr));
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

ErrKind crm_csv_open(const char *path, CrmEncoding encoding, char delimiter, CrmCsv **ret, Err *reterr)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = MEM_NEW(CrmCsv);
    c->path = mem_strdup(path);
    c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (c->fd < 0)
        return err_set_errno(reterr,
                             errno == ENOENT   ? ERR_NOT_FOUND
                             : errno == EACCES ? ERR_DENIED
                                               : ERR_IO,
                             errno, "open %s", path);
    struct stat st;
    if (fstat(c->fd, &st) != 0)
        return err_set_errno(reterr, ERR_IO, errno, "stat %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(reterr, ERR_INVALID, "%s is not a regular file", path);
    c->size = st.st_size;
    posix_fadvise(c->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    TRY(start(c, encoding, delimiter, reterr));
    *ret = c;
    c = NULL;
    return ERR_NONE;
}

void crm_csv_free(CrmCsv *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    mem_free(c->path);
    mem_free(c->undecoded);
    mem_free(c->window);
    buf_done(&c->unescaped);
    mem_free(c);
}

ErrKind crm_csv_seek(CrmCsv *c, int64_t offset, int64_t line, Err *reterr)
{
    if (c->encoding == CRM_ENCODING_UTF8) {
        c->pos = c->len = 0;
        c->at_eof = false;
        c->bytes_read = MIN(MAX(offset, (int64_t)c->bom), c->size);
    } else { /* offsets are of the decoded text: decode again up to there */
        TRY(rewind_text(c, reterr));
        while (c->offset < offset && c->pos < c->len) {
            size_t step = (size_t)MIN((int64_t)(c->len - c->pos), offset - c->offset);
            c->pos += step;
            c->offset += (int64_t)step;
            TRY(fill(c, reterr));
        }
    }
    c->offset = offset;
    c->line = line;
    return fill(c, reterr);
}

CrmEncoding crm_csv_encoding(const CrmCsv *c)
{
    return c->encoding;
}

char crm_csv_delimiter(const CrmCsv *c)
{
    return c->delimiter;
}

int64_t crm_csv_bytes_read(const CrmCsv *c)
{
    return c->bytes_read - (int64_t)(c->len - c->pos);
}

int64_t crm_csv_size(const CrmCsv *c)
{
    return c->size;
}

const char *crm_csv_fault_text(CrmCsvFault fault)
{
    static const char *const TEXTS[] = {
#define X(name, text) text,
        CRM_CSV_FAULTS(X)
#undef X
    };
    return TEXTS[fault];
}
