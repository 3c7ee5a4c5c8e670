/* pii_talk.c - see pii_talk.h. Stand-ins are noted when they are given out; an answer is searched for them word by word,
 * the longest first. */
#include "pii/pii_talk.h"

#include "base/mem.h"
#include "base/strmap.h"
#include "pii/pii_guard_impl.h"

#define STAND_IN_MAX 512 /* bytes of one; longer ones are not turned back */

struct PiiTalk {
    PiiGuard *guard;
    PiiWhere where;
    PiiAct *act;
    PiiFinder *finder;
    Buf prompt;
    StrMap *values; /* stand-in, lower case -> place in `texts` */
    Buf *texts;
    size_t n, cap;
    size_t longest; /* stand-in, in bytes */
};

PiiTalk *pii_talk_new(PiiGuard *g, const PiiWhere *where, Str conversation)
{
    PiiTalk *t = MEM_NEW(PiiTalk);
    t->guard = g;
    t->where = *where;
    t->act = pii_guard_act(g, PII_FOR_MODEL, where->tenant, conversation);
    t->finder = pii_guard_finder(g, where->slug);
    t->prompt = BUF(4 * PII_TEXT_MAX);
    t->values = strmap_new();
    return t;
}

static void wipe(Buf *b)
{
    if (b->ptr)
        crypto_wipe(b->ptr, b->cap);
    buf_done(b);
}

void pii_talk_free(PiiTalk *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++)
        wipe(&t->texts[i]);
    mem_free(t->texts);
    strmap_free(t->values);
    pii_act_free(t->act);
    pii_guard_finder_done(t->guard, t->finder);
    wipe(&t->prompt);
    mem_free(t);
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static Str lower(Str s, char room[static STAND_IN_MAX])
{
    for (size_t i = 0; i < s.len; i++)
        room[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] | 32 : s.ptr[i]);
    return (Str){room, s.len};
}

/* The first writing of a value is the one that comes back. */
static void note(PiiTalk *t, Str stand_in, Str value)
{
    char room[STAND_IN_MAX];
    uint32_t at;
    if (stand_in.len == 0 || stand_in.len > STAND_IN_MAX || t->n == PII_TALK_VALUES_MAX ||
        str_eq(stand_in, value))
        return;
    Str key = lower(stand_in, room);
    if (strmap_get(t->values, key, &at))
        return;
    if (t->n == t->cap) {
        t->cap = MAX(16, t->cap * 2);
        t->texts = mem_grow(t->texts, t->cap, sizeof *t->texts);
    }
    t->texts[t->n] = BUF(PII_TEXT_MAX);
    buf_add_str(&t->texts[t->n], value);
    strmap_add(t->values, key, (uint32_t)t->n++);
    t->longest = MAX(t->longest, stand_in.len);
}

static Str next_word(Str *rest)
{
    size_t from = 0;
    while (from < rest->len && !in_word(rest->ptr[from]))
        from++;
    size_t to = from;
    while (to < rest->len && in_word(rest->ptr[to]))
        to++;
    Str word = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->len);
    return word;
}

/* A name's words have stand-ins of their own: the answer may use the first name alone. */
static void note_person(PiiTalk *t, Str stand_in, Str value)
{
    Str a = stand_in, b = value, x, y;
    note(t, stand_in, value);
    while ((x = next_word(&a)).len > 0 && (y = next_word(&b)).len > 0)
        note(t, x, y);
}

/* One span after the other, so that each replacement can be seen. */
static ErrKind say(PiiTalk *t, Str text, const PiiFound *found, Err *reterr)
{
    size_t at = 0;
    for (size_t i = 0; i < found->n; i++) {
        const PiiSpan *s = &found->spans[i];
        Str part = str_slice(text, at, s->end);
        PiiSpan one = *s;
        one.start -= (uint32_t)at;
        one.end -= (uint32_t)at;
        size_t before = t->prompt.len + one.start;
        TRY(pii_act(t->act, part, &one, 1, &t->prompt, NULL, reterr));
        if (pii_policy(PII_FOR_MODEL, s->type) == PII_ACT_PSEUDONYM) {
            Str stand_in = str_slice(buf_str(&t->prompt), before, t->prompt.len);
            Str value = str_slice(text, s->start, s->end);
            s->type == PII_PERSON ? note_person(t, stand_in, value) : note(t, stand_in, value);
        }
        pii_guard_count(t->guard, &t->where, PII_FOR_MODEL, s, false);
        at = s->end;
    }
    buf_add_str(&t->prompt, str_slice(text, at, text.len));
    return buf_check(&t->prompt, reterr);
}

PiiPrompt pii_talk_say(PiiTalk *t, Str text)
{
    Err err;
    PiiDesk *d = pii_desk_take(t->finder);
    buf_clear(&t->prompt);
    ErrKind kind = pii_scan(t->finder->scanner, d->scratch, text, &d->found, &err);
    if (!kind)
        kind = say(t, text, &d->found, &err);
    if (kind) {
        buf_clear(&t->prompt);
        pii_guard_withhold(&t->prompt, 0, err.msg);
    }
    pii_desk_put(t->finder, d);
    return (PiiPrompt){buf_str(&t->prompt)};
}

/* The length of the longest stand-in that begins here and ends with a word; 0: none. */
static size_t stand_in_at(const PiiTalk *t, Str rest, uint32_t *ret_at)
{
    char room[STAND_IN_MAX];
    for (size_t len = MIN(t->longest, rest.len); len > 0; len--) {
        bool inside = len < rest.len && in_word(rest.ptr[len - 1]) && in_word(rest.ptr[len]);
        if (!inside && strmap_get(t->values, lower(str_slice(rest, 0, len), room), ret_at))
            return len;
    }
    return 0;
}

void pii_talk_hear(PiiTalk *t, Str answer, Buf *out)
{
    for (size_t i = 0; i < answer.len;) {
        uint32_t at = 0;
        bool begins = i == 0 || !in_word(answer.ptr[i - 1]) || !in_word(answer.ptr[i]);
        size_t len = begins ? stand_in_at(t, str_slice(answer, i, answer.len), &at) : 0;
        if (len > 0)
            buf_add_str(out, buf_str(&t->texts[at]));
        else
            buf_add_char(out, answer.ptr[i]);
        i += MAX(len, (size_t)1);
    }
}
