/* gbt_constraint.c - see gbt_constraint.h. */
#include "gbt/gbt_constraint.h"

#include "base/jv.h"
#include "base/mem.h"

#include <string.h>

#define MONOTONE "parameter monotone_constraints"
#define INTERACTION "parameter interaction_constraints"

typedef struct Directions {
    const GbtMatrix *m;
    int8_t *of; /* [n_features] */
} Directions;

static int feature_of(const GbtMatrix *m, Str name)
{
    for (int f = 0; f < m->n_features; f++)
        if (str_eq_c(name, m->names[f]))
            return f;
    return -1;
}

static ErrKind add_direction(Str key, const Jv *value, void *arg, Err *reterr)
{
    Directions *d = arg;
    int f = feature_of(d->m, key);
    int64_t v;
    if (f < 0)
        return err_set(reterr, ERR_INVALID, MONOTONE ": there is no feature \"" STR_FMT "\"", STR_ARG(key));
    if (!jv_is_i64(value, &v) || v < -1 || v > 1)
        return err_set(reterr, ERR_INVALID, MONOTONE ": the direction of \"" STR_FMT "\" is -1, 0 or 1",
                       STR_ARG(key));
    d->of[f] = (int8_t)v;
    return ERR_NONE;
}

static ErrKind parse_tuple(Str text, Directions *d, Err *reterr)
{
    Str rest = str_slice(text, 1, text.len - 1), piece;
    int f = 0;
    for (; str_next(&rest, ',', &piece); f++) {
        int64_t v;
        piece = str_trim(piece);
        if (piece.len == 0 && rest.len == 0 && f > 0)
            break; /* Python's (1,) */
        if (!str_to_i64(piece, &v) || v < -1 || v > 1)
            return err_set(reterr, ERR_INVALID, MONOTONE ": \"" STR_FMT "\" is not -1, 0 or 1",
                           STR_ARG(piece));
        if (f < d->m->n_features)
            d->of[f] = (int8_t)v;
    }
    if (f != d->m->n_features)
        return err_set(reterr, ERR_INVALID, MONOTONE ": %d directions for %d features", f, d->m->n_features);
    return ERR_NONE;
}

static ErrKind parse_monotone(const char *text, Directions *d, Err *reterr)
{
    Str s = str_trim(str_from(text));
    if (s.len >= 2 && s.ptr[0] == '(' && s.ptr[s.len - 1] == ')')
        return parse_tuple(s, d, reterr);
    CLEANUP(jv_freep) Jv *doc = NULL;
    if (jv_parse(s, &doc, reterr) != ERR_NONE || jv_kind(doc) != JV_OBJ)
        return err_set(reterr, ERR_INVALID, MONOTONE ": \"%.80s\" is neither {\"feature\":1} nor (1,0)",
                       text);
    return jv_each(doc, add_direction, d, reterr);
}

ErrKind gbt_constraint_monotone(const GbtParams *p, const GbtMatrix *m, Buf *out, Err *reterr)
{
    CLEANUP(mem_freep) int8_t *of = mem_zalloc((size_t)m->n_features);
    Directions d = {.m = m, .of = of};
    if (p->monotone)
        memcpy(of, p->monotone, (size_t)m->n_features);
    else if (p->monotone_constraints[0])
        TRY(parse_monotone(p->monotone_constraints, &d, reterr));
    else
        return ERR_NONE;
    for (int f = 0; f < m->n_features; f++) {
        if (of[f] && m->category && m->category[f])
            return err_set(reterr, ERR_INVALID, MONOTONE ": %s is a category and has no direction",
                           m->names[f]);
        buf_addf(out, "%s%d", f ? "," : "(", of[f]);
    }
    buf_add_char(out, ')');
    return buf_check(out, reterr);
}

static ErrKind add_member(const Jv *member, const GbtMatrix *m, Buf *out, Err *reterr)
{
    Str name;
    int64_t f = -1;
    if (jv_is_str(member, &name))
        f = feature_of(m, name);
    else if (!jv_is_i64(member, &f))
        return err_set(reterr, ERR_INVALID, INTERACTION ": a member is neither a name nor a number");
    else
        name = STR("of that number");
    if (f < 0 || f >= m->n_features)
        return err_set(reterr, ERR_INVALID, INTERACTION ": there is no feature \"" STR_FMT "\"",
                       STR_ARG(name));
    buf_addf(out, "%lld", (long long)f);
    return ERR_NONE;
}

ErrKind gbt_constraint_interactions(const GbtParams *p, const GbtMatrix *m, Buf *out, Err *reterr)
{
    if (!p->interaction_constraints[0])
        return ERR_NONE;
    CLEANUP(jv_freep) Jv *doc = NULL;
    if (jv_parse(str_from(p->interaction_constraints), &doc, reterr) != ERR_NONE || jv_kind(doc) != JV_ARR)
        return err_set(reterr, ERR_INVALID, INTERACTION ": \"%.80s\" is not like [[\"a\",\"b\"],[\"c\"]]",
                       p->interaction_constraints);
    buf_add_char(out, '[');
    for (size_t i = 0; i < jv_len(doc); i++) {
        const Jv *group = jv_at(doc, i);
        if (jv_kind(group) != JV_ARR || jv_len(group) == 0)
            return err_set(reterr, ERR_INVALID, INTERACTION ": group %zu is no list of features", i);
        buf_add_c(out, i ? ",[" : "[");
        for (size_t k = 0; k < jv_len(group); k++) {
            if (k)
                buf_add_char(out, ',');
            TRY(add_member(jv_at(group, k), m, out, reterr));
        }
        buf_add_char(out, ']');
    }
    buf_add_char(out, ']');
    return buf_check(out, reterr);
}
