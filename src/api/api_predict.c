/* api_predict.c - GET /v1/agents/{id}/performance and POST /v1/agents/{id}/predict. */
#include "api/api_predict.h"

#include "api/api_agent.h"
#include "coach/coach_words.h"

/* Both kinds of one agent: two rows when the agent is there and visible, whatever is predicted. */
const PgStmt API_PREDICT_GET = {
    "api_predict_get",
    "select to_char((now() at time zone 'UTC')::date, 'YYYY-MM-DD'), p.* from agent a "
    "cross join (values (1, 'goal'), (2, 'closings')) k (n, kind) "
    "left join lateral (select " COACH_PREDICTION_COLUMNS " from prediction where tenant_id = $1::uuid "
    "and agent_id = a.id and kind = k.kind order by as_of desc limit 1) p on true "
    "where a.tenant_id = $1::uuid and a.id = $2::uuid and ($3::uuid is null or "
    "a.location_id = $3::uuid) order by k.n"};

#define TEXT_MAX 512

bool api_predict_row(const ApiTenant *t, const PgResult *r, int row, int col, CoachPrediction *ret)
{
    *ret = (CoachPrediction){0};
    if (pg_is_null(r, row, col) || !coach_prediction_from_row(r, row, col, ret))
        return false;
    const ApiModel *m = api_tenant_model(t, ret->model_id);
    ret->model_version = m ? (int)m->version : 0;
    return true;
}

int api_predict_why(const CoachPrediction *p)
{
    int worst = -1;
    for (int f = 0; f < COACH_N_FEATURES; f++)
        if (COACH_FEATURES[f].direction != 0 && p->shap[f] < (worst < 0 ? 0 : p->shap[worst]))
            worst = f;
    if (worst < 0 && coach_drivers(p, true, 1, &worst) == 0)
        return -1;
    return worst;
}

void api_predict_text(Buf *out, const CoachPrediction *p, int feature)
{
    coach_words_driver(out, &COACH_FEATURES[feature], (double)p->x[feature], (double)p->median[feature],
                       coach_points(p, feature), p->kind == COACH_CLOSINGS);
}

static void write_summary(Jw *w, const CoachPrediction *goal)
{
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    int why = goal->present ? api_predict_why(goal) : -1;
    if (why >= 0)
        api_predict_text(&text, goal, why);
    else
        buf_add_c(&text,
                  goal->present ? "No single figure stands out" : "No prediction yet: no model is active");
    jw_kv_str(w, "summary", buf_str(&text));
}

static const char *const KIND_NAMES[COACH_N_KINDS] = {[COACH_GOAL] = "goal", [COACH_CLOSINGS] = "closings"};

/* The members of the answer that one prediction gives: itself, and with the goal the summary. */
static void write_prediction(Jw *w, CoachKind kind, const CoachPrediction *p)
{
    jw_key(w, KIND_NAMES[kind]);
    coach_prediction_json(w, p);
    if (kind == COACH_GOAL)
        write_summary(w, p);
}

static void begin_answer(ApiCall *c, Jw *w, Str as_of)
{
    *w = jw(&c->res->body);
    jw_obj(w);
    jw_kv_uuid(w, "agent_id", c->id);
    jw_kv_str(w, "as_of", as_of);
    jw_kv_cstr(w, "label", c->tenant->simulated ? "simulated" : "projection");
}

/* Columns of API_PREDICT_GET: 0 is today, the prediction's begin at 1. */
enum { COL_TODAY, COL_ID, COL_AS_OF = COL_ID + 5, COL_MADE_AT = COL_ID + 6 };

/* The row's members, from those kept when this prediction was shown before. */
static void write_row(ApiCall *c, Jw *w, const PgResult *r, CoachKind kind)
{
    ApiRenderedKey key = {API_RENDERED_PERFORMANCE, pg_get_uuid(r, (int)kind, COL_ID),
                          pg_get_i64(r, (int)kind, COL_MADE_AT)};
    CLEANUP(buf_done) Buf members = BUF(API_RENDERED_MAX);
    if (!api_rendered_get(c->api->rendered, &key, &members)) {
        CoachPrediction p;
        (void)api_predict_row(c->tenant, r, (int)kind, COL_ID, &p);
        Jw part = jw(&members);
        write_prediction(&part, kind, &p);
        if (members.failed) {
            write_prediction(w, kind, &p);
            return;
        }
        if (p.present && p.model_version) /* a model that is not known yet will be, a moment later */
            api_rendered_put(c->api->rendered, &key, buf_str(&members));
    }
    jw_members(w, buf_str(&members));
}

ErrKind api_predict_get(ApiCall *c, Err *reterr)
{
    TRY(api_agent_own(c, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(pg_result_freep) PgResult *r = NULL;
    TRY(pg_shard_query(c->api->shards, c->who->tenant, uuid_slot(c->id), &API_PREDICT_GET,
                       PG_PARAMS(API_AGENT_PARAMS(c)), c->req->deadline, &r, reterr));
    if (pg_rows(r) != COACH_N_KINDS)
        return api_not_found(reterr, "agent");
    Str as_of = pg_str(r, COACH_GOAL, COL_AS_OF);
    if (!as_of.ptr)
        as_of = pg_str(r, COACH_CLOSINGS, COL_AS_OF);
    Jw w;
    begin_answer(c, &w, as_of.ptr ? as_of : pg_str(r, 0, COL_TODAY));
    write_row(c, &w, r, COACH_GOAL);
    write_row(c, &w, r, COACH_CLOSINGS);
    jw_end(&w);
    return ERR_NONE;
}

ErrKind api_predict_now(ApiCall *c, Err *reterr)
{
    Uuid location;
    TRY(api_agent_check(c, &location, NULL, reterr));
    TRY(api_call_tenant(c, reterr));
    CLEANUP(coach_models_unrefp) const CoachModels *models = NULL;
    TRY(coach_models_get(c->api->shards, c->who->tenant, c->req->deadline, &models, reterr));
    CoachPrediction p[COACH_N_KINDS] = {0};
    TRY(coach_predict_agent(c->api->shards, models, c->who->tenant, c->id, c->req->deadline, p, reterr));
    bool any = p[COACH_GOAL].present || p[COACH_CLOSINGS].present;
    char as_of[11];
    clock_format_date(any ? p[p[COACH_GOAL].present ? COACH_GOAL : COACH_CLOSINGS].as_of
                          : (int32_t)(clock_now_us() / US_PER_DAY),
                      as_of);
    Jw w;
    begin_answer(c, &w, str_from(as_of));
    write_prediction(&w, COACH_GOAL, &p[COACH_GOAL]);
    write_prediction(&w, COACH_CLOSINGS, &p[COACH_CLOSINGS]);
    jw_end(&w);
    return ERR_NONE;
}
