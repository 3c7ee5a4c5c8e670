/* conf_setting.h - the rows of conf_table.h as an array, and how one value is read. Private to conf.
 *
 * Threads: pure. Errors: INVALID with the reason; the caller adds the place. */
#ifndef EHUB_CONF_CONF_SETTING_H
#define EHUB_CONF_CONF_SETTING_H

#include "base/arena.h"
#include "conf/conf.h"

typedef enum ConfType { CONF_IS_STR, CONF_IS_INT, CONF_IS_MS, CONF_IS_BYTES, CONF_IS_BOOL } ConfType;

typedef struct ConfSetting {
    const char *key;
    const char *otherwise; /* the default, as text */
    ConfType type;
    size_t offset; /* of the field in Conf */
    int64_t min, max;
    const char *doc;
} ConfSetting;

extern const ConfSetting CONF_SETTINGS[];
extern const int CONF_N_SETTINGS;

const char *conf_type_name(ConfType t);
int conf_setting_find(Str key);                                   /* -1 when unknown */
void conf_setting_variable(const char *key, char out[static 96]); /* "EHUB_HTTP_PORT" */
bool conf_setting_is_secret(const char *key);
/* Writes the value into its field; strings are copied to the arena. */
ErrKind MUST_USE conf_setting_read(const ConfSetting *s, Str value, Arena *arena, Conf *c, Err *reterr);

#endif
