/* pii_stream.c - windows over a stream: what is settled, what is kept. See pii_stream.h. */
#include "pii/pii_stream.h"

#include "base/mem.h"

#define SCAN_MIN 4096

typedef struct Run {
    const PiiStream *s;
    char *buf;
    size_t cap, len;
    size_t settled; /* bytes of buf that were given away: context only */
    uint64_t base;  /* of buf[0] in the stream */
    uint64_t cps;   /* before buf[settled] */
    bool end;
    PiiFound found;
    PiiSpan carry; /* from buf[settled]: the rest of a finding that was cut; end 0: none */
} Run;

static ErrKind fill(Run *r, Err *reterr)
{
    while (r->len < r->cap && !r->end) {
        size_t n = 0;
        TRY(r->s->read(r->s->arg, r->buf + r->len, r->cap - r->len, &n, reterr));
        r->end = n == 0;
        r->len += n;
    }
    return ERR_NONE;
}

/* So many findings that the limit of one call is reached: half the text at a time. */
static ErrKind scan(Run *r, size_t *ret_len, Err *reterr)
{
    for (size_t len = r->len;; len = MAX(len / 2, r->settled + SCAN_MIN)) {
        ErrKind kind = pii_scan(r->s->scanner, r->s->scratch, (Str){r->buf, len}, &r->found, reterr);
        *ret_len = len;
        if (kind != ERR_LIMIT || len <= r->settled + SCAN_MIN)
            return kind;
    }
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Findings of the part before were given already; one that reaches over its end is cut to what is new. */
static void drop_settled(Run *r)
{
    size_t n = 0;
    size_t from = MAX(r->settled, (size_t)r->carry.end);
    for (size_t i = 0; i < r->found.n; i++) {
        PiiSpan s = r->found.spans[i];
        if (s.end <= from)
            continue;
        s.start = MAX(s.start, (uint32_t)from);
        r->found.spans[n++] = s;
    }
    r->found.n = n;
}

static void put_carry(Run *r)
{
    if (r->carry.end == 0)
        return;
    PiiFound *f = &r->found;
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 64;
        f->spans = mem_grow(f->spans, f->cap, sizeof *f->spans);
    }
    if (f->n > 0)
        memmove(f->spans + 1, f->spans, f->n * sizeof *f->spans);
    f->spans[0] = r->carry;
    f->n++;
    r->carry = (PiiSpan){0};
}

/* Where the piece ends: in no finding and no character when that is possible, but always behind its beginning. */
static size_t choose_cut(const Run *r, size_t len)
{
    size_t ahead = MIN(PII_STREAM_AHEAD, (len - r->settled) / 4);
    size_t cut = len - ahead;
    for (int i = 0; i < 3 && cut < len && cut > r->settled + 1 && continues(r->buf[cut]); i++)
        cut--;
    for (size_t i = r->found.n; i-- > 0;) {
        const PiiSpan *s = &r->found.spans[i];
        if (s->start < cut && s->end > cut) {
            if (s->start > r->settled)
                cut = s->start;
            break;
        }
    }
    return cut;
}

/* A finding that begins the piece and reaches over its end is given in two: the rest is carried. */
static size_t spans_before(Run *r, size_t cut)
{
    size_t n = 0;
    while (n < r->found.n && r->found.spans[n].start < cut)
        n++;
    if (n > 0 && r->found.spans[n - 1].end > cut) {
        r->carry = r->found.spans[n - 1];
        r->carry.start = (uint32_t)cut;
        r->found.spans[n - 1].end = (uint32_t)cut;
    }
    return n;
}

static uint64_t count_codepoints(Str text)
{
    PiiSpan end = {.start = (uint32_t)text.len, .end = (uint32_t)text.len};
    pii_codepoints(text, &end, 1);
    return end.end;
}

static ErrKind give(Run *r, size_t cut, bool last, Err *reterr)
{
    size_t n = spans_before(r, cut);
    for (size_t i = 0; i < n; i++) {
        r->found.spans[i].start -= (uint32_t)r->settled;
        r->found.spans[i].end -= (uint32_t)r->settled;
    }
    PiiPiece p = {.text = {r->buf + r->settled, cut - r->settled},
                  .at = r->base + r->settled,
                  .at_cp = r->cps,
                  .spans = r->found.spans,
                  .n = n,
                  .last = last};
    TRY(r->s->piece(r->s->arg, &p, reterr));
    if (r->s->codepoints)
        r->cps += count_codepoints(p.text);
    return ERR_NONE;
}

static void keep(Run *r, size_t cut)
{
    size_t from = cut - MIN(cut, MIN(PII_STREAM_BEHIND, r->cap / 8));
    /* A window begins with a word where that is near, so that no half of a number looks like a whole one. */
    for (size_t i = from; i < cut; i++)
        if (r->buf[i] == ' ' || r->buf[i] == '\n') {
            from = i;
            break;
        }
    memmove(r->buf, r->buf + from, r->len - from);
    r->len -= from;
    r->base += from;
    r->settled = cut - from;
    if (r->carry.end > 0) {
        r->carry.start -= (uint32_t)from;
        r->carry.end -= (uint32_t)from;
    }
}

static ErrKind run(Run *r, Err *reterr)
{
    for (;;) {
        TRY(fill(r, reterr));
        size_t len;
        TRY(scan(r, &len, reterr));
        drop_settled(r);
        put_carry(r);
        bool last = r->end && len == r->len;
        size_t cut = last ? len : choose_cut(r, len);
        TRY(give(r, cut, last, reterr));
        if (last)
            return ERR_NONE;
        keep(r, cut);
    }
}

ErrKind pii_stream(const PiiStream *s, Err *reterr)
{
    size_t cap = MAX(s->window ? s->window : PII_STREAM_WINDOW, 64u);
    CLEANUP(mem_freep) char *buf = mem_array(cap, 1);
    Run r = {.s = s, .buf = buf, .cap = MIN(cap, PII_TEXT_MAX)};
    ErrKind kind = run(&r, reterr);
    pii_found_done(&r.found);
    return kind;
}

typedef struct FromText {
    const PiiStream *s;
    Str rest;
} FromText;

static ErrKind read_text(void *arg, char *bytes, size_t len, size_t *ret_n, Err *reterr)
{
    (void)reterr;
    FromText *f = arg;
    *ret_n = MIN(len, f->rest.len);
    if (*ret_n > 0)
        memcpy(bytes, f->rest.ptr, *ret_n);
    f->rest = str_slice(f->rest, *ret_n, f->rest.len);
    return ERR_NONE;
}

static ErrKind pass_piece(void *arg, const PiiPiece *p, Err *reterr)
{
    FromText *f = arg;
    return f->s->piece(f->s->arg, p, reterr);
}

ErrKind pii_stream_text(const PiiStream *s, Str text, Err *reterr)
{
    FromText f = {.s = s, .rest = text};
    PiiStream whole = {.scanner = s->scanner,
                       .scratch = s->scratch,
                       .window = s->window ? s->window : MIN(MAX(text.len + 1, 64u), PII_STREAM_WINDOW),
                       .codepoints = s->codepoints,
                       .read = read_text,
                       .piece = pass_piece,
                       .arg = &f};
    return pii_stream(&whole, reterr);
}
