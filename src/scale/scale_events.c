/* scale_events.c - see scale_events.h. */
#include "scale/scale_events.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/model_csv.h"
#include "scale/scale_holidays.h"
#include "scale/scale_time.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAPS_MAX 8 /* that are looked through for one that is still on */
#define HOUR_US (INT64_C(3600) * US_PER_S)

typedef struct Event {
    int64_t start_us, end_us;
    int kind;
    ScaleDayOff day_off;
    char *name;
} Event;

struct ScaleEvents {
    Event *event; /* by start */
    int64_t n, cap;
    char *kind[SCALE_EVENT_KINDS_MAX];
    int n_kinds;
};

ScaleEvents *scale_events_new(void)
{
    return MEM_NEW(ScaleEvents);
}

void scale_events_free(ScaleEvents *e)
{
    if (!e)
        return;
    for (int64_t i = 0; i < e->n; i++)
        mem_free(e->event[i].name);
    for (int i = 0; i < e->n_kinds; i++)
        mem_free(e->kind[i]);
    mem_free(e->event);
    mem_free(e);
}

static int by_start(const void *a, const void *b)
{
    const Event *x = a, *y = b;
    return x->start_us < y->start_us ? -1 : x->start_us > y->start_us;
}

/* false: too many kinds or events. */
static bool add(ScaleEvents *e, Event event, const char *name, const char *kind)
{
    for (event.kind = 0; event.kind < e->n_kinds && strcmp(e->kind[event.kind], kind) != 0;)
        event.kind++;
    if (event.kind == SCALE_EVENT_KINDS_MAX || e->n == SCALE_EVENTS_MAX)
        return false;
    if (event.kind == e->n_kinds)
        e->kind[e->n_kinds++] = mem_strdup(kind);
    if (e->n == e->cap) {
        e->cap = e->cap ? 2 * e->cap : 64;
        e->event = mem_grow(e->event, (size_t)e->cap, sizeof *e->event);
    }
    event.name = mem_strdup(name);
    e->event[e->n++] = event;
    return true;
}

static ErrKind read_row(ScaleEvents *e, const ModelCsv *csv, const CrmCsvRecord *rec, const int column[4],
                        Err *reterr)
{
    static const size_t DAY_CHARS = 10; /* 2024-05-17 */
    Str cell[4];
    Event event = {.day_off = SCALE_DAY_OFF_NO};
    for (int i = 0; i < 4; i++)
        cell[i] = column[i] < 0 ? (Str){0} : model_trim(rec->fields[column[i]]);
    if (!scale_time_any(cell[0], &event.start_us))
        return model_csv_bad(csv, rec->line, column[0], reterr,
                             "\"" STR_FMT "\" is no time such as 2024-05-17T09:00Z",
                             STR_ARG(str_slice(cell[0], 0, 60)));
    if (cell[1].len == 0)
        event.end_us = event.start_us + (cell[0].len == DAY_CHARS ? US_PER_DAY : HOUR_US);
    else if (!scale_time_any(cell[1], &event.end_us))
        return model_csv_bad(csv, rec->line, column[1], reterr,
                             "\"" STR_FMT "\" is no time such as 2024-05-17T09:00Z",
                             STR_ARG(str_slice(cell[1], 0, 60)));
    else if (cell[1].len == DAY_CHARS)
        event.end_us += US_PER_DAY;
    if (event.end_us <= event.start_us)
        return model_csv_bad(csv, rec->line, column[1], reterr, "the event ends before it begins");
    if (cell[2].len == 0)
        return model_csv_bad(csv, rec->line, column[2], reterr, "the event has no name");
    CLEANUP(buf_done) Buf name = BUF(300), kind = BUF(300);
    buf_add_str(&name, str_slice(cell[2], 0, 100));
    buf_add_str(&kind, str_slice(cell[3].len ? cell[3] : cell[2], 0, 100));
    if (str_eq_c(cell[3], "holiday"))
        event.day_off = SCALE_DAY_OFF_MANY;
    if (!add(e, event, buf_cstr(&name), buf_cstr(&kind)))
        return err_set(reterr, ERR_LIMIT,
                       "%s, line %lld: more than %d events or %d kinds of them: give a column kind",
                       csv->path, (long long)rec->line, SCALE_EVENTS_MAX, SCALE_EVENT_KINDS_MAX);
    return ERR_NONE;
}

