#include "crm/crm_row.h"

#include "base/buf.h"
#include "base/crypto.h"

#include <stdio.h>

/* What a reading step needs; every step gives the reason, or NONE. */
typedef struct Step {
    const CrmRowReader *rd;
    const CrmCsvRecord *rec;
    CrmRow *row;
    char *why;
} Step;

static CrmReason refuse(const Step *s, CrmReason reason, const char *fmt, ...) PRINTF_LIKE(3, 4);
static CrmReason refuse(const Step *s, CrmReason reason, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s->why, CRM_WHY_MAX, fmt, ap);
    va_end(ap);
    return reason;
}

#define STEP(expr)                           \
    do {                                     \
        CrmReason step_reason_ = (expr);     \
        if (step_reason_ != CRM_REASON_NONE) \
            return step_reason_;             \
    } while (0)

/* At most 60 bytes of a value, cut at a character. The name or id of an agent: it is what has to be mended. */
static Str shown_agent(Str v)
{
    size_t n = MIN(v.len, (size_t)60);
    while (n > 0 && n < v.len && ((uint8_t)v.ptr[n] & 0xC0) == 0x80)
        n--;
    return (Str){v.ptr, n};
}

/* The same of any other value: cleaned first, so that no half of somebody's number is left by the cut. */
static Str shown(const Step *s, Str v)
{
    return shown_agent(crm_clean_value(s->rd->clean, v));
}

/* The field's value without blanks at the ends; its constant when it has no column. */
static Str value_of(const Step *s, CrmField f)
{
    int column = s->rd->binding.column[f];
    return column >= 0 ? str_trim(s->rec->fields[column]) : s->rd->mapping->constants[f];
}

static const char *column_name(const Step *s, CrmField f)
{
    const CrmColumn *c = &s->rd->mapping->columns[f];
    return c->n_names ? c->names[0].ptr : "";
}

static int column_name_len(const Step *s, CrmField f)
{
    const CrmColumn *c = &s->rd->mapping->columns[f];
    return c->n_names ? (int)c->names[0].len : 0;
}

static CrmReason read_time(const Step *s, CrmField f, bool *ret_has, CrmTime *ret)
{
    const char *why = NULL;
    Str v = value_of(s, f);
    *ret_has = v.len > 0;
    if (v.len && !crm_mapping_time(s->rd->mapping, v, ret, &why))
        return refuse(s, CRM_REASON_DATE, "%.*s \"" STR_FMT "\": %s", column_name_len(s, f),
                      column_name(s, f), STR_ARG(shown(s, v)), why);
    return CRM_REASON_NONE;
}

static CrmReason read_cents(const Step *s, CrmField f, bool *ret_has, int64_t *ret)
{
    const char *why = NULL;
    Str v = value_of(s, f);
    *ret_has = v.len > 0;
    if (v.len && !crm_value_cents(v, s->rd->mapping->decimal, ret, &why))
        return refuse(s, CRM_REASON_AMOUNT, "%.*s \"" STR_FMT "\": %s", column_name_len(s, f),
                      column_name(s, f), STR_ARG(shown(s, v)), why);
    return CRM_REASON_NONE;
}

static CrmReason read_text(const Step *s, CrmField f, Str *ret)
{
    *ret = value_of(s, f);
    if (ret->len > CRM_ROW_TEXT_MAX)
        return refuse(s, CRM_REASON_LONG, "%.*s is longer than %d bytes", column_name_len(s, f),
                      column_name(s, f), CRM_ROW_TEXT_MAX);
    if (ret->len == 0)
        *ret = STR_NULL;
    return CRM_REASON_NONE;
}

static CrmReason check_record(const Step *s)
{
    static const CrmReason REASONS[] = {
        [CRM_CSV_NONE] = CRM_REASON_NONE,         [CRM_CSV_OPEN_QUOTE] = CRM_REASON_QUOTE,
        [CRM_CSV_AFTER_QUOTE] = CRM_REASON_QUOTE, [CRM_CSV_BAD_UTF8] = CRM_REASON_ENCODING,
        [CRM_CSV_NUL] = CRM_REASON_ENCODING,      [CRM_CSV_LONG_FIELD] = CRM_REASON_LONG,
        [CRM_CSV_LONG_RECORD] = CRM_REASON_LONG,  [CRM_CSV_MANY_FIELDS] = CRM_REASON_FIELDS,
    };
    const CrmCsvRecord *r = s->rec;
    if (r->fault != CRM_CSV_NONE)
        return refuse(s, REASONS[r->fault], "line %lld, column %lld: %s", (long long)r->fault_line,
                      (long long)r->fault_column, crm_csv_fault_text(r->fault));
    if (r->n_fields != s->rd->binding.n_columns)
        return refuse(s, CRM_REASON_FIELDS, "%d fields where the header has %d", r->n_fields,
                      s->rd->binding.n_columns);
    return CRM_REASON_NONE;
}

