/* coach_playbook_yaml.c - reads a playbook file. */
#include "base/yaml.h"
#include "coach/coach_playbook.h"

#include <string.h>

typedef struct Reader {
    Arena *arena;
    const char *name;
} Reader;

static ErrKind bad(const Reader *r, const YamlNode *at, Err *reterr, const char *what)
{
    return err_set(reterr, ERR_INVALID, "%s:%d: %s", r->name, at->line, what);
}

static ErrKind need(const Reader *r, const YamlNode *map, const char *key, YamlKind kind,
                    const YamlNode **ret, Err *reterr)
{
    *ret = yaml_get(map, key);
    if (!*ret)
        return err_set(reterr, ERR_INVALID, "%s:%d: \"%s\" is missing", r->name, map->line, key);
    if ((*ret)->kind != kind)
        return err_set(reterr, ERR_INVALID, "%s:%d: \"%s\" has the wrong form", r->name, (*ret)->line, key);
    return ERR_NONE;
}

static ErrKind text(const Reader *r, const YamlNode *map, const char *key, size_t max, const char **ret,
                    Err *reterr)
{
    const YamlNode *n;
    TRY(need(r, map, key, YAML_KIND_SCALAR, &n, reterr));
    if (n->scalar.len == 0 || n->scalar.len > max)
        return err_set(reterr, ERR_INVALID, "%s:%d: \"%s\" must have 1 to %zu bytes", r->name, n->line, key,
                       max);
    *ret = arena_strndup(r->arena, n->scalar.ptr, n->scalar.len);
    return arena_check(r->arena, reterr);
}

static ErrKind whole(const Reader *r, const YamlNode *map, const char *key, int min, int max, int *ret,
                     Err *reterr)
{
    const YamlNode *n;
    int64_t v;
    TRY(need(r, map, key, YAML_KIND_SCALAR, &n, reterr));
    if (!str_to_i64(n->scalar, &v) || v < min || v > max)
        return err_set(reterr, ERR_INVALID, "%s:%d: \"%s\" must be a whole number from %d to %d", r->name,
                       n->line, key, min, max);
    *ret = (int)v;
    return ERR_NONE;
}

static ErrKind known_keys(const Reader *r, const YamlNode *map, const char *const *keys, Err *reterr)
{
    for (const YamlNode *n = map->first; n; n = n->next) {
        const char *const *k = keys;
        while (*k && !str_eq_c(n->key, *k))
            k++;
        if (!*k)
            return err_set(reterr, ERR_INVALID, "%s:%d: unknown key \"" STR_FMT "\"", r->name, n->line,
                           STR_ARG(n->key));
    }
    return ERR_NONE;
}

static ErrKind read_key(const Reader *r, const YamlNode *map, CoachPlay *play, Err *reterr)
{
    TRY(text(r, map, "key", 63, &play->key, reterr));
    const char *allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (strlen(play->key) < 2 || strspn(play->key, allowed) != strlen(play->key) || play->key[0] < 'a')
        return bad(r, map, reterr,
                   "\"key\" must be lower-case letters, digits and _, and begin with a letter");
    return ERR_NONE;
}

static ErrKind read_drivers(const Reader *r, const YamlNode *map, CoachPlay *play, Err *reterr)
{
    static const char *const KEYS[] = {"feature", "when", NULL};
    const YamlNode *list;
    TRY(need(r, map, "drivers", YAML_KIND_LIST, &list, reterr));
    if (list->n_children < 1 || list->n_children > COACH_PLAY_RULES_MAX)
        return err_set(reterr, ERR_INVALID, "%s:%d: 1 to %d drivers", r->name, list->line,
                       COACH_PLAY_RULES_MAX);
    for (const YamlNode *n = list->first; n; n = n->next) {
        const YamlNode *feature, *when;
        if (n->kind != YAML_KIND_MAP)
            return bad(r, n, reterr, "a driver is {feature: NAME, when: high or low}");
        TRY(known_keys(r, n, KEYS, reterr));
        TRY(need(r, n, "feature", YAML_KIND_SCALAR, &feature, reterr));
        TRY(need(r, n, "when", YAML_KIND_SCALAR, &when, reterr));
        CoachPlayRule *rule = &play->drivers[play->n_drivers++];
        rule->feature = coach_feature_index(feature->scalar);
        if (rule->feature < 0)
            return err_set(reterr, ERR_INVALID, "%s:%d: no feature \"" STR_FMT "\"", r->name, feature->line,
                           STR_ARG(feature->scalar));
        rule->high = str_eq_c(when->scalar, "high");
        if (!rule->high && !str_eq_c(when->scalar, "low"))
            return bad(r, when, reterr, "\"when\" is high or low");
    }
    return ERR_NONE;
}

