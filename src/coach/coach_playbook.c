/* coach_playbook.c - the interventions in the database and as JSON. */
#include "coach/coach_playbook.h"

#include "base/jv.h"
#include "base/jw.h"

#define BOOK_JSON_MAX (4u << 20)
#define SEED_ARENA (4u << 20)
#define CHECK_ARENA (256u << 10)

/* ---- to JSON and the database -------------------------------------------------------------------------------------- */

static void steps_json(Jw *w, const char *key, const char *const *steps, int n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int i = 0; i < n; i++)
        jw_cstr(w, steps[i]);
    jw_end(w);
}

static void play_json(Jw *w, const CoachPlay *p, int position)
{
    jw_obj(w);
    jw_kv_cstr(w, "key", p->key);
    jw_kv_cstr(w, "title", p->title);
    jw_kv_cstr(w, "summary", p->summary);
    jw_key(w, "drivers");
    jw_arr(w);
    for (int i = 0; i < p->n_drivers; i++) {
        jw_obj(w);
        jw_kv_cstr(w, "feature", COACH_FEATURES[p->drivers[i].feature].name);
        jw_kv_cstr(w, "when", p->drivers[i].high ? "high" : "low");
        jw_end(w);
    }
    jw_end(w);
    steps_json(w, "agent_steps", p->agent_steps, p->n_agent_steps);
    steps_json(w, "coach_steps", p->coach_steps, p->n_coach_steps);
    jw_kv_i64(w, "effort_agent_min", p->effort_agent_min);
    jw_kv_i64(w, "effort_coach_min", p->effort_coach_min);
    jw_key(w, "limits");
    jw_obj(w);
    jw_kv_i64(w, "per_week", p->per_week);
    jw_kv_i64(w, "per_week_lowest_tier", p->per_week_lowest_tier);
    jw_kv_i64(w, "cooldown_days", p->cooldown_days);
    jw_end(w);
    jw_kv_f64(w, "prior_effect", p->prior_effect);
    jw_kv_cstr(w, "prior_source", p->prior_source);
    jw_kv_bool(w, "enabled", p->enabled);
    jw_kv_i64(w, "position", position);
    jw_end(w);
}

void coach_playbook_json(Buf *out, const CoachPlaybook *book)
{
    Jw w = jw(out);
    jw_arr(&w);
    for (int i = 0; i < book->n; i++)
        play_json(&w, &book->plays[i], i + 1);
    jw_end(&w);
}

#define INSERT_PLAYS                                                                                     \
    "insert into playbook (tenant_id, key, title, summary, drivers, agent_steps, coach_steps, "          \
    "effort_agent_min,"                                                                                  \
    " effort_coach_min, limits, prior_effect, prior_source, enabled, position)"                          \
    " select $1::uuid, p.key, p.title, p.summary, p.drivers, p.agent_steps, p.coach_steps, "             \
    "p.effort_agent_min,"                                                                                \
    " p.effort_coach_min, p.limits, p.prior_effect, p.prior_source, p.enabled, p.position"               \
    " from jsonb_to_recordset($2::jsonb) as p (key text, title text, summary text, drivers jsonb, "      \
    "agent_steps jsonb,"                                                                                 \
    " coach_steps jsonb, effort_agent_min int, effort_coach_min int, limits jsonb, prior_effect float8," \
    " prior_source text, enabled bool, position int)"

static const PgStmt STORE = {
    "coach_playbook_store", INSERT_PLAYS
    " on conflict (tenant_id, key) do update set title = excluded.title, summary = excluded.summary,"
    " drivers = excluded.drivers, agent_steps = excluded.agent_steps, coach_steps = excluded.coach_steps,"
    " effort_agent_min = excluded.effort_agent_min, effort_coach_min = excluded.effort_coach_min,"
    " limits = excluded.limits, prior_effect = excluded.prior_effect, prior_source = excluded.prior_source,"
    " enabled = excluded.enabled, updated_at = now()"};