static CrmReason read_agent(const Step *s)
{
    Str who = value_of(s, CRM_AGENT), office = value_of(s, CRM_OFFICE);
    if (office.len == 0)
        office = s->rd->mapping->default_office;
    if (who.len == 0)
        return refuse(s, CRM_REASON_AGENT, "no agent");
    int at = crm_people_find(s->rd->people, who);
    if (at == -2)
        return refuse(s, CRM_REASON_AGENT, "several agents are called \"" STR_FMT "\"",
                      STR_ARG(shown_agent(who)));
    if (at == -1 && office.len && s->rd->may_add_agents)
        at = crm_people_add(s->rd->people, who, office);
    else if (at >= 0 && value_of(s, CRM_OFFICE).len)
        crm_people_in_office(s->rd->people, at, office);
    if (at < 0)
        return refuse(s, CRM_REASON_AGENT, "unknown agent \"" STR_FMT "\"%s", STR_ARG(shown_agent(who)),
                      office.len ? " (over the limit of agents)" : "");
    s->row->agent = at;
    return CRM_REASON_NONE;
}

/* ---- ids -------------------------------------------------------------------------------------------------------- */

static Uuid derived(const Step *s, const char *kind, Str key)
{
    char name[64 + CRM_ROW_TEXT_MAX];
    char *end = mempcpy(mempcpy(name, kind, strlen(kind)), key.ptr, key.len);
    uint8_t slot = uuid_slot(crm_people_agent(s->rd->people, s->row->agent)->id);
    return uuid_from_name_in_slot(s->rd->tenant, (Str){name, (size_t)(end - name)}, slot);
}

static CrmReason read_reference(const Step *s, CrmField f, const char *kind, Uuid *ret)
{
    Str v;
    STEP(read_text(s, f, &v));
    *ret = v.len ? derived(s, kind, v) : UUID_NIL;
    return CRM_REASON_NONE;
}

/* ---- opportunities ---------------------------------------------------------------------------------------------- */

static CrmReason read_status(const Step *s)
{
    CrmField from = s->rd->binding.column[CRM_STATUS] >= 0 ? CRM_STATUS : CRM_STAGE;
    Str word = value_of(s, from);
    STEP(read_text(s, CRM_STAGE, &s->row->stage));
    if (!s->row->stage.ptr)
        s->row->stage = word;
    s->row->status = crm_mapping_word(s->rd->mapping, CRM_STATUSES, word);
    if (s->row->status < 0)
        return refuse(s, CRM_REASON_STAGE, "%s \"" STR_FMT "\" stands in no list of the mapping",
                      from == CRM_STAGE ? "stage" : "status", STR_ARG(shown(s, word)));
    return CRM_REASON_NONE;
}

static CrmReason read_dates(const Step *s)
{
    CrmRow *row = s->row;
    STEP(read_time(s, CRM_OPENED, &row->has_opened, &row->opened));
    STEP(read_time(s, CRM_CLOSED, &row->has_closed, &row->closed));
    if (row->status == 0) { /* of an open one it is a plan */
        row->has_closed = false;
        return CRM_REASON_NONE;
    }
    if (!row->has_closed)
        return refuse(s, CRM_REASON_NO_DATE, "%s without a closing date",
                      CRM_WORDS[CRM_STATUSES][row->status]);
    if (row->has_opened && row->opened.zoned == row->closed.zoned && row->closed.us < row->opened.us)
        return refuse(s, CRM_REASON_ORDER, "closed " STR_FMT " before opened " STR_FMT,
                      STR_ARG(shown(s, value_of(s, CRM_CLOSED))), STR_ARG(shown(s, value_of(s, CRM_OPENED))));
    return CRM_REASON_NONE;
}

static CrmReason read_opportunity(const Step *s)
{
    CrmRow *row = s->row;
    STEP(read_text(s, CRM_ID, &row->external_id));
    if (!row->external_id.ptr)
        return refuse(s, CRM_REASON_ID, "no id");
    STEP(read_agent(s));
    STEP(read_status(s));
    STEP(read_dates(s));
    STEP(read_cents(s, CRM_VALUE, &row->has_value, &row->value_cents));
    STEP(read_cents(s, CRM_COMMISSION, &row->has_commission, &row->commission_cents));
    STEP(read_text(s, CRM_PRODUCT, &row->product));
    STEP(read_text(s, CRM_ACCOUNT, &row->account));
    STEP(read_reference(s, CRM_LEAD, "lead:", &row->lead));
    row->id = derived(s, "opportunity:", row->external_id);
    return CRM_REASON_NONE;
}

