/* yaml.h - reads one YAML document into a tree that remembers its lines. The border to libyaml.
 *
 * Owner:    the tree lives in the caller's arena.
 * Limits:   1 MiB of text, depth 32, 100,000 nodes; anchors, aliases, tags and a second document are refused
 *           by name; a repeated key is an error.
 * Errors:   ERR_INVALID "FILE:LINE:COLUMN: what".
 * Threads:  pure. */
#ifndef EHUB_BASE_YAML_H
#define EHUB_BASE_YAML_H

#include "base/arena.h"
#include "base/str.h"

typedef enum YamlKind { YAML_KIND_SCALAR, YAML_KIND_MAP, YAML_KIND_LIST } YamlKind;

typedef struct YamlNode YamlNode;
struct YamlNode {
    YamlKind kind;
    int line;
    int column;
    Str key;         /* in a map: the key */
    Str scalar;      /* scalars, as text; "" for an empty value */
    bool quoted;     /* the scalar was quoted, so "no" and "1" are text */
    YamlNode *first; /* children of maps and lists */
    YamlNode *next;  /* sibling */
    size_t n_children;
};

/* `name` is used in messages. An empty document gives an empty map. */
ErrKind MUST_USE yaml_parse(Arena *arena, Str text, const char *name, YamlNode **ret, Err *reterr);
ErrKind MUST_USE yaml_load(Arena *arena, const char *path, YamlNode **ret,
                           Err *reterr); /* ERR_NOT_FOUND, ERR_IO too */
const YamlNode *yaml_get(const YamlNode *map, const char *key);

#endif