static ErrKind read_steps(const Reader *r, const YamlNode *map, const char *key, const char **steps,
                          int *n_steps, Err *reterr)
{
    const YamlNode *list;
    TRY(need(r, map, key, YAML_KIND_LIST, &list, reterr));
    if (list->n_children < 1 || list->n_children > COACH_PLAY_STEPS_MAX)
        return err_set(reterr, ERR_INVALID, "%s:%d: 1 to %d steps", r->name, list->line,
                       COACH_PLAY_STEPS_MAX);
    for (const YamlNode *n = list->first; n; n = n->next) {
        if (n->kind != YAML_KIND_SCALAR || n->scalar.len == 0 || n->scalar.len > COACH_PLAY_STEP_BYTES)
            return bad(r, n, reterr, "a step is a text of 1 to 1000 bytes");
        steps[(*n_steps)++] = arena_strndup(r->arena, n->scalar.ptr, n->scalar.len);
    }
    return arena_check(r->arena, reterr);
}

static ErrKind read_limits(const Reader *r, const YamlNode *map, CoachPlay *play, Err *reterr)
{
    static const char *const KEYS[] = {"per_week", "per_week_lowest_tier", "cooldown_days", NULL};
    const YamlNode *limits;
    TRY(need(r, map, "limits", YAML_KIND_MAP, &limits, reterr));
    TRY(known_keys(r, limits, KEYS, reterr));
    TRY(whole(r, limits, "per_week", 1, COACH_PER_WEEK_MAX, &play->per_week, reterr));
    TRY(whole(r, limits, "per_week_lowest_tier", 0, COACH_PER_WEEK_MAX, &play->per_week_lowest_tier, reterr));
    return whole(r, limits, "cooldown_days", 0, COACH_COOLDOWN_MAX, &play->cooldown_days, reterr);
}

static ErrKind read_play(const Reader *r, const YamlNode *map, CoachPlay *play, Err *reterr)
{
    static const char *const KEYS[] = {"key",         "title",        "summary",          "drivers",
                                       "agent_steps", "coach_steps",  "effort_agent_min", "effort_coach_min",
                                       "limits",      "prior_effect", "prior_source",     "enabled",
                                       NULL};
    if (map->kind != YAML_KIND_MAP)
        return bad(r, map, reterr, "an intervention is a map");
    TRY(known_keys(r, map, KEYS, reterr));
    TRY(read_key(r, map, play, reterr));
    TRY(text(r, map, "title", 200, &play->title, reterr));
    TRY(text(r, map, "summary", 1000, &play->summary, reterr));
    TRY(read_drivers(r, map, play, reterr));
    TRY(read_steps(r, map, "agent_steps", play->agent_steps, &play->n_agent_steps, reterr));
    TRY(read_steps(r, map, "coach_steps", play->coach_steps, &play->n_coach_steps, reterr));
    TRY(whole(r, map, "effort_agent_min", 0, 10000, &play->effort_agent_min, reterr));
    TRY(whole(r, map, "effort_coach_min", 0, 10000, &play->effort_coach_min, reterr));
    TRY(read_limits(r, map, play, reterr));
    const YamlNode *effect;
    TRY(need(r, map, "prior_effect", YAML_KIND_SCALAR, &effect, reterr));
    if (!str_to_f64(effect->scalar, &play->prior_effect) || play->prior_effect < -5 || play->prior_effect > 5)
        return bad(r, effect, reterr, "\"prior_effect\" must be a number from -5 to 5 (log-odds)");
    TRY(text(r, map, "prior_source", 500, &play->prior_source, reterr));
    const YamlNode *enabled = yaml_get(map, "enabled");
    play->enabled = !enabled || str_eq_c(enabled->scalar, "true");
    if (enabled && !play->enabled && !str_eq_c(enabled->scalar, "false"))
        return bad(r, enabled, reterr, "\"enabled\" is true or false");
    return ERR_NONE;
}

ErrKind coach_playbook_parse(Arena *arena, Str yaml, const char *name, CoachPlaybook *ret, Err *reterr)
{
    static const char *const KEYS[] = {"playbook", NULL};
    Reader r = {arena, name};
    YamlNode *root;
    const YamlNode *list;
    *ret = (CoachPlaybook){0};
    TRY(yaml_parse(arena, yaml, name, &root, reterr));
    if (root->kind != YAML_KIND_MAP)
        return bad(&r, root, reterr, "expected \"playbook:\" and a list");
    TRY(known_keys(&r, root, KEYS, reterr));
    TRY(need(&r, root, "playbook", YAML_KIND_LIST, &list, reterr));
    if (list->n_children > COACH_PLAYS_MAX)
        return err_set(reterr, ERR_LIMIT, "%s: %zu interventions, at most %d", name, list->n_children,
                       COACH_PLAYS_MAX);
    ret->plays = arena_array(arena, MAX(list->n_children, 1), sizeof(CoachPlay));
    TRY(arena_check(arena, reterr));
    for (const YamlNode *n = list->first; n; n = n->next) {
        CoachPlay *play = &ret->plays[ret->n];
        TRY(read_play(&r, n, play, reterr));
        for (int i = 0; i < ret->n; i++)
            if (strcmp(ret->plays[i].key, play->key) == 0)
                return err_set(reterr, ERR_INVALID, "%s:%d: key \"%s\" stands twice", name, n->line,
                               play->key);
        ret->n++;
    }
    return ERR_NONE;
}
