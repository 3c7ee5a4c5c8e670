/* pii_resolve.c - the one rule for overlaps.
 *
 * What is below the least score, not looked for or allowed goes first. So does what the tagger made of a part of a longer
 * finding of a parser ("eb" of a hardware address) of 0.5 or more, and what of it cuts into one of 0.85 or more. Of the
 * rest the best stays and everything that overlaps it goes, then the best of what is left, and so on. Better is: the
 * higher score; then the longer; then the type that stands first in pii_table.h; then the earlier rule. The types of the others
 * that had exactly the same bytes are kept in `also`: nine digits alone may be a passport's or a taxpayer's number; but not
 * what is far less sure. An address is at least as sure as the postal code in it, which is one more sign of it. */
#include "base/mem.h"
#include "pii/pii_impl.h"

/* In the order of the text; the longer first. */
static bool before(const PiiSpan *a, const PiiSpan *b)
{
    if (a->start != b->start)
        return a->start < b->start;
    if (a->end != b->end)
        return a->end > b->end;
    return a->rule < b->rule;
}

static bool better(const PiiSpan *a, const PiiSpan *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    uint32_t la = a->end - a->start, lb = b->end - b->start;
    if (la != lb)
        return la > lb;
    if (a->type != b->type)
        return a->type < b->type;
    if (a->start != b->start)
        return a->start < b->start;
    return a->rule < b->rule;
}

void pii_merge(PiiFound *into, const PiiFound *more)
{
    size_t a = into->n, b = more->n;
    if (a + b > into->cap) {
        into->cap = a + b;
        into->spans = mem_grow(into->spans, into->cap, sizeof *into->spans);
    }
    into->n = a + b;
    for (size_t at = into->n; b > 0;)
        if (a > 0 && before(&more->spans[b - 1], &into->spans[a - 1]))
            into->spans[--at] = into->spans[--a];
        else
            into->spans[--at] = more->spans[--b];
}

typedef bool Less(const PiiSpan *a, const PiiSpan *b);

static void sift(PiiSpan *s, size_t root, size_t n, Less *less)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && less(&s[child], &s[child + 1]))
            child++;
        if (!less(&s[root], &s[child]))
            return;
        PiiSpan t = s[root];
        s[root] = s[child];
        s[child] = t;
    }
}

/* By insertion while that is cheap: findings come nearly in order. False when it is not. */
static bool insert(PiiSpan *s, size_t n, Less *less)
{
    size_t moves = 0;
    for (size_t i = 1; i < n; i++) {
        if (!less(&s[i], &s[i - 1]))
            continue;
        PiiSpan x = s[i];
        size_t k = i;
        for (; k > 0 && less(&x, &s[k - 1]); k--)
            s[k] = s[k - 1];
        s[k] = x;
        moves += i - k;
        if (moves > 8 * n + 64)
            return false;
    }
    return true;
}

/* Else a heap sort: in place, no allocation (qsort makes some), no bad case. */
static void sort(PiiSpan *s, size_t n, Less *less)
{
    if (insert(s, n, less))
        return;
    for (size_t i = n / 2; i-- > 0;)
        sift(s, i, n, less);
    for (size_t i = n; i-- > 1;) {
        PiiSpan t = s[0];
        s[0] = s[i];
        s[i] = t;
        sift(s, 0, i, less);
    }
}

static size_t filter(const PiiScanner *s, Str text, PiiFound *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        const PiiSpan *span = &found->spans[i];
        if (span->score < s->min_score || !pii_wants(s, span->type) ||
            (s->custom && pii_custom_allows(s->custom, text, span)))
            continue;
        found->spans[n++] = *span;
    }
    return n;
}

/* The spans of one cluster, best first: keeps those that overlap none kept before. Returns how many. */
static size_t keep_best(PiiSpan *s, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = kept; /* kept ones are in the order of the text: find the place by halving */
        for (size_t low = 0; low < at;) {
            size_t mid = (low + at) / 2;
            if (s[mid].start < s[i].start)
                low = mid + 1;
            else
                at = mid;
        }
        if ((at < kept && s[at].start < s[i].end) || (at > 0 && s[at - 1].end > s[i].start))
            continue;
        PiiSpan span = s[i];
        memmove(&s[at + 1], &s[at], (kept - at) * sizeof *s);
        s[at] = span;
        kept++;
    }
    return kept;
}

