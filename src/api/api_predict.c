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
    int features[COACH_N_FEATURES];
    int n = coach_drivers(p, true, COACH_N_FEATURES, features);
    for (int i = 0; i < n; i++)
        if (p->shap[features[i]] < 0)
            return features[i];
    return n > 0 ? features[0] : -1;
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

static void write_answer(ApiCall *c, const CoachPrediction p[static COACH_N_KINDS], const char *today)
{
    char as_of[11];
    if (p[COACH_GOAL].present || p[COACH_CLOSINGS].present) {
        clock_format_date(p[p[COACH_GOAL].present ? COACH_GOAL : COACH_CLOSINGS].as_of, as_of);
        today = as_of;
    }
    Jw w = jw(&c->res->body);
    jw_obj(&w);
    jw_kv_uuid(&w, "agent_id", c->id);
    jw_kv_cstr(&w, "as_of", today);
    jw_kv_cstr(&w, "label", c->tenant->simulated ? "simulated" : "projection");
    jw_key(&w, "goal");
    coach_prediction_json(&w, &p[COACH_GOAL]);
    jw_key(&w, "closings");
    coach_prediction_json(&w, &p[COACH_CLOSINGS]);
    write_summary(&w, &p[COACH_GOAL]);
    jw_end(&w);
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
    CoachPrediction p[COACH_N_KINDS];
    (void)api_predict_row(c->tenant, r, 0, 1, &p[COACH_GOAL]);
    (void)api_predict_row(c->tenant, r, 1, 1, &p[COACH_CLOSINGS]);
    char today[11];
    if (!str_copy(today, sizeof(today), pg_str(r, 0, 0)))
        return err_set(reterr, ERR_CORRUPT, "the database's date is not a date");
    write_answer(c, p, today);
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
    char today[11];
    clock_format_date((int32_t)(clock_now_us() / US_PER_DAY), today);
    write_answer(c, p, today);
    return ERR_NONE;
}