ErrKind scale_events_read(ScaleEvents *e, const char *path, Err *reterr)
{
    static const char *const COLUMNS[4] = {"start", "end", "name", "kind"};
    CLEANUP(model_csv_freep) ModelCsv *csv = NULL;
    int column[4];
    TRY(model_csv_open(path, &csv, reterr));
    for (int i = 0; i < 4; i++)
        TRY(model_csv_find(csv, str_from(COLUMNS[i]), &column[i], reterr));
    if (column[0] < 0 || column[2] < 0)
        return err_set(reterr, ERR_INVALID, "%s has no column \"%s\": events are start,end,name[,kind]", path,
                       COLUMNS[column[0] < 0 ? 0 : 2]);
    for (;;) {
        const CrmCsvRecord *rec;
        TRY(model_csv_next(csv, &rec, reterr));
        if (!rec)
            break;
        TRY(read_row(e, csv, rec, column, reterr));
    }
    qsort(e->event, (size_t)e->n, sizeof *e->event, by_start);
    return ERR_NONE;
}

/* "-05:00" */
static bool read_offset(Str s, int64_t *ret_us)
{
    int64_t hours, minutes;
    if (s.len != 6 || (s.ptr[0] != '-' && s.ptr[0] != '+') || s.ptr[3] != ':' ||
        !str_to_i64(str_slice(s, 1, 3), &hours) || !str_to_i64(str_slice(s, 4, 6), &minutes) || hours > 14 ||
        minutes > 59)
        return false;
    *ret_us = (hours * 60 + minutes) * 60 * US_PER_S * (s.ptr[0] == '-' ? -1 : 1);
    return true;
}

ErrKind scale_events_holidays(ScaleEvents *e, const char *country, int64_t from_us, int64_t to_us,
                              Err *reterr)
{
    int from, to, month, day;
    int64_t offset_us = 0;
    Str s = str_from(country);
    if (s.len == 0 || str_eq_c(s, "none"))
        return ERR_NONE;
    if (!str_starts(s, STR("us")) || (s.len > 2 && !read_offset(str_slice(s, 2, s.len), &offset_us)))
        return err_set(reterr, ERR_USAGE,
                       "holidays: \"%.40s\" is none of us, us-05:00 (with an offset from UTC), none",
                       country);
    clock_civil((int32_t)(from_us / US_PER_DAY) - 1, &from, &month, &day);
    clock_civil((int32_t)(to_us / US_PER_DAY) + 1, &to, &month, &day);
    for (int year = from; year <= to; year++) {
        ScaleHoliday of_year[SCALE_HOLIDAYS_MAX];
        int n = scale_holidays_us(year, of_year);
        for (int i = 0; i < n; i++) {
            Event event = {.start_us = of_year[i].day * US_PER_DAY - offset_us,
                           .day_off = of_year[i].many ? SCALE_DAY_OFF_MANY : SCALE_DAY_OFF_FEW};
            event.end_us = event.start_us + US_PER_DAY;
            if (!add(e, event, of_year[i].name, of_year[i].name))
                return err_set(reterr, ERR_LIMIT, "more than %d events or %d kinds of them", SCALE_EVENTS_MAX,
                               SCALE_EVENT_KINDS_MAX);
        }
    }
    qsort(e->event, (size_t)e->n, sizeof *e->event, by_start);
    return ERR_NONE;
}

static const Event *find(const ScaleEvents *e, int64_t us)
{
    int64_t from = 0, to = e ? e->n : 0;
    while (from < to) {
        int64_t middle = (from + to) / 2;
        if (e->event[middle].start_us <= us)
            from = middle + 1;
        else
            to = middle;
    }
    for (int64_t i = from - 1; i >= 0 && i >= from - OVERLAPS_MAX; i--)
        if (us < e->event[i].end_us)
            return &e->event[i];
    return NULL;
}

ScaleEventAt scale_events_at(const ScaleEvents *e, int64_t us)
{
    const Event *on = find(e, us);
    return on ? (ScaleEventAt){on->kind, us - on->start_us, on->day_off} : (ScaleEventAt){.kind = -1};
}

int64_t scale_events_count(const ScaleEvents *e)
{
    return e->n;
}

const char *scale_events_name(const ScaleEvents *e, int64_t us)
{
    const Event *on = find(e, us);
    return on ? on->name : NULL;
}