#define PII_AS_LIKELY \
    0.2f /* a type with a score further below the best is not what the bytes may be as well */

/* Bytes that are surely one type are not also what they only may be. */
#define PII_SURE 0.85f
#define PII_MAYBE 0.5f

/* In the order of the text: those with the same bytes stand together. */
static void note_others(PiiSpan *s, size_t n)
{
    for (size_t i = 0, next; i < n; i = next) {
        PiiTypes types = {0};
        float best = 0;
        for (next = i; next < n && s[next].start == s[i].start && s[next].end == s[i].end; next++)
            best = MAX(best, s[next].score);
        for (size_t k = i; k < next; k++)
            if (best < PII_SURE || s[k].score >= PII_MAYBE)
                pii_types_add(&types, s[k].type);
        for (size_t k = i; k < next; k++) {
            s[k].also = types;
            pii_types_remove(&s[k].also, s[k].type);
        }
    }
}

static bool is_tagged(const PiiSpan *s)
{
    return s->rule >= PII_RULE_TAG_PERSON && s->rule <= PII_RULE_TAG_AGE && s->rule != PII_RULE_TAG_ZIP;
}

/* a is the tagger's, b a parser's that overlaps it. */
static bool is_part_of(const PiiSpan *a, const PiiSpan *b)
{
    bool inside = a->start >= b->start && a->end <= b->end, around = a->start <= b->start && a->end >= b->end;
    return !around && b->score >= (inside ? 0.5f : PII_SURE);
}

/* In the order of the text: takes away what the tagger made of a part of an address of the internet, a key, a date.
 * Returns how many are left. */
static size_t drop_parts(PiiSpan *s, size_t n)
{
    size_t kept = 0, longest = SIZE_MAX,
           exact = SIZE_MAX; /* of the parsers' kept ones: those that end last */
    for (size_t i = 0; i < n; i++) {
        bool part = false;
        if (is_tagged(&s[i])) {
            part = (longest != SIZE_MAX && s[longest].end > s[i].start && is_part_of(&s[i], &s[longest])) ||
                   (exact != SIZE_MAX && s[exact].end > s[i].start && is_part_of(&s[i], &s[exact]));
            for (size_t k = i + 1; !part && k < n && k < i + 16 && s[k].start < s[i].end; k++)
                part = !is_tagged(&s[k]) && s[k].type != PII_CUSTOM && is_part_of(&s[i], &s[k]);
        }
        if (part)
            continue;
        s[kept] = s[i];
        if (!is_tagged(&s[kept]) && s[kept].type != PII_CUSTOM) {
            if (longest == SIZE_MAX || s[kept].end > s[longest].end)
                longest = kept;
            if (s[kept].score >= PII_SURE && (exact == SIZE_MAX || s[kept].end > s[exact].end))
                exact = kept;
        }
        kept++;
    }
    return kept;
}

/* In the order of the text. */
static void raise_addresses(PiiSpan *s, size_t n)
{
    PiiSpan *address = NULL;
    for (size_t i = 0; i < n; i++) {
        if (s[i].type == PII_STREET_ADDRESS && (!address || s[i].end > address->end))
            address = &s[i];
        else if (s[i].type == PII_ZIP_CODE && address && s[i].end <= address->end)
            address->score = MAX(address->score, s[i].score);
    }
}

void pii_resolve(const PiiScanner *s, Str text, PiiFound *found)
{
    PiiSpan *spans = found->spans;
    size_t n = filter(s, text, found), kept = 0;
    sort(spans, n, before);
    for (size_t i = 0, next; i < n; i = next) {
        uint32_t end = spans[i].end;
        for (next = i + 1; next < n && spans[next].start < end; next++)
            if (spans[next].end > end)
                end = spans[next].end;
        size_t in_cluster = next - i;
        if (in_cluster == 1) {
            spans[kept++] = spans[i];
            continue;
        }
        in_cluster = drop_parts(spans + i, in_cluster);
        note_others(spans + i, in_cluster);
        raise_addresses(spans + i, in_cluster);
        sort(spans + i, in_cluster, better);
        in_cluster = keep_best(spans + i, in_cluster);
        memmove(spans + kept, spans + i, in_cluster * sizeof *spans);
        kept += in_cluster;
    }
    found->n = kept;
}
