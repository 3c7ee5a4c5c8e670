/* insight_update.c - see insight_update.h. */
#include "insight/insight_update.h"

#include "base/clock.h"
#include "base/mem.h"
#include "coach/coach_playbook.h"
#include "insight/insight_row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX (512u << 20)
#define ROWS_OF_NAME (2 * (1 + INSIGHT_TIERS))

static const InsightMetric OUTCOMES[] = {INSIGHT_CLOSINGS, INSIGHT_COMMISSION};

/* An experiment with its status, once it was looked at. */
typedef struct Trial {
    InsightExperiment e;
    InsightStatus st;
    bool looked;
} Trial;

typedef struct Work {
    PgShards *s;
    const CoachTenant *tenant;
    int32_t to;
    Deadline by;
    Arena *arena;
    InsightHistory *h;
    Trial *trial; /* newest first */
    int n_trials;
    InsightStored *row;
    int64_t n_rows;
    bool *keys; /* bool[h->key.n] */
    InsightUpdate *sum;
} Work;

static void work_done(Work *w)
{
    for (int i = 0; i < w->n_trials; i++)
        insight_status_done(&w->trial[i].st);
    mem_free(w->trial);
    mem_free(w->row);
    mem_free(w->keys);
    insight_history_free(w->h);
    arena_free(w->arena);
}

/* ---- experiments --------------------------------------------------------------------------------------------------- */

/* What fails for one keeps no other from being stopped; the first failure is the update's. */
static ErrKind read_trials(Work *w, InsightRecord *record, void *arg, Err *reterr)
{
    CLEANUP(mem_freep) InsightExperiment *e = NULL;
    ErrKind first = ERR_NONE;
    int n;
    TRY(insight_experiments(w->s, w->tenant->id, w->by, &e, &n, reterr));
    w->trial = mem_array((size_t)MAX(n, 1), sizeof *w->trial);
    for (int i = 0; i < n; i++) {
        Trial *t = &w->trial[w->n_trials++];
        t->e = e[i];
        if (!t->e.running)
            continue;
        Err err;
        ErrKind kind =
            insight_experiment_look(w->s, w->tenant->id, &t->e, w->to, record, arg, w->by, &t->st, &err);
        if (kind && !first) {
            *reterr = err;
            first = err_wrap(reterr, kind, "the experiment %s", t->e.name);
        }
        t->looked = true;
        w->sum->running++;
        w->sum->stopped += !t->e.running;
        w->sum->past_end += insight_experiment_overdue(&t->e, w->to);
    }
    return first;
}

static bool has_key(const InsightExperiment *e, const char *key)
{
    for (int i = 0; i < e->n_keys; i++)
        if (strcmp(e->keys[i], key) == 0)
            return true;
    return false;
}

static bool same_keys(const InsightExperiment *a, const InsightExperiment *b)
{
    bool same = true;
    for (int i = 0; same && i < a->n_keys; i++)
        same = has_key(b, a->keys[i]);
    for (int i = 0; same && i < b->n_keys; i++)
        same = has_key(a, b->keys[i]);
    return same;
}

