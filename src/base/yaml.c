#include "base/yaml.h"

#include "base/file.h"

#include <yaml.h>

#define TEXT_MAX (1u << 20)
#define DEPTH_MAX 32
#define NODES_MAX 100000

typedef struct Parse {
    yaml_parser_t parser;
    Arena *arena;
    const char *name;
    int n_nodes;
    Err *reterr;
} Parse;

#define FAIL(p, mark, ...) fail_at((p), (mark), arena_printf((p)->arena, __VA_ARGS__))

static ErrKind fail_at(Parse *p, yaml_mark_t mark, const char *what)
{
    return err_set(p->reterr, ERR_INVALID, "%s:%zu:%zu: %s", p->name, mark.line + 1, mark.column + 1,
                   what ? what : "too large");
}

/* The caller deletes the event. */
static ErrKind next_event(Parse *p, yaml_event_t *ev)
{
    if (yaml_parser_parse(&p->parser, ev))
        return ERR_NONE;
    const char *why = p->parser.problem ? p->parser.problem : "not YAML";
    return FAIL(p, p->parser.problem_mark, "%s", why);
}

static ErrKind new_node(Parse *p, const yaml_event_t *ev, YamlKind kind, YamlNode **ret)
{
    if (++p->n_nodes > NODES_MAX)
        return FAIL(p, ev->start_mark, "more than %d values", NODES_MAX);
    YamlNode *n = ARENA_NEW(p->arena, YamlNode);
    if (!n)
        return arena_check(p->arena, p->reterr);
    n->kind = kind;
    n->line = (int)ev->start_mark.line + 1;
    n->column = (int)ev->start_mark.column + 1;
    *ret = n;
    return ERR_NONE;
}

static ErrKind parse_value(Parse *p, const yaml_event_t *ev, int depth, YamlNode **ret);

static ErrKind parse_scalar(Parse *p, const yaml_event_t *ev, YamlNode **ret)
{
    if (ev->data.scalar.anchor)
        return FAIL(p, ev->start_mark, "anchors are not supported");
    if (ev->data.scalar.tag)
        return FAIL(p, ev->start_mark, "tags are not supported");
    TRY(new_node(p, ev, YAML_KIND_SCALAR, ret));
    size_t len = ev->data.scalar.length;
    char *copy = arena_strndup(p->arena, (const char *)ev->data.scalar.value, len);
    (*ret)->scalar = (Str){copy, copy ? len : 0};
    (*ret)->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return arena_check(p->arena, p->reterr);
}

static ErrKind parse_list(Parse *p, const yaml_event_t *start, int depth, YamlNode **ret)
{
    TRY(new_node(p, start, YAML_KIND_LIST, ret));
    YamlNode **tail = &(*ret)->first;
    for (;;) {
        yaml_event_t ev;
        TRY(next_event(p, &ev));
        bool end = ev.type == YAML_SEQUENCE_END_EVENT;
        ErrKind kind = end ? ERR_NONE : parse_value(p, &ev, depth + 1, tail);
        yaml_event_delete(&ev);
        if (kind || end)
            return kind;
        (*ret)->n_children++;
        tail = &(*tail)->next;
    }
}

static ErrKind parse_member(Parse *p, const yaml_event_t *key_ev, YamlNode *map, int depth, YamlNode **ret)
{
    if (key_ev->type != YAML_SCALAR_EVENT)
        return FAIL(p, key_ev->start_mark, "a key must be a plain word");
    YamlNode *key;
    TRY(parse_scalar(p, key_ev, &key));
    for (const YamlNode *c = map->first; c; c = c->next)
        if (str_eq(c->key, key->scalar))
            return FAIL(p, key_ev->start_mark, "\"" STR_FMT "\" stands twice, first on line %d",
                        STR_ARG(c->key), c->line);
    yaml_event_t ev;
    TRY(next_event(p, &ev));
    YamlNode *value = NULL;
    ErrKind kind = parse_value(p, &ev, depth + 1, &value);
    yaml_event_delete(&ev);
    if (kind)
        return kind;
    value->key = key->scalar;
    value->line = value->kind == YAML_KIND_SCALAR ? value->line : key->line;
    *ret = value;
    return ERR_NONE;
}

