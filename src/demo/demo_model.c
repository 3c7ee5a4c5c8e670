/* demo_model.c - one simulated agent: skills, form, coaching, leads, appointments, deals. Equations: docs/simulator.md. */
#include "demo/demo_model.h"

#include "base/clock.h"
#include "base/mem.h"
#include "demo/demo_names.h"

#include <math.h>
#include <stdlib.h>

#define HOUR_US (INT64_C(3600) * US_PER_S)
#define MIN_US (INT64_C(60) * US_PER_S)
#define MAX_ATTEMPTS 9
#define MAX_OFFERS 5

typedef struct Sim {
    const DemoWorld *w;
    DemoRows *rows;
    uint64_t seed; /* of this agent */
    StatsRng ids;
    double z_response, z_persist, z_close, z_work;
    double lead_mean;
    int32_t day0;   /* first day of the warm-up */
    int32_t n_days; /* warm-up and kept days */
    int64_t cut;    /* nothing happens at or after: until, or the day of leaving */
    double *mood;   /* [n_days] */
    double *shift;  /* [N_HABITS][n_days]: what coaching adds */
} Sim;

static double logistic(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

static bool chance(StatsRng *r, double p)
{
    return stats_uniform(r) < p;
}

static int poisson_upto(StatsRng *r, double mean, int most)
{
    int64_t n = stats_poisson(r, mean);
    return (int)MIN(n, most);
}

/* A generator for one entity: independent of how many numbers others have drawn. */
static StatsRng rng_for(uint64_t seed, uint64_t kind, uint64_t day, uint64_t number)
{
    StatsRng r;
    stats_seed(&r, seed ^ (kind * UINT64_C(0x9E3779B97F4A7C15)) ^ (day * UINT64_C(0xC2B2AE3D27D4EB4F)) ^
                       (number * UINT64_C(0x165667B19E3779F9)));
    return r;
}

static int day_index(const Sim *s, int64_t at)
{
    int64_t day = at / US_PER_DAY - s->day0;
    return (int)MAX(0, MIN(day, s->n_days - 1));
}

static double form(const Sim *s, int64_t at)
{
    return s->mood[day_index(s, at)];
}

static double coached(const Sim *s, DemoHabit h, int64_t at)
{
    return s->shift[(size_t)h * (size_t)s->n_days + (size_t)day_index(s, at)];
}

/* What a beginner lacks, fading with the time in the job. */
static double novice_gap(const Sim *s, int64_t at)
{
    double months = ((double)at / (double)US_PER_DAY - s->rows->agent.started_on) / 30.4;
    return P_novice_gap * exp(-MAX(0.0, months) / P_novice_months);
}

/* The local hour of a moment, 0..24. */
static double local_hour(int64_t at)
{
    double h = fmod((double)(at % US_PER_DAY) / (double)HOUR_US + P_utc_offset_h + 24.0, 24.0);
    return h;
}

/* A moment on a day (local calendar) at a local hour. */
static int64_t at_local(int32_t day, double hour)
{
    return day * US_PER_DAY + (int64_t)((hour - P_utc_offset_h) * (double)HOUR_US);
}

/* Moves a moment into the hours in which people are called (TCPA: 8 to 21 local; we keep 8:30 to 19:30). */
static int64_t in_hours(int64_t at, StatsRng *r)
{
    double h = local_hour(at);
    if (h >= 8.5 && h < 19.5)
        return at;
    int64_t midnight = at - (int64_t)(h * (double)HOUR_US);
    if (h >= 19.5)
        midnight += US_PER_DAY;
    return midnight + (int64_t)((8.5 + 3.0 * stats_uniform(r)) * (double)HOUR_US);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

#define ROW_ADD(rows, what, T)                                                      \
    static T *add_##what(DemoRows *rows)                                            \
    {                                                                               \
        if (rows->n_##what == rows->cap_##what) {                                   \
            rows->cap_##what = rows->cap_##what ? 2 * rows->cap_##what : 256;       \
            rows->what = mem_grow(rows->what, (size_t)rows->cap_##what, sizeof(T)); \
        }                                                                           \
        T *row = &rows->what[rows->n_##what++];                                     \
        *row = (T){0};                                                              \
        return row;                                                                 \
    }
ROW_ADD(rows, leads, DemoLead)
ROW_ADD(rows, activities, DemoActivity)
ROW_ADD(rows, opportunities, DemoOpportunity)
ROW_ADD(rows, sessions, DemoSession)

typedef struct Link {
    Uuid lead, opportunity;
} Link;

static void add_activity(Sim *s, StatsRng *r, Link link, const char *kind, const char *direction,
                         const char *outcome, int64_t at, int64_t known_at, int32_t duration_s)
{
    bool late = chance(r, P_late_entry);
    int64_t late_by = (int64_t)(stats_uniform(r) * 2.0 * (double)US_PER_DAY);
    if (late && known_at == at)
        known_at += late_by;
    if (at < s->w->first * US_PER_DAY || known_at >= s->cut)
        return;
    bool to_come = at >= s->cut;
    DemoActivity *a = add_activities(s->rows);
    *a = (DemoActivity){.id = demo_uuid(&s->ids, known_at, s->rows->agent.slot),
                        .at = at,
                        .known_at = known_at,
                        .lead = link.lead,
                        .opportunity = link.opportunity,
                        .kind = kind,
                        .direction = direction,
                        .outcome = to_come ? NULL : outcome,
                        .duration_s = duration_s};
}

static void add_call(Sim *s, StatsRng *r, Link link, int64_t at, bool connected)
{
    double talk = exp(log(190.0) + 0.8 * stats_normal(r));
    int32_t ring = (int32_t)(8 + stats_below(r, 25));
    add_activity(s, r, link, "call", "out", connected ? "connected" : "no_answer", at, at,
                 connected ? (int32_t)MIN(talk, 5400.0) : ring);
}

static void add_contact_try(Sim *s, StatsRng *r, Link link, int64_t at, bool reached)
{
    double which = stats_uniform(r), hour = local_hour(at);
    if (hour < 8.0 || hour >= 20.5) /* TCPA: no calls and texts at night */
        add_activity(s, r, link, "email", "out", NULL, at, at, -1);
    else if (reached || which < 0.55)
        add_call(s, r, link, at, reached);
    else if (which < 0.8)
        add_activity(s, r, link, "text", "out", NULL, at, at, -1);
    else
        add_activity(s, r, link, "email", "out", NULL, at, at, -1);
}

/* ---- from the appointment to the closing --------------------------------------------------------------------------- */

typedef struct Deal {
    int64_t closed_at; /* 0: never within the simulation */
    bool won;
    const char *stage;
} Deal;

static void run_showings(Sim *s, StatsRng *r, Link link, int64_t from, int64_t to)
{
    double days = (double)(to - from) / (double)US_PER_DAY;
    int n = poisson_upto(r, MIN(3.0, days * 0.25), 8);
    for (int i = 0; i < n; i++) {
        int64_t at = in_hours(from + (int64_t)(stats_uniform(r) * (double)(to - from)), r);
        add_activity(s, r, link, "showing", NULL, "held", at, at, (int32_t)(1200 + stats_below(r, 3600)));
    }
}

/* Offers until one is accepted, the client gives up, or too many were rejected; then escrow. */
static Deal run_deal(Sim *s, StatsRng *r, Link link, int64_t opened_at)
{
    int64_t gives_up = opened_at + (int64_t)(stats_exponential(r, P_abandon_days) * (double)US_PER_DAY);
    int64_t at = opened_at;
    for (int n = 0; n < MAX_OFFERS; n++) {
        int64_t gap = (int64_t)((1.0 + stats_exponential(r, P_offer_gap_days)) * (double)US_PER_DAY);
        int64_t offer_at = in_hours(at + gap, r);
        if (offer_at >= gives_up) {
            run_showings(s, r, link, at, gives_up);
            return (Deal){.closed_at = gives_up, .stage = "Lost"};
        }
        run_showings(s, r, link, at, offer_at);
        double odds = P_offer_base + P_offer_skill * s->z_close + 0.25 * form(s, offer_at) -
                      novice_gap(s, offer_at) + coached(s, HABIT_OFFER, offer_at);
        bool accepted = chance(r, logistic(odds));
        if (!chance(r, P_offer_unlogged))
            add_activity(s, r, link, "offer", NULL, accepted ? "accepted" : "rejected", offer_at, offer_at,
                         -1);
        at = offer_at;
        if (!accepted)
            continue;
        double escrow = fmax(12.0, P_escrow_days + P_escrow_sd_days * stats_normal(r));
        bool fails = chance(r, P_fall_through);
        int64_t end = at_local((int32_t)(offer_at / US_PER_DAY) + (int32_t)(escrow * (fails ? 0.6 : 1.0)),
                               9.0 + 7.0 * stats_uniform(r));
        return (Deal){.closed_at = end, .won = !fails, .stage = fails ? "Lost" : "Closed"};
    }
    return (Deal){.closed_at = at + 2 * US_PER_DAY, .stage = "Lost"};
}

static const char *open_stage(const DemoRows *rows, Uuid opportunity)
{
    const char *stage = "Consultation";
    for (int i = rows->n_activities - 1; i >= 0 && i > rows->n_activities - 64; i--) {
        const DemoActivity *a = &rows->activities[i];
        if (!uuid_eq(a->opportunity, opportunity))
            continue;
        if (a->kind[0] == 'o')
            return a->outcome && a->outcome[0] == 'a' ? "Under contract" : "Offer";
        if (a->kind[0] == 's')
            stage = "Showing";
    }
    return stage;
}

/* When the opportunity shows up in the CRM: at the consultation, or some time before its end. */
static int64_t entered_at(StatsRng *r, int64_t opened_at, int64_t closed_at)
{
    bool late = chance(r, P_opportunity_late);
    double share = stats_uniform(r);
    return late ? opened_at + (int64_t)(share * 0.95 * (double)(closed_at - opened_at)) : opened_at;
}

static void run_opportunity(Sim *s, StatsRng *r, Uuid lead, int64_t opened_at)
{
    if (opened_at >= s->cut)
        return;
    Link link = {lead, demo_uuid(&s->ids, opened_at, s->rows->agent.slot)};
    double value = P_value_median_usd * exp(P_value_sd * stats_normal(r));
    bool buyer = chance(r, 0.6);
    Deal d = run_deal(s, r, link, opened_at);
    if (d.closed_at < s->w->first * US_PER_DAY)
        return;
    bool open = d.closed_at >= s->cut;
    bool left =
        open && s->cut < s->w->until * US_PER_DAY; /* the agent left: the deal is lost for this office */
    int64_t cents = (int64_t)(value / 1000.0) * 100000;
    opened_at = entered_at(r, opened_at, d.closed_at);
    if (opened_at >= s->cut)
        return;
    DemoOpportunity *o = add_opportunities(s->rows);
    *o = (DemoOpportunity){.id = link.opportunity,
                           .lead = lead,
                           .product = buyer ? "Buyer" : "Listing",
                           .stage = left   ? "Lost"
                                    : open ? open_stage(s->rows, link.opportunity)
                                           : d.stage,
                           .status = left    ? "lost"
                                     : open  ? "open"
                                     : d.won ? "won"
                                             : "lost",
                           .opened_at = opened_at,
                           .closed_at = left   ? s->cut - US_PER_S
                                        : open ? 0
                                               : d.closed_at,
                           .value_cents = cents,
                           .commission_cents = -1};
    if (!open && d.won) {
        o->commission_cents = (int64_t)((double)cents * P_commission_share);
        add_activity(s, r, link, "closing", NULL, "done", d.closed_at, d.closed_at, -1);
    }
}

/* An appointment, moved at most twice after a no-show; held ones may become an opportunity. */
static void run_appointment(Sim *s, StatsRng *r, Uuid lead, int64_t set_at)
{
    for (int n = 0; n < 3 && set_at < s->cut; n++) {
        int32_t day = (int32_t)(set_at / US_PER_DAY) + 1 + (int32_t)stats_below(r, 6);
        int64_t at = at_local(day, 9.0 + floor(stats_uniform(r) * 18.0) / 2.0);
        double odds = P_held_base + P_held_skill * s->z_persist + coached(s, HABIT_HELD, set_at);
        bool cancelled = chance(r, P_cancel_share);
        bool held = chance(r, logistic(odds));
        bool again = chance(r, 0.4);
        const char *outcome = cancelled ? "cancelled" : held ? "held" : "no_show";
        add_activity(s, r, (Link){.lead = lead}, "appointment", NULL, outcome, at, set_at,
                     (int32_t)(1800 + 900 * stats_below(r, 4)));
        if (!cancelled && held) {
            double sign =
                P_sign_base + P_sign_skill * s->z_close - novice_gap(s, at) + coached(s, HABIT_SIGN, at);
            if (chance(r, logistic(sign)))
                run_opportunity(s, r, lead, at + HOUR_US);
            return;
        }
        if (!again)
            return;
        set_at = in_hours(at + 4 * HOUR_US, r);
    }
}

/* ---- leads ---------------------------------------------------------------------------------------------------------- */

typedef struct Source {
    const char *name;
    double share, warmth; /* log-odds */
} Source;
static const Source SOURCES[] = {
    {"portal", 0.45, -0.25}, {"website", 0.20, 0.0}, {"referral", 0.20, 0.75}, {"open_house", 0.15, 0.2}};

static const Source *pick_source(StatsRng *r)
{
    double u = stats_uniform(r);
    for (size_t i = 0; i + 1 < ARRAY_LEN(SOURCES); i++) {
        if (u < SOURCES[i].share)
            return &SOURCES[i];
        u -= SOURCES[i].share;
    }
    return &SOURCES[ARRAY_LEN(SOURCES) - 1];
}

static int64_t response_time(Sim *s, StatsRng *r, int64_t received_at)
{
    double mean = log(P_response_median_min) - P_response_skill * s->z_response - 0.5 * form(s, received_at) -
                  coached(s, HABIT_RESPONSE, received_at);
    double minutes = exp(mean + P_response_sd * stats_normal(r));
    bool waits = chance(r, P_after_hours_wait);
    double h = local_hour(received_at);
    if (h >= 8.0 && h < 20.0)
        return received_at + (int64_t)(minutes * (double)MIN_US);
    if (!waits)
        return received_at + (int64_t)(minutes * (double)MIN_US);
    double to_morning_h = h < 8.0 ? 8.0 - h : 32.0 - h;
    return received_at + (int64_t)(to_morning_h * (double)HOUR_US) + (int64_t)(minutes * (double)MIN_US);
}

static const double ATTEMPT_DAYS[MAX_ATTEMPTS] = {1, 2, 4, 6, 9, 13, 18, 24, 30};

/* The first answer, then later attempts until one reaches the lead; returns when, or 0. */
static int64_t reach_lead(Sim *s, StatsRng *r, Link link, const Source *src, int64_t received_at,
                          int64_t answered_at)
{
    double minutes = (double)(answered_at - received_at) / (double)MIN_US;
    double odds = P_contact_base - P_contact_decay * log(1.0 + minutes / 5.0) + src->warmth;
    bool reached = chance(r, logistic(odds));
    add_contact_try(s, r, link, answered_at, reached);
    if (reached)
        return answered_at;
    double mean = P_attempts_mean * exp(P_attempts_skill * s->z_persist + 0.3 * form(s, received_at) +
                                        coached(s, HABIT_FOLLOW, received_at));
    int n = poisson_upto(r, mean, MAX_ATTEMPTS);
    for (int i = 0; i < n; i++) {
        int64_t at = in_hours(
            answered_at + (int64_t)((ATTEMPT_DAYS[i] - 0.3 + 0.6 * stats_uniform(r)) * (double)US_PER_DAY),
            r);
        reached = chance(r, P_attempt_contact);
        add_contact_try(s, r, link, at, reached);
        if (reached)
            return at;
    }
    return 0;
}

static void run_lead(Sim *s, StatsRng *r, int64_t received_at)
{
    if (received_at >= s->cut)
        return;
    const Source *src = pick_source(r);
    Uuid id = demo_uuid(&s->ids, received_at, s->rows->agent.slot);
    bool kept = received_at >= s->w->first * US_PER_DAY;
    Link link = {.lead = kept ? id : UUID_NIL};
    bool forgotten = chance(r, 0.06 * exp(-0.6 * s->z_response));
    int64_t answered_at = forgotten ? 0 : response_time(s, r, received_at);
    int64_t reached_at = forgotten ? 0 : reach_lead(s, r, link, src, received_at, answered_at);
    if (kept) {
        DemoLead *l = add_leads(s->rows);
        *l = (DemoLead){.id = id,
                        .source = src->name,
                        .received_at = received_at,
                        .response_at = answered_at < s->cut ? answered_at : 0,
                        .contact_at = reached_at < s->cut ? reached_at : 0};
    }
    if (!reached_at || reached_at >= s->cut)
        return;
    double odds = P_set_base + P_set_skill * s->z_close + 0.8 * src->warmth + 0.3 * form(s, reached_at) -
                  0.5 * novice_gap(s, reached_at) + coached(s, HABIT_SET, reached_at);
    if (chance(r, logistic(odds)))
        run_appointment(s, r, link.lead,
                        in_hours(reached_at + (int64_t)(stats_uniform(r) * 1.5 * (double)US_PER_DAY), r));
}

/* ---- a day ---------------------------------------------------------------------------------------------------------- */

static double work_share(int weekday)
{
    static const double SHARE[7] = {1, 1, 1, 1, 1, 0.7, 0.25};
    return SHARE[weekday];
}

static double season(int32_t day)
{
    int y, m, d;
    clock_civil(day, &y, &m, &d);
    double doy = day - clock_days(y, 1, 1) + 1;
    return 1.0 + P_season_size * cos(2.0 * M_PI * (doy - P_season_peak_day) / 365.25);
}

static void run_leads(Sim *s, int32_t day)
{
    StatsRng r = rng_for(s->seed, 1, (uint64_t)day, 0);
    double mean = s->lead_mean / 30.4 * season(day) * (clock_weekday(day) >= 5 ? 1.15 : 0.94);
    int n = poisson_upto(&r, mean, 50);
    for (int i = 0; i < n; i++) {
        double hour = 7.0 + 15.5 * (stats_uniform(&r) + stats_uniform(&r)) / 2.0;
        StatsRng lead = rng_for(s->seed, 2, (uint64_t)day, (uint64_t)i);
        run_lead(s, &lead, at_local(day, hour));
    }
}

static void run_own_calls(Sim *s, StatsRng *r, int32_t day)
{
    int64_t noon = at_local(day, 12.0);
    double mean = P_prospect_calls *
                  exp(P_prospect_skill * s->z_work + 0.35 * form(s, noon) + coached(s, HABIT_EFFORT, noon));
    int n = poisson_upto(r, mean, 80);
    for (int i = 0; i < n; i++) {
        StatsRng c = rng_for(s->seed, 3, (uint64_t)day, (uint64_t)i);
        int64_t at = at_local(day, 9.0 + 9.0 * stats_uniform(&c));
        bool connected = chance(&c, P_prospect_connect);
        double p = P_prospect_appointment * exp(0.4 * s->z_close - 0.5 * novice_gap(s, at));
        bool appointment = chance(&c, p);
        add_call(s, &c, (Link){UUID_NIL, UUID_NIL}, at, connected);
        if (connected && appointment)
            run_appointment(s, &c, UUID_NIL, in_hours(at + 10 * MIN_US, &c));
    }
}

static void run_messages(Sim *s, StatsRng *r, int32_t day)
{
    double busy = exp(0.3 * s->z_work + 0.3 * form(s, at_local(day, 12.0)));
    int n_texts = poisson_upto(r, P_texts_per_day * busy, 60);
    int n_emails = poisson_upto(r, P_emails_per_day * busy, 60);
    for (int i = 0; i < n_texts + n_emails; i++) {
        int64_t at = at_local(day, 8.5 + 10.5 * stats_uniform(r));
        bool in = chance(r, 0.25);
        add_activity(s, r, (Link){UUID_NIL, UUID_NIL}, i < n_texts ? "text" : "email", in ? "in" : "out",
                     NULL, at, at, -1);
    }
    if (chance(r, 0.25)) {
        int64_t at = at_local(day, 16.0 + 2.0 * stats_uniform(r));
        add_activity(s, r, (Link){UUID_NIL, UUID_NIL}, "task", NULL, "done", at, at, -1);
    }
    if (chance(r, P_training_per_month / 21.7)) {
        int64_t at = at_local(day, 9.0 + 8.0 * stats_uniform(r));
        const DemoModule *m = &DEMO_MODULES[stats_below(r, DEMO_N_MODULES)];
        add_activity(s, r, (Link){UUID_NIL, UUID_NIL}, "training", NULL, m->key, at, at, m->minutes * 60);
    }
}

static void run_day(Sim *s, int32_t day)
{
    run_leads(s, day);
    StatsRng r = rng_for(s->seed, 4, (uint64_t)day, 0);
    if (!chance(&r, work_share(clock_weekday(day)) * 0.97))
        return;
    run_own_calls(s, &r, day);
    run_messages(s, &r, day);
}

/* ---- before the days: skills, form, coaching ------------------------------------------------------------------------- */

static void draw_agent(Sim *s, StatsRng *r)
{
    DemoAgent *a = &s->rows->agent;
    double common = stats_normal(r), own = sqrt(1.0 - P_skill_common);
    double weight = sqrt(P_skill_common);
    s->z_response = weight * common + own * stats_normal(r);
    s->z_persist = weight * common + own * stats_normal(r);
    s->z_close = weight * common + own * stats_normal(r);
    s->z_work = weight * common + own * stats_normal(r);
    s->lead_mean = P_leads_per_month * exp(P_leads_sd * stats_normal(r) - P_leads_sd * P_leads_sd / 2.0);
    bool novice = chance(r, P_novice_share);
    int32_t kept = s->w->until - s->w->first;
    int32_t late_start = s->w->first + (int32_t)stats_below(r, MAX(1, kept - 45));
    int32_t early_start = s->w->first - 30 - (int32_t)stats_exponential(r, P_tenure_mean_years * 365.25);
    a->started_on = novice ? late_start : MAX(early_start, s->w->first - 14600);
    double stays = stats_exponential(r, 30.4 / P_leave_per_month);
    int32_t from = MAX(a->started_on, s->w->first);
    a->left_on = from + 60 + stays < s->w->until ? from + 60 + (int32_t)stays : 0;
    demo_name(r, a->name, sizeof(a->name));
}

static void draw_form(Sim *s, StatsRng *r)
{
    double m = P_mood_sd * stats_normal(r), step = P_mood_sd * sqrt(1.0 - P_mood_keep * P_mood_keep);
    for (int32_t d = 0; d < s->n_days; d++) {
        if (d % 7 == 0 && d > 0)
            m = P_mood_keep * m + step * stats_normal(r);
        s->mood[d] = m;
    }
}

/* The habit in which the agent is weakest, as a topic. */
static int weakest_topic(const Sim *s)
{
    const double z[4] = {s->z_response, s->z_work, s->z_persist, s->z_close};
    static const int TOPIC[4] = {0, 1, 2, 3};
    int worst = 0;
    for (int i = 1; i < 4; i++)
        worst = z[i] < z[worst] ? i : worst;
    return TOPIC[worst];
}

/* No session of the agent before this day. A generator of its own: without a roll-out nothing else changes. */
static int32_t coached_from(const Sim *s)
{
    StatsRng r = rng_for(s->seed, 8, 0, 0);
    double share = P_rollout_from + (P_rollout_to - P_rollout_from) * stats_uniform(&r);
    return s->w->rollout ? s->w->first + (int32_t)(share * (s->w->until - s->w->first)) : s->day0;
}

static void draw_sessions(Sim *s, StatsRng *r)
{
    const DemoAgent *a = &s->rows->agent;
    int32_t from = MAX(a->started_on, coached_from(s));
    for (int32_t week = 0; week * 7 < s->n_days; week++) {
        int32_t day = s->day0 + week * 7 + (int32_t)stats_below(r, 5);
        bool novice = day - a->started_on < 365;
        bool takes_place = chance(r, P_coach_per_week * (novice ? P_coach_novice : 1.0));
        bool targeted = chance(r, P_coach_targeted);
        int topic = (int)stats_below(r, DEMO_N_TOPICS);
        int64_t at = at_local(day, 9.0 + 8.0 * stats_uniform(r));
        if (!takes_place || day < from || at >= s->cut)
            continue;
        DemoSession *c = add_sessions(s->rows);
        *c = (DemoSession){
            .id = demo_uuid(&s->ids, at, a->slot), .at = at, .topic = targeted ? weakest_topic(s) : topic};
    }
}

/* f(D) = D exp((1 - D) / peak): one session gives exactly its shift, the most at D = peak, less beyond. */
static double dose_response(double dose)
{
    return dose * exp((1.0 - dose) / P_effect_dose_peak);
}

static void apply_coaching(Sim *s)
{
    double keep = exp2(-1.0 / P_effect_half_life_days);
    for (int t = 0; t < DEMO_N_TOPICS && s->w->coaching; t++) {
        const DemoTopic *topic = &DEMO_TOPIC_LIST[t];
        double dose = 0;
        int next = 0;
        for (int32_t d = 0; d < s->n_days; d++) {
            dose *= keep;
            while (next < s->rows->n_sessions && s->rows->sessions[next].at / US_PER_DAY < s->day0 + d) {
                dose += s->rows->sessions[next].topic == t ? 1.0 : 0.0;
                next++;
            }
            bool novice = s->day0 + d - s->rows->agent.started_on < 365;
            s->shift[(size_t)topic->habit * (size_t)s->n_days + (size_t)d] +=
                topic->shift * dose_response(dose) * (novice ? P_effect_novice : 1.0);
        }
    }
}

static void drop_early_sessions(Sim *s)
{
    int kept = 0;
    for (int i = 0; i < s->rows->n_sessions; i++)
        if (s->rows->sessions[i].at >= s->w->first * US_PER_DAY)
            s->rows->sessions[kept++] = s->rows->sessions[i];
    s->rows->n_sessions = kept;
}

static int by_time(const void *a, const void *b)
{
    const DemoActivity *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : memcmp(x->id.b, y->id.b, sizeof(x->id.b));
}

void demo_model_agent(const DemoWorld *w, int number, int office, uint8_t slot, DemoRows *rows)
{
    demo_rows_clear(rows);
    StatsRng r = rng_for(w->seed, 7, 0, (uint64_t)number + 1);
    Sim s = {.w = w, .rows = rows, .seed = stats_u64(&r), .day0 = w->first - DEMO_WARMUP_DAYS};
    s.n_days = w->until - s.day0;
    stats_seed(&s.ids, stats_u64(&r));
    rows->agent = (DemoAgent){.number = number, .office = office, .slot = slot};
    draw_agent(&s, &r);
    DemoAgent *a = &rows->agent;
    a->id = demo_uuid(&s.ids, MAX(a->started_on, 1) * US_PER_DAY, slot);
    demo_email(a->name, number, a->email, sizeof(a->email));
    demo_external_id(number, a->external_id, sizeof(a->external_id));
    s.cut = (a->left_on ? MIN(a->left_on, w->until) : w->until) * US_PER_DAY;

    CLEANUP(mem_freep) double *mood = mem_array((size_t)s.n_days, sizeof(double));
    CLEANUP(mem_freep) double *shift = mem_array((size_t)s.n_days * N_HABITS, sizeof(double));
    s.mood = mood;
    s.shift = shift;
    draw_form(&s, &r);
    draw_sessions(&s, &r);
    apply_coaching(&s);
    drop_early_sessions(&s);
    for (int32_t day = MAX(s.day0, a->started_on); day * US_PER_DAY < s.cut; day++)
        run_day(&s, day);
    qsort(rows->activities, (size_t)rows->n_activities, sizeof(DemoActivity), by_time);
}
