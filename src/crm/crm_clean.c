#include "crm/crm_clean.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/strmap.h"

#define ARENA_MAX (256u << 20)
#define ROW_MAX (16u << 20)
#define SAME UINT32_MAX
#define LABEL_WORD_MAX 32 /* bytes; longer ones may be keys */

struct CrmClean {
    PiiGuard *guard;
    PiiWhere where;
    Uuid agent;
    char subject[UUID_TEXT]; /* of the agent */
    StrMap *seen;            /* value -> SAME; agent and value -> place in `texts` */
    Arena *arena;            /* of the texts */
    Str *texts;
    uint32_t n, cap;
    Buf fresh[2]; /* values that are not remembered; two, because a row shows two at once */
    int turn;
    Buf row, key;
};

CrmClean *crm_clean_new(PiiGuard *guard, const PiiWhere *where)
{
    CrmClean *c = MEM_NEW(CrmClean);
    c->guard = guard;
    c->where = *where;
    c->seen = strmap_new();
    c->arena = arena_new(ARENA_MAX);
    c->fresh[0] = c->fresh[1] = c->row = c->key = BUF(ROW_MAX);
    return c;
}

void crm_clean_free(CrmClean *c)
{
    if (!c)
        return;
    strmap_free(c->seen);
    arena_free(c->arena);
    mem_free(c->texts);
    buf_done(&c->fresh[0]);
    buf_done(&c->fresh[1]);
    buf_done(&c->row);
    buf_done(&c->key);
    mem_free(c);
}

void crm_clean_of(CrmClean *c, Uuid agent)
{
    if (!c || uuid_eq(c->agent, agent))
        return;
    c->agent = agent;
    uuid_format(agent, c->subject);
    c->where.subject = uuid_eq(agent, UUID_NIL) ? NULL : c->subject;
}

/* What is sealed differs from agent to agent. */
static Str key_of(CrmClean *c, Str value)
{
    buf_clear(&c->key);
    buf_add_str(&c->key, (Str){(const char *)c->agent.b, sizeof c->agent.b});
    buf_add_str(&c->key, value);
    return buf_str(&c->key);
}

static Str clean(CrmClean *c, Str text, Buf *out)
{
    buf_clear(out);
    (void)pii_guard_text(c->guard, &c->where, PII_FOR_STORE, text, out);
    return out->failed ? STR("[WITHHELD: too long]") : buf_str(out);
}

static void remember(CrmClean *c, Str value, Str cleaned)
{
    uint32_t at = SAME;
    Str key = value;
    if (!str_eq(value, cleaned)) {
        key = key_of(c, value);
        if (c->n == c->cap) {
            c->cap = MAX(64, c->cap * 2);
            c->texts = mem_grow(c->texts, c->cap, sizeof *c->texts);
        }
        const char *copy = arena_strndup(c->arena, cleaned.ptr, cleaned.len);
        if (!copy)
            return;
        at = c->n++;
        c->texts[at] = (Str){copy, cleaned.len};
    }
    strmap_add(c->seen, key, at);
}

Str crm_clean_value(CrmClean *c, Str value)
{
    uint32_t at;
    if (!c || value.len == 0)
        return value;
    if (strmap_get(c->seen, value, &at) && at == SAME)
        return value;
    if (strmap_get(c->seen, key_of(c, value), &at) && at != SAME)
        return c->texts[at];
    Str cleaned = clean(c, value, &c->fresh[c->turn ^= 1]);
    if (strmap_len(c->seen) < CRM_CLEAN_VALUES_MAX)
        remember(c, value, cleaned);
    return cleaned;
}

static bool is_one_word(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char low = (unsigned char)s.ptr[i] | 0x20;
        if (!(low >= 'a' && low <= 'z') && s.ptr[i] != '-' && (unsigned char)s.ptr[i] < 0x80)
            return false;
    }
    return s.len <= LABEL_WORD_MAX;
}

Str crm_clean_label(CrmClean *c, Str value)
{
    return is_one_word(value) ? value : crm_clean_value(c, value);
}

static bool separates(char ch)
{
    return ch == ',' || ch == ';' || ch == '\t' || ch == '|' || ch == '\n' || ch == '\r' || ch == '"';
}

/* Piece by piece: side by side the values of a row look like addresses to a finder that knows sentences. */
Str crm_clean_row(CrmClean *c, Str row)
{
    if (!c)
        return row;
    buf_clear(&c->row);
    for (size_t i = 0; i < row.len;) {
        size_t from = i;
        while (i < row.len && !separates(row.ptr[i]))
            i++;
        buf_add_str(&c->row, crm_clean_value(c, str_slice(row, from, i)));
        for (; i < row.len && separates(row.ptr[i]); i++)
            buf_add_char(&c->row, row.ptr[i]);
    }
    return c->row.failed ? STR("[WITHHELD: too long]") : buf_str(&c->row);
}