/* ---- activities ------------------------------------------------------------------------------------------------- */

static CrmReason read_words(const Step *s)
{
    CrmRow *row = s->row;
    Str kind = value_of(s, CRM_KIND), direction = value_of(s, CRM_DIRECTION), outcome;
    row->kind = crm_mapping_word(s->rd->mapping, CRM_KINDS, kind);
    if (row->kind < 0)
        return refuse(s, CRM_REASON_WORD, "kind \"" STR_FMT "\" stands in no list of the mapping",
                      STR_ARG(shown(s, kind)));
    row->direction = direction.len ? crm_mapping_word(s->rd->mapping, CRM_DIRECTIONS, direction) : -1;
    if (direction.len && row->direction < 0)
        return refuse(s, CRM_REASON_WORD, "direction \"" STR_FMT "\" stands in no list of the mapping",
                      STR_ARG(shown(s, direction)));
    STEP(read_text(s, CRM_OUTCOME, &outcome));
    row->outcome = outcome;
    if (!outcome.ptr || strcmp(CRM_WORDS[CRM_KINDS][row->kind], "training") == 0)
        return CRM_REASON_NONE; /* of a training: the module's key, as it stands */
    int w = crm_mapping_word(s->rd->mapping, CRM_OUTCOMES, outcome);
    if (w < 0)
        return refuse(s, CRM_REASON_WORD, "outcome \"" STR_FMT "\" stands in no list of the mapping",
                      STR_ARG(shown(s, outcome)));
    row->outcome = str_from(CRM_WORDS[CRM_OUTCOMES][w]);
    return CRM_REASON_NONE;
}

/* Without an id of its own an activity is known by all that we keep of it. */
static Uuid id_of_content(const Step *s)
{
    CLEANUP(buf_done) Buf b = BUF(8 * CRM_ROW_TEXT_MAX);
    buf_add_c(&b, "activity-content:");
    static const CrmField PARTS[] = {CRM_AGENT,    CRM_KIND,    CRM_DIRECTION, CRM_AT,
                                     CRM_DURATION, CRM_OUTCOME, CRM_LEAD,      CRM_OPPORTUNITY};
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        Str v = value_of(s, PARTS[i]);
        buf_add_str(&b, str_slice(v, 0, CRM_ROW_TEXT_MAX - 1));
        buf_add_char(&b, 0x1F);
    }
    Sha256 digest = crypto_sha256(buf_str(&b));
    return derived(s, "activity:", (Str){(const char *)digest.b, sizeof digest.b});
}

static CrmReason read_activity(const Step *s)
{
    CrmRow *row = s->row;
    bool has_at, has_known;
    const char *why = NULL;
    STEP(read_text(s, CRM_ID, &row->external_id));
    if (s->rd->binding.column[CRM_ID] >= 0 && !row->external_id.ptr)
        return refuse(s, CRM_REASON_ID, "no id");
    STEP(read_agent(s));
    STEP(read_words(s));
    STEP(read_time(s, CRM_AT, &has_at, &row->at));
    if (!has_at)
        return refuse(s, CRM_REASON_NO_DATE, "no date");
    STEP(read_time(s, CRM_KNOWN, &has_known, &row->known));
    if (!has_known)
        row->known = row->at;
    Str duration = value_of(s, CRM_DURATION);
    row->duration_s = -1;
    if (duration.len && !crm_value_duration(duration, s->rd->mapping->duration, &row->duration_s, &why))
        return refuse(s, CRM_REASON_DURATION, "duration \"" STR_FMT "\": %s", STR_ARG(shown(s, duration)),
                      why);
    STEP(read_reference(s, CRM_LEAD, "lead:", &row->lead));
    STEP(read_reference(s, CRM_OPPORTUNITY, "opportunity:", &row->opportunity));
    row->id = row->external_id.ptr ? derived(s, "activity:", row->external_id) : id_of_content(s);
    return CRM_REASON_NONE;
}

CrmReason crm_row_read(const CrmRowReader *rd, const CrmCsvRecord *rec, CrmRow *ret,
                       char why[static CRM_WHY_MAX])
{
    const Step s = {rd, rec, ret, why};
    *ret = (CrmRow){.line = rec->line};
    why[0] = 0;
    STEP(check_record(&s));
    return rd->mapping->kind == CRM_OPPORTUNITIES ? read_opportunity(&s) : read_activity(&s);
}

const char *crm_reason_words(CrmReason reason)
{
    static const char *const WORDS[] = {
#define X(name, words) words,
        CRM_REASONS(X)
#undef X
    };
    return WORDS[reason];
}