/* The newest with these keys and this outcome that gives an answer; *ret_note: why the newest does not. */
static ErrKind find_trial(Work *w, const InsightExperiment *like, InsightMetric outcome, Trial **ret,
                          const char **ret_note, Err *reterr)
{
    *ret = NULL;
    *ret_note = NULL;
    for (int i = 0; i < MIN(w->n_trials, INSIGHT_UPDATE_EXPERIMENTS) && !*ret; i++) {
        Trial *t = &w->trial[i];
        if (t->e.outcome != outcome || !same_keys(&t->e, like))
            continue;
        if (!t->looked)
            TRY(insight_experiment_status(w->s, w->tenant->id, &t->e, w->to, w->by, &t->st, reterr));
        t->looked = true;
        const char *unfit = insight_row_unfit(&t->st);
        if (!unfit)
            *ret = t;
        else if (!*ret_note)
            *ret_note = arena_printf(w->arena, "the experiment %s does not say it yet: %s", t->e.name, unfit);
    }
    return ERR_NONE;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

static ErrKind add_history(Work *w, InsightAsk ask, Str name, const char *note, Err *reterr)
{
    for (ask.tier = INSIGHT_ALL_TIERS; ask.tier < INSIGHT_TIERS; ask.tier++) {
        InsightStored *row = &w->row[w->n_rows++];
        *row = insight_row_begin(ask.scope, name, ask.outcome, ask.tier);
        TRY(insight_row_history(w->h, &ask, note, w->arena, w->by, row, reterr));
    }
    return ERR_NONE;
}

static ErrKind add_third(Work *w, const InsightExperiment *e, InsightStored *row, Err *reterr)
{
    InsightStatus st = {0};
    ErrKind kind = insight_experiment_third(w->s, w->tenant->id, e, row->tier, w->to, w->by, &st, reterr);
    if (!kind)
        kind = insight_row_experiment(e, &st, w->arena, row, reterr);
    insight_status_done(&st);
    return kind;
}

static ErrKind add_trial(Work *w, InsightScope scope, Str name, Trial *t, Err *reterr)
{
    for (int tier = INSIGHT_ALL_TIERS; tier < INSIGHT_TIERS; tier++) {
        InsightStored *row = &w->row[w->n_rows++];
        *row = insight_row_begin(scope, name, t->e.outcome, tier);
        if (tier == INSIGHT_ALL_TIERS)
            TRY(insight_row_experiment(&t->e, &t->st, w->arena, row, reterr));
        else
            TRY(add_third(w, &t->e, row, reterr));
    }
    return ERR_NONE;
}

static ErrKind add_plain(Work *w, InsightScope scope, Str name, int32_t which, Err *reterr)
{
    for (size_t o = 0; o < ARRAY_LEN(OUTCOMES); o++)
        TRY(add_history(w, (InsightAsk){.scope = scope, .which = which, .outcome = OUTCOMES[o]}, name, NULL,
                        reterr));
    return ERR_NONE;
}

/* An intervention or a programme: its experiment, else its history. */
static ErrKind add_keys(Work *w, InsightScope scope, Str name, const InsightExperiment *like, Err *reterr)
{
    for (int32_t k = 0; k < w->h->key.n; k++)
        w->keys[k] = has_key(like, w->h->key.name[k]);
    for (size_t o = 0; o < ARRAY_LEN(OUTCOMES); o++) {
        Trial *t;
        const char *note;
        TRY(find_trial(w, like, OUTCOMES[o], &t, &note, reterr));
        if (t)
            TRY(add_trial(w, scope, name, t, reterr));
        else
            TRY(add_history(w, (InsightAsk){.scope = scope, .keys = w->keys, .outcome = OUTCOMES[o]}, name,
                            note, reterr));
    }
    return ERR_NONE;
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

static ErrKind add_interventions(Work *w, const CoachPlaybook *book, Err *reterr)
{
    for (int i = 0; i < book->n; i++) {
        InsightExperiment like = {.n_keys = 1};
        if (!str_copy(like.keys[0], sizeof(like.keys[0]), str_from(book->plays[i].key)))
            return err_set(reterr, ERR_CORRUPT, "the playbook has a key of more than 63 bytes");
        TRY(add_keys(w, INSIGHT_SCOPE_INTERVENTION, str_from(book->plays[i].key), &like, reterr));
    }
    return ERR_NONE;
}

/* Those of the same keys are one, called like the newest. */
static bool is_programme(const Work *w, int i)
{
    bool first = w->trial[i].e.n_keys > 1;
    for (int j = 0; first && j < i; j++)
        first = !same_keys(&w->trial[j].e, &w->trial[i].e);
    return first;
}

static ErrKind add_programmes(Work *w, Err *reterr)
{
    for (int i = 0; i < w->n_trials; i++) {
        if (!is_programme(w, i))
            continue;
        if (i >= INSIGHT_UPDATE_EXPERIMENTS)
            w->sum->left_out++;
        else
            TRY(add_keys(w, INSIGHT_SCOPE_PROGRAMME, str_from(w->trial[i].e.name), &w->trial[i].e, reterr));
    }
    return ERR_NONE;
}

typedef struct Rank {
    int32_t which;
    int64_t agents;
} Rank;

static int most_first(const void *a, const void *b)
{
    const Rank *x = a, *y = b;
    if (x->agents != y->agents)
        return x->agents > y->agents ? -1 : 1;
    return (x->which > y->which) - (x->which < y->which);
}

static ErrKind add_coaches(Work *w, Err *reterr)
{
    const InsightHistory *h = w->h;
    CLEANUP(mem_freep) Rank *rank = mem_array((size_t)MAX(h->coach.n, 1), sizeof *rank);
    for (int32_t i = 0; i < h->coach.n; i++)
        rank[i].which = i;
    for (int64_t i = 0; i < h->n_starts; i++)
        if (h->start[i].coach >= 0)
            rank[h->start[i].coach].agents++;
    qsort(rank, (size_t)h->coach.n, sizeof *rank, most_first);
    for (int32_t i = 0; i < MIN(h->coach.n, INSIGHT_UPDATE_NAMES); i++)
        TRY(add_plain(w, INSIGHT_SCOPE_COACH, str_from(h->coach.name[rank[i].which]), rank[i].which, reterr));
    w->sum->left_out += MAX(0, h->coach.n - INSIGHT_UPDATE_NAMES);
    return ERR_NONE;
}

static ErrKind add_offices(Work *w, Err *reterr)
{
    const InsightHistory *h = w->h;
    CLEANUP(mem_freep) Rank *rank = mem_array((size_t)MAX(h->n_offices, 1), sizeof *rank);
    for (int32_t i = 0; i < h->n_offices; i++)
        rank[i].which = i;
    for (int32_t i = 0; i < h->n_agents; i++)
        rank[h->agent[i].office].agents++;
    qsort(rank, (size_t)h->n_offices, sizeof *rank, most_first);
    for (int32_t i = 0; i < MIN(h->n_offices, INSIGHT_UPDATE_NAMES); i++) {
        char name[UUID_TEXT];
        uuid_format(h->office[rank[i].which], name);
        const char *kept = arena_strdup(w->arena, name);
        TRY(arena_check(w->arena, reterr));
        TRY(add_plain(w, INSIGHT_SCOPE_OFFICE, str_from(kept), rank[i].which, reterr));
    }
    w->sum->left_out += MAX(0, h->n_offices - INSIGHT_UPDATE_NAMES);
    return ERR_NONE;
}

static void count(Work *w)
{
    int64_t now = clock_now_us();
    w->sum->first_day = w->h->first_day;
    w->sum->to = w->h->to;
    w->sum->rows = w->n_rows;
    for (int64_t i = 0; i < w->n_rows; i++) {
        w->row[i].made_at = now;
        w->row[i].simulated = w->tenant->simulated;
        w->sum->answers += !w->row[i].refusal.ptr;
        w->sum->by_experiment += !w->row[i].refusal.ptr && w->row[i].experiment;
    }
}

static ErrKind run(Work *w, InsightRecord *record, void *arg, Err *reterr)
{
    CoachPlaybook book;
    TRY(read_trials(w, record, arg, reterr));
    TRY(coach_playbook_get(w->s, w->tenant->id, w->arena, w->by, &book, reterr));
    TRY(insight_history_read(w->s, w->tenant->id, w->to, w->by, &w->h, reterr));
    int64_t names = 1 + book.n + MIN(w->n_trials, INSIGHT_UPDATE_EXPERIMENTS) +
                    MIN(w->h->coach.n, INSIGHT_UPDATE_NAMES) + MIN(w->h->n_offices, INSIGHT_UPDATE_NAMES);
    w->row = mem_array((size_t)names * ROWS_OF_NAME, sizeof *w->row);
    w->keys = mem_array((size_t)MAX(w->h->key.n, 1), sizeof *w->keys);
    TRY(add_plain(w, INSIGHT_SCOPE_ALL, STR("all"), 0, reterr));
    TRY(add_interventions(w, &book, reterr));
    TRY(add_programmes(w, reterr));
    TRY(add_coaches(w, reterr));
    TRY(add_offices(w, reterr));
    count(w);
    return insight_store_replace(w->s, w->tenant->id, w->row, w->n_rows, w->by, reterr);
}

ErrKind insight_update(PgShards *s, const CoachTenant *tenant, int32_t to, InsightRecord *record, void *arg,
                       Deadline by, InsightUpdate *ret, Err *reterr)
{
    *ret = (InsightUpdate){0};
    CLEANUP(work_done)
    Work w = {.s = s, .tenant = tenant, .to = to, .by = by, .arena = arena_new(ARENA_MAX), .sum = ret};
    return run(&w, record, arg, reterr);
}