static ErrKind parse_map(Parse *p, const yaml_event_t *start, int depth, YamlNode **ret)
{
    TRY(new_node(p, start, YAML_KIND_MAP, ret));
    YamlNode **tail = &(*ret)->first;
    for (;;) {
        yaml_event_t ev;
        TRY(next_event(p, &ev));
        bool end = ev.type == YAML_MAPPING_END_EVENT;
        YamlNode *member = NULL;
        ErrKind kind = end ? ERR_NONE : parse_member(p, &ev, *ret, depth, &member);
        yaml_event_delete(&ev);
        if (kind || end)
            return kind;
        *tail = member;
        tail = &member->next;
        (*ret)->n_children++;
    }
}

static ErrKind parse_value(Parse *p, const yaml_event_t *ev, int depth, YamlNode **ret)
{
    if (depth > DEPTH_MAX)
        return FAIL(p, ev->start_mark, "nested deeper than %d", DEPTH_MAX);
    switch (ev->type) {
    case YAML_SCALAR_EVENT: return parse_scalar(p, ev, ret);
    case YAML_SEQUENCE_START_EVENT:
        if (ev->data.sequence_start.anchor || ev->data.sequence_start.tag)
            return FAIL(p, ev->start_mark, "anchors and tags are not supported");
        return parse_list(p, ev, depth, ret);
    case YAML_MAPPING_START_EVENT:
        if (ev->data.mapping_start.anchor || ev->data.mapping_start.tag)
            return FAIL(p, ev->start_mark, "anchors and tags are not supported");
        return parse_map(p, ev, depth, ret);
    case YAML_ALIAS_EVENT: return FAIL(p, ev->start_mark, "aliases are not supported");
    default: return FAIL(p, ev->start_mark, "a value is missing");
    }
}

static ErrKind parse_stream(Parse *p, YamlNode **ret)
{
    bool have = false;
    for (;;) {
        yaml_event_t ev;
        TRY(next_event(p, &ev));
        yaml_event_type_t type = ev.type;
        ErrKind kind = ERR_NONE;
        if (type == YAML_DOCUMENT_START_EVENT && have)
            kind = FAIL(p, ev.start_mark, "a second document is not supported");
        else if (type == YAML_STREAM_END_EVENT && !have)
            kind = new_node(p, &ev, YAML_KIND_MAP, ret);
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            kind = parse_value(p, &ev, 0, ret);
            have = true;
        }
        yaml_event_delete(&ev);
        if (kind || type == YAML_STREAM_END_EVENT)
            return kind;
    }
}

ErrKind yaml_parse(Arena *arena, Str text, const char *name, YamlNode **ret, Err *reterr)
{
    if (text.len > TEXT_MAX)
        return err_set(reterr, ERR_LIMIT, "%s: longer than %u bytes", name, TEXT_MAX);
    Parse p = {.arena = arena, .name = name, .reterr = reterr};
    if (!yaml_parser_initialize(&p.parser))
        return err_set(reterr, ERR_INTERNAL, "libyaml has no memory");
    yaml_parser_set_input_string(&p.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
    ErrKind kind = parse_stream(&p, ret);
    yaml_parser_delete(&p.parser);
    return kind;
}

ErrKind yaml_load(Arena *arena, const char *path, YamlNode **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    TRY(file_read(path, &text, reterr));
    return yaml_parse(arena, buf_str(&text), path, ret, reterr);
}

const YamlNode *yaml_get(const YamlNode *map, const char *key)
{
    if (!map || map->kind != YAML_KIND_MAP)
        return NULL;
    for (const YamlNode *c = map->first; c; c = c->next)
        if (str_eq_c(c->key, key))
            return c;
    return NULL;
}
