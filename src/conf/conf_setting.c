#include "conf/conf_setting.h"

#include <stdio.h>

const ConfSetting CONF_SETTINGS[] = {
#define CONF_STR(field, key, def, doc) {key, def, CONF_IS_STR, offsetof(Conf, field), 0, 0, doc},
#define CONF_INT(field, key, def, min, max, doc) \
    {key, #def, CONF_IS_INT, offsetof(Conf, field), min, max, doc},
#define CONF_MS(field, key, def, min, max, doc) {key, def, CONF_IS_MS, offsetof(Conf, field), min, max, doc},
#define CONF_BYTES(field, key, def, min, max, doc) \
    {key, def, CONF_IS_BYTES, offsetof(Conf, field), min, max, doc},
#define CONF_BOOL(field, key, def, doc) \
    {key, def ? "true" : "false", CONF_IS_BOOL, offsetof(Conf, field), 0, 1, doc},
    CONF_TABLE(CONF_STR, CONF_INT, CONF_MS, CONF_BYTES, CONF_BOOL)
#undef CONF_STR
#undef CONF_INT
#undef CONF_MS
#undef CONF_BYTES
#undef CONF_BOOL
};
const int CONF_N_SETTINGS = (int)ARRAY_LEN(CONF_SETTINGS);

const char *conf_type_name(ConfType t)
{
    static const char *const names[] = {"text", "number", "duration", "size", "yes or no"};
    return names[t];
}

int conf_setting_find(Str key)
{
    for (int i = 0; i < CONF_N_SETTINGS; i++)
        if (str_eq_c(key, CONF_SETTINGS[i].key))
            return i;
    return -1;
}

void conf_setting_variable(const char *key, char out[static 96])
{
    size_t n = (size_t)snprintf(out, 96, "EHUB_%s", key);
    BUG_ON(n >= 96);
    for (char *p = out; *p; p++)
        *p = *p == '.' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
}

bool conf_setting_is_secret(const char *key)
{
    Str k = str_from(key);
    return str_ends(k, STR("password")) || str_ends(k, STR("secret"));
}

typedef struct Unit {
    const char *name;
    int64_t factor;
} Unit;

static bool parse_with_unit(Str s, const Unit *units, size_t n_units, int64_t *ret)
{
    size_t digits = 0;
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
        digits++;
    Str unit = str_slice(s, digits, s.len);
    int64_t v;
    if (!str_to_i64(str_slice(s, 0, digits), &v))
        return false;
    for (size_t i = 0; i < n_units; i++)
        if (str_eq_c(unit, units[i].name))
            return !__builtin_mul_overflow(v, units[i].factor, ret);
    return false;
}

bool conf_parse_ms(Str s, int64_t *ret_ms)
{
    static const Unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    return parse_with_unit(s, units, ARRAY_LEN(units), ret_ms);
}

bool conf_parse_bytes(Str s, int64_t *ret_bytes)
{
    static const Unit units[] = {{"B", 1},         {"kB", 1000},     {"MB", 1000000}, {"GB", 1000000000},
                                 {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    return parse_with_unit(s, units, ARRAY_LEN(units), ret_bytes);
}

static ErrKind read_number(const ConfSetting *s, Str value, int64_t *ret, Err *reterr)
{
    bool ok = s->type == CONF_IS_MS      ? conf_parse_ms(value, ret)
              : s->type == CONF_IS_BYTES ? conf_parse_bytes(value, ret)
                                         : str_to_i64(value, ret);
    static const char *const wanted[] = {
        [CONF_IS_INT] = "a whole number",
        [CONF_IS_MS] = "a duration with a unit (250ms, 5s, 2m, 1h, 7d)",
        [CONF_IS_BYTES] = "a size with a unit (512B, 64KiB, 10MB)",
    };
    if (!ok)
        return err_set(reterr, ERR_INVALID, "%s: \"" STR_FMT "\" is not %s", s->key, STR_ARG(value),
                       wanted[s->type]);
    if (*ret < s->min || *ret > s->max)
        return err_set(reterr, ERR_INVALID, "%s: \"" STR_FMT "\" is outside %lld to %lld%s", s->key,
                       STR_ARG(value), (long long)s->min, (long long)s->max,
                       s->type == CONF_IS_MS      ? " ms"
                       : s->type == CONF_IS_BYTES ? " bytes"
                                                  : "");
    return ERR_NONE;
}

ErrKind conf_setting_read(const ConfSetting *s, Str value, Arena *arena, Conf *c, Err *reterr)
{
    void *field = (char *)c + s->offset;
    if (s->type == CONF_IS_STR) {
        if (value.len && memchr(value.ptr, 0, value.len))
            return err_set(reterr, ERR_INVALID, "%s: a zero byte", s->key);
        const char *copy = arena_strndup(arena, value.ptr, value.len);
        memcpy(field, &copy, sizeof copy);
        return arena_check(arena, reterr);
    }
    if (s->type == CONF_IS_BOOL) {
        bool yes = str_eq_c(value, "true");
        if (!yes && !str_eq_c(value, "false"))
            return err_set(reterr, ERR_INVALID, "%s: \"" STR_FMT "\" is neither true nor false", s->key,
                           STR_ARG(value));
        memcpy(field, &yes, sizeof yes);
        return ERR_NONE;
    }
    int64_t v = 0;
    TRY(read_number(s, value, &v, reterr));
    memcpy(field, &v, sizeof v);
    return ERR_NONE;
}