static const PgStmt SEED = {
    "coach_playbook_seed", INSERT_PLAYS
    " where not exists (select from playbook b where b.tenant_id = $1::uuid) on conflict do nothing"};
static const PgStmt EXISTS = {"coach_playbook_exists",
                              "select exists (select from playbook where tenant_id = $1::uuid)"};
static const PgStmt READ = {
    "coach_playbook_read",
    "select key, title, summary, jsonb_build_object('drivers', drivers, 'agent_steps', agent_steps, "
    "'coach_steps',"
    " coach_steps, 'limits', limits), effort_agent_min, effort_coach_min, prior_effect, prior_source, enabled"
    " from playbook where tenant_id = $1::uuid order by position, key limit 200"};

static ErrKind write_book(PgShards *s, Uuid tenant, const PgStmt *stmt, const CoachPlaybook *book,
                          Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf json = BUF(BOOK_JSON_MAX);
    coach_playbook_json(&json, book);
    TRY(buf_check(&json, reterr));
    return pg_control_query(s, tenant, stmt, PG_PARAMS(pg_uuid(tenant), pg_cstr(buf_cstr(&json))), by, NULL,
                            reterr);
}

ErrKind coach_playbook_store(PgShards *s, Uuid tenant, const CoachPlaybook *book, Deadline by, Err *reterr)
{
    return write_book(s, tenant, &STORE, book, by, reterr);
}

ErrKind coach_playbook_seed(PgShards *s, Uuid tenant, Deadline by, Err *reterr)
{
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &EXISTS, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    if (pg_get_bool(r, 0, 0))
        return ERR_NONE;
    CLEANUP(arena_freep) Arena *arena = arena_new(SEED_ARENA);
    CoachPlaybook book;
    TRY(coach_playbook_parse(arena, str_from(COACH_PLAYBOOK_DEFAULT), "default.yaml", &book, reterr));
    return write_book(s, tenant, &SEED, &book, by, reterr);
}

/* ---- from JSON ----------------------------------------------------------------------------------------------------- */

static ErrKind parse_drivers(const Jv *v, CoachPlay *play, Err *reterr)
{
    if (jv_kind(v) != JV_ARR || jv_len(v) < 1 || jv_len(v) > COACH_PLAY_RULES_MAX)
        return err_set(reterr, ERR_INVALID, "drivers: a list of 1 to %d {\"feature\", \"when\"}",
                       COACH_PLAY_RULES_MAX);
    for (size_t i = 0; i < jv_len(v); i++) {
        Str feature = jv_get_str(jv_at(v, i), "feature"), when = jv_get_str(jv_at(v, i), "when");
        CoachPlayRule *rule = &play->drivers[play->n_drivers++];
        rule->feature = coach_feature_index(feature);
        rule->high = str_eq_c(when, "high");
        if (rule->feature < 0)
            return err_set(reterr, ERR_INVALID, "drivers: no feature \"" STR_FMT "\"", STR_ARG(feature));
        if (!rule->high && !str_eq_c(when, "low"))
            return err_set(reterr, ERR_INVALID, "drivers: \"when\" is \"high\" or \"low\"");
    }
    return ERR_NONE;
}

static ErrKind parse_steps(Arena *arena, const Jv *v, const char *name, const char **steps, int *n,
                           Err *reterr)
{
    if (jv_kind(v) != JV_ARR || jv_len(v) < 1 || jv_len(v) > COACH_PLAY_STEPS_MAX)
        return err_set(reterr, ERR_INVALID, "%s: a list of 1 to %d texts", name, COACH_PLAY_STEPS_MAX);
    for (size_t i = 0; i < jv_len(v); i++) {
        Str step;
        if (!jv_is_str(jv_at(v, i), &step) || step.len == 0 || step.len > COACH_PLAY_STEP_BYTES)
            return err_set(reterr, ERR_INVALID, "%s: a step is a text of 1 to %d bytes", name,
                           COACH_PLAY_STEP_BYTES);
        steps[(*n)++] = arena_strndup(arena, step.ptr, step.len);
    }
    return arena_check(arena, reterr);
}

