/* str.h - a view of bytes: pointer and length, not terminated, not owned. And exact parsing of numbers.
 *
 * Threads:  pure. Nothing here allocates. Parsers accept the whole view or nothing (no trailing bytes, no
 *           blanks). */
#ifndef EHUB_BASE_STR_H
#define EHUB_BASE_STR_H

#include "base/base.h"

#include <string.h>

typedef struct Str {
    const char *ptr;
    size_t len;
} Str;

#define STR(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_NULL ((Str){NULL, 0})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

static inline Str str_from(const char *c) /* NULL gives STR_NULL */
{
    return (Str){c, c ? strlen(c) : 0};
}

bool str_eq(Str a, Str b);
bool str_eq_c(Str a, const char *b);
bool str_eq_nocase(Str a, Str b); /* ASCII letters only */
int str_cmp(Str a, Str b);        /* bytewise */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
Str str_trim(Str s);                          /* ASCII white space at both ends */
Str str_slice(Str s, size_t from, size_t to); /* clamped */
ptrdiff_t str_find(Str s, Str needle);        /* -1 when absent */
/* Cuts the first piece off *rest at sep; false when *rest was used up. An empty view gives one empty piece.
 */
bool str_next(Str *rest, char sep, Str *ret_piece);

bool str_to_i64(Str s, int64_t *ret);
bool str_to_u64(Str s, uint64_t *ret);
bool str_to_f64(Str s, double *ret); /* C locale, finite only, at most 64 bytes */

/* Well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms). ret_bad (may be NULL) = first
 * bad byte. */
bool str_is_utf8(Str s, size_t *ret_bad);
size_t str_utf8_len(Str s); /* code points of valid UTF-8 */

/* Copies with a terminating zero into dst; false (and an empty dst) when it does not fit. */
bool str_copy(char *dst, size_t dst_size, Str s);

uint64_t str_hash(Str s,
                  uint64_t seed); /* FNV-1a with a final mix; not for hostile keys without a random seed */

#endif
