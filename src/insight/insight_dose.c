/* insight_dose.c - see insight_dose.h. */
#include "insight/insight_dose.h"

#include "base/mem.h"
#include "insight/insight_estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Dose {
    double amount;
    const char *text;
} Dose;

static int by_amount(const void *a, const void *b)
{
    const Dose *x = a, *y = b;
    return (x->amount > y->amount) - (x->amount < y->amount);
}

static ErrKind find_doses(const char *path, const char *column, InsightDoses *s, Err *reterr)
{
    CLEANUP(insight_columns_freep) InsightColumnSet *set = NULL;
    InsightWant want = {column, true};
    TRY(insight_columns_read(path, &want, 1, &set, reterr));
    const InsightColumn *col = &set->column[0];
    if (col->n_texts < 2 || col->n_texts > INSIGHT_DOSES_MAX)
        return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": %d levels; from 2 to %d can be compared",
                       path, column, (int)col->n_texts, INSIGHT_DOSES_MAX);
    Dose dose[INSIGHT_DOSES_MAX];
    for (int k = 0; k < col->n_texts; k++) {
        dose[k].text = col->text[k];
        if (!str_to_f64(str_from(col->text[k]), &dose[k].amount) || strlen(col->text[k]) >= sizeof s->dose[0])
            return err_set(reterr, ERR_INVALID, "%s, column \"%.100s\": the level \"%.60s\" is no number",
                           path, column, col->text[k]);
    }
    qsort(dose, (size_t)col->n_texts, sizeof *dose, by_amount);
    s->n_doses = col->n_texts;
    for (int k = 0; k < s->n_doses; k++)
        BUG_ON(!str_copy(s->dose[k], sizeof s->dose[k], str_from(dose[k].text)));
    return ERR_NONE;
}

static ErrKind fill_tiers(const InsightData *d, const InsightScores *scores, double level, InsightDoseStep *t,
                          Err *reterr)
{
    if (!d->tier.id)
        return ERR_NONE;
    if (d->tier.n > INSIGHT_GROUPS_MAX)
        return err_set(reterr, ERR_INVALID, "%d tiers are too many to tell apart, at most %d", (int)d->tier.n,
                       INSIGHT_GROUPS_MAX);
    t->tiers.name = "tier";
    t->tiers.n = d->tier.n;
    for (int g = 0; g < d->tier.n; g++)
        if (!str_copy(t->tiers.part[g].name, sizeof t->tiers.part[g].name, str_from(d->tier.name[g])))
            return err_set(reterr, ERR_INVALID, "the tier \"%.60s...\" is longer than %zu bytes",
                           d->tier.name[g], sizeof t->tiers.part[g].name - 1);
    return insight_break_down(d, scores, d->tier.id, level, NULL, &t->tiers, reterr);
}

static ErrKind step(const char *path, const InsightColumns *c, const InsightQuestion *q, int from, int to,
                    InsightDoses *s, Err *reterr)
{
    InsightDoseStep *t = &s->step[s->n_steps];
    InsightColumns pair = *c;
    CLEANUP(insight_data_freep) InsightData *d = NULL;
    CLEANUP(insight_scores_freep) InsightScores *scores = NULL;
    pair.control = s->dose[from];
    pair.treated = s->dose[to];
    BUG_ON(!str_copy(t->from, sizeof t->from, str_from(s->dose[from])));
    BUG_ON(!str_copy(t->to, sizeof t->to, str_from(s->dose[to])));
    TRY(insight_data_read(path, &pair, &d, reterr));
    ErrKind kind = insight_scores(d, q, false, &scores, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "%s instead of %s", t->to, t->from);
    t->n_to = insight_n_treated(d);
    t->n_from = d->n - t->n_to;
    TRY(insight_mean_of(d, scores->effect, s->level, &t->effect, reterr));
    TRY(fill_tiers(d, scores, s->level, t, reterr));
    s->n_steps++;
    return ERR_NONE;
}

static void warn_of_too_much(InsightDoses *s)
{
    for (int k = 0; k < s->n_steps; k++) {
        const InsightDoseStep *t = &s->step[k];
        for (int g = 0; g < t->tiers.n; g++)
            if (t->tiers.part[g].high_all < 0)
                buf_addf(&s->warnings,
                         "too much for %s: %s instead of %s changes the outcome by %.4g (%.4g to %.4g)\n",
                         t->tiers.part[g].name, t->to, t->from, t->tiers.part[g].effect.estimate,
                         t->tiers.part[g].low_all, t->tiers.part[g].high_all);
    }
}

ErrKind insight_doses(const char *path, const InsightColumns *c, const InsightQuestion *q, InsightDoses **ret,
                      Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_doses_freep) InsightDoses *s = MEM_NEW(InsightDoses);
    s->level = q->level;
    s->warnings = BUF(65536);
    TRY(find_doses(path, c->treatment, s, reterr));
    for (int k = 1; k < s->n_doses; k++)
        TRY(step(path, c, q, 0, k, s, reterr));
    for (int k = 2; k < s->n_doses; k++)
        TRY(step(path, c, q, k - 1, k, s, reterr));
    warn_of_too_much(s);
    *ret = s;
    s = NULL;
    return ERR_NONE;
}

void insight_doses_free(InsightDoses *s)
{
    if (!s)
        return;
    buf_done(&s->warnings);
    mem_free(s);
}

void insight_doses_json(Jw *w, const InsightDoses *s)
{
    jw_obj(w);
    jw_kv_f64(w, "level", s->level);
    jw_key(w, "doses");
    jw_arr(w);
    for (int k = 0; k < s->n_doses; k++)
        jw_cstr(w, s->dose[k]);
    jw_end(w);
    jw_key(w, "steps");
    jw_arr(w);
    for (int k = 0; k < s->n_steps; k++) {
        const InsightDoseStep *t = &s->step[k];
        jw_obj(w);
        jw_kv_cstr(w, "from", t->from);
        jw_kv_cstr(w, "to", t->to);
        jw_kv_i64(w, "n_from", t->n_from);
        jw_kv_i64(w, "n_to", t->n_to);
        insight_estimate_members(w, &t->effect);
        insight_breakdown_json(w, "tiers", &t->tiers);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "warnings");
    jw_arr(w);
    Str rest = buf_str(&s->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
    jw_end(w);
}