/* A limit that is left out is `otherwise`. */
static ErrKind parse_limit(const Jv *limits, const char *key, int min, int max, int otherwise, int *ret,
                           Err *reterr)
{
    int64_t v = otherwise;
    const Jv *member = jv_get(limits, key);
    if (member && (!jv_is_i64(member, &v) || v < min || v > max))
        return err_set(reterr, ERR_INVALID, "limits: \"%s\" must be a whole number from %d to %d", key, min,
                       max);
    *ret = (int)v;
    return ERR_NONE;
}

static ErrKind parse_limits(const Jv *v, CoachPlay *play, Err *reterr)
{
    if (jv_kind(v) != JV_OBJ)
        return err_set(reterr, ERR_INVALID, "limits: an object");
    TRY(parse_limit(v, "per_week", 1, COACH_PER_WEEK_MAX, COACH_PER_WEEK_MAX, &play->per_week, reterr));
    TRY(parse_limit(v, "per_week_lowest_tier", 0, COACH_PER_WEEK_MAX, play->per_week,
                    &play->per_week_lowest_tier, reterr));
    return parse_limit(v, "cooldown_days", 0, COACH_COOLDOWN_MAX, 0, &play->cooldown_days, reterr);
}

static ErrKind parse_lists(Arena *arena, const Jv *v, CoachPlay *play, Err *reterr)
{
    TRY(parse_drivers(jv_get(v, "drivers"), play, reterr));
    TRY(parse_steps(arena, jv_get(v, "agent_steps"), "agent_steps", play->agent_steps, &play->n_agent_steps,
                    reterr));
    TRY(parse_steps(arena, jv_get(v, "coach_steps"), "coach_steps", play->coach_steps, &play->n_coach_steps,
                    reterr));
    return parse_limits(jv_get(v, "limits"), play, reterr);
}

ErrKind coach_playbook_check(const Jv *play, Err *reterr)
{
    CLEANUP(arena_freep) Arena *arena = arena_new(CHECK_ARENA);
    CoachPlay parsed = {0};
    return parse_lists(arena, play, &parsed, reterr);
}

static const char *copy(Arena *arena, Str s)
{
    return arena_strndup(arena, s.ptr, s.len);
}

static ErrKind read_play(Arena *arena, const PgResult *r, int row, CoachPlay *p, Err *reterr)
{
    CLEANUP(jv_freep) Jv *lists = NULL;
    p->key = copy(arena, pg_str(r, row, 0));
    p->title = copy(arena, pg_str(r, row, 1));
    p->summary = copy(arena, pg_str(r, row, 2));
    TRY(jv_parse(pg_str(r, row, 3), &lists, reterr));
    TRY(parse_lists(arena, lists, p, reterr));
    p->effort_agent_min = (int)pg_get_i64(r, row, 4);
    p->effort_coach_min = (int)pg_get_i64(r, row, 5);
    p->prior_effect = pg_get_f64(r, row, 6);
    p->prior_source = copy(arena, pg_str(r, row, 7));
    p->enabled = pg_get_bool(r, row, 8);
    return arena_check(arena, reterr);
}

ErrKind coach_playbook_get(PgShards *s, Uuid tenant, Arena *arena, Deadline by, CoachPlaybook *ret,
                           Err *reterr)
{
    *ret = (CoachPlaybook){0};
    TRY(coach_playbook_seed(s, tenant, by, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_control_query(s, tenant, &READ, PG_PARAMS(pg_uuid(tenant)), by, &r, reterr));
    ret->n = pg_rows(r);
    ret->plays = arena_array(arena, (size_t)MAX(ret->n, 1), sizeof(CoachPlay));
    TRY(arena_check(arena, reterr));
    for (int i = 0; i < ret->n; i++) {
        ErrKind kind = read_play(arena, r, i, &ret->plays[i], reterr);
        if (kind != ERR_NONE)
            return err_wrap(reterr, kind, "playbook \"" STR_FMT "\"", STR_ARG(pg_str(r, i, 0)));
    }
    return ERR_NONE;
}
