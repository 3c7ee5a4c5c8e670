/* conf.h - every setting of the program, from one table.
 *
 *     conf_table.h --X-macro--> struct Conf, file keys, EHUB_* variables, --set, `ehub conf show|check|docs`
 *
 *     built-in default  <  file (YAML)  <  environment  <  command line          the later one wins
 *
 * Owner:    conf_load gives a reference; readers hold theirs with conf_ref/conf_unref. A Conf never changes:
 *           conf_reload builds another and swaps it whole; who holds the old one keeps it until done.
 * Threads:  any. Limits: file of 1 MiB.
 * Errors:   INVALID naming file and line (or variable, or option): unknown key, missing unit, out of range.
 * See also: docs/reference/settings.md (generated), tests/unit/conf/test_conf.c. */
#ifndef EHUB_CONF_CONF_H
#define EHUB_CONF_CONF_H

#include "base/buf.h"
#include "conf/conf_table.h"

typedef struct Conf {
    int refs_; /* private, atomic */
#define CONF_STR(field, key, def, doc) const char *field;
#define CONF_INT(field, key, def, min, max, doc) int64_t field;
#define CONF_MS(field, key, def, min, max, doc) int64_t field;
#define CONF_BYTES(field, key, def, min, max, doc) int64_t field;
#define CONF_BOOL(field, key, def, doc) bool field;
    CONF_TABLE(CONF_STR, CONF_INT, CONF_MS, CONF_BYTES, CONF_BOOL)
#undef CONF_STR
#undef CONF_INT
#undef CONF_MS
#undef CONF_BYTES
#undef CONF_BOOL
} Conf;

typedef struct ConfSource {
    const char *file;            /* NULL: none. A named file that is absent is an error. */
    const char *const *environ_; /* NULL-terminated "K=V"; NULL: the process's own */
    const char *const *sets;     /* NULL-terminated "key=value" from the command line; NULL: none */
} ConfSource;

ErrKind MUST_USE conf_load(const ConfSource *src, const Conf **ret, Err *reterr);
const Conf *conf_ref(const Conf *c);
void conf_unref(const Conf *c); /* accepts NULL */

/* The process-wide current snapshot. conf_current never returns NULL after conf_publish. */
void conf_publish(const Conf *c); /* takes over the caller's reference */
const Conf *conf_current(void);   /* a new reference: conf_unref it */

/* One line a setting: key, value, where it came from (default, file:line, variable, command line).
 * Values of keys that end in "password" or "secret" are shown as "***". json: an array of objects instead. */
ErrKind MUST_USE conf_show(const ConfSource *src, bool json, Buf *out, Err *reterr);
void conf_docs(Buf *out); /* docs/reference/settings.md */

/* "250ms" "5s" "2m" "1h" "7d" to milliseconds; "64KiB" "10MB" "512B" to bytes. A number without a unit is
 * refused. */
bool conf_parse_ms(Str s, int64_t *ret_ms);
bool conf_parse_bytes(Str s, int64_t *ret_bytes);

#endif
