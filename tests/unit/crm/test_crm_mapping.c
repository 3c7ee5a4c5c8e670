#include "base/mem.h"
#include "crm/crm_mapping.h"
#include "harness/t.h"

static const char GOOD[] = "kind: opportunities\n"
                           "dates: [MM/DD/YYYY, iso]\n"
                           "timezone: America/Los_Angeles\n"
                           "columns: {id: Id, agent: [Owner, Sales Rep], stage: Stage, closed: Close}\n"
                           "statuses:\n"
                           "  won: [Closed Won, Sold]\n"
                           "  lost: Dead\n"
                           "teams: {agent: Rep, office: Branch}\n";

static CrmMapping *parsed(const char *yaml)
{
    CrmMapping *m = NULL;
    Err err = {0};
    T_OK(crm_mapping_parse(str_from(yaml), "m.yaml", &m, &err), err);
    return m;
}

/* The first record of a CSV text; the reader stays open for its fields. */
static const CrmCsvRecord *header_of(const char *text, CrmCsv **c)
{
    const CrmCsvRecord *r = NULL;
    Err err = {0};
    T_OK(crm_csv_open_mem(str_from(text), CRM_ENCODING_AUTO, 0, c, &err), err);
    T_OK(crm_csv_next(*c, &r, &err), err);
    return r;
}

TEST(a_mapping_says_what_columns_and_words_mean)
{
    CLEANUP(crm_mapping_freep) CrmMapping *m = parsed(GOOD);
    assert_int_equal(m->kind, CRM_OPPORTUNITIES);
    assert_string_equal(m->timezone, "America/Los_Angeles");
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR(" closed WON ")), 1);
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("dead")), 2);
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("open")), 0); /* our own words need no list */
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("thinking")), -1);
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("")), -1);
    CrmTime t;
    const char *why;
    assert_true(crm_mapping_time(m, STR("2017-03-01"), &t, &why));
    assert_false(crm_mapping_time(m, STR("2/30/2017"), &t, &why));
    assert_string_equal(why, "no such day");
}

TEST(a_star_takes_every_other_stage)
{
    CLEANUP(crm_mapping_freep)
    CrmMapping *m = parsed("kind: opportunities\ncolumns: {id: a, agent: b, stage: c, closed: d}\n"
                           "statuses: {open: \"*\", won: [Sold]}\n");
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("thinking")), 0);
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR("sold")), 1);
    assert_int_equal(crm_mapping_word(m, CRM_STATUSES, STR(" ")), -1);
}

/* The place is that of the YAML node: line and column counted by hand. */
static const struct {
    const char *yaml;
    const char *expected;
} BAD[] = {
    {"columns: {}\n", "m.yaml:1:1: \"kind\" is missing"},
    {"kind: leads\n", "m.yaml:1:7: \"kind\" must be one of"},
    {"kind: opportunities\ncolumns: {id: a, agent: b, closed: c}\n", "\"columns\" lacks \"stage\""},
    {"kind: opportunities\ncolour: red\n", "m.yaml:2:9: unknown key \"colour\""},
    {"kind: opportunities\nkinds: {call: [x]}\n", "unknown key \"kinds\" in a mapping for opportunities"},
    {"kind: opportunities\ncolumns:\n  id: a\n  size: b\n", "m.yaml:4:9: unknown field \"size\""},
    {"kind: activities\ncolumns:\n  stage: a\n", "m.yaml:3:10: unknown field \"stage\" for activities"},
    {"kind: opportunities\ncolumns: x\n", "\"columns\" must be a map"},
    {"kind: opportunities\ncolumns: {id: {a: b}}\n", "must be a column's name or a list"},
    {"kind: opportunities\ncolumns: {id: []}\n", "\"id\" names no column"},
    {"kind: opportunities\ndates: DD/MM\n", "m.yaml:2:8: a date format needs one year"},
    {"kind: opportunities\ndelimiter: x\n", "m.yaml:2:12: \"delimiter\" must be one of"},
    {"kind: opportunities\nencoding: ebcdic\n", "m.yaml:2:11: \"encoding\" must be one of"},
    {"kind: opportunities\ndecimal: x\n", "\"decimal\" must be one of"},
    {"kind: opportunities\ntimezone: \"a'b\"\n", "m.yaml:2:11: \"timezone\" must be a name"},
    {"kind: opportunities\nstatuses: {gone: [x]}\n", "\"gone\" is none of our statuses"},
    {"kind: opportunities\nstatuses: {won: [x], lost: [X]}\n", "m.yaml:2:29: the word \"X\" stands twice"},
    {"kind: opportunities\nconstants: {id: x}\n", "no constant can be given for \"id\""},
    {"kind: opportunities\nteams: {agent: x}\n", "\"teams\" lacks \"office\""},
    {"kind: opportunities\nteams: {size: x}\n", "m.yaml:2:15: unknown field \"size\" of the teams file"},
    {"- a\n", "a mapping must be a YAML map"},
    {"kind: [\n", "m.yaml:"},
};

TEST(a_bad_mapping_is_refused_with_its_place)
{
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        CrmMapping *m = NULL;
        Err err = {0};
        ErrKind kind = crm_mapping_parse(str_from(BAD[i].yaml), "m.yaml", &m, &err);
        if (kind != ERR_INVALID || !strstr(err.msg, BAD[i].expected))
            fail_msg("%s gave %s: %s", BAD[i].yaml, err_kind_name(kind), err.msg);
    }
}

TEST(the_header_may_have_another_order_and_case)
{
    CLEANUP(crm_mapping_freep) CrmMapping *m = parsed(GOOD);
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    CrmBinding b;
    Err err = {0};
    T_OK(crm_mapping_bind(m, header_of("CLOSE, stage ,sales rep,x,iD\n", &c), &b, &err), err);
    assert_int_equal(b.column[CRM_ID], 4);
    assert_int_equal(b.column[CRM_AGENT], 2);
    assert_int_equal(b.column[CRM_STAGE], 1);
    assert_int_equal(b.column[CRM_CLOSED], 0);
    assert_int_equal(b.column[CRM_VALUE], -1);
    assert_int_equal(b.n_columns, 5);
}

TEST(a_missing_or_doubled_column_is_named)
{
    CLEANUP(crm_mapping_freep) CrmMapping *m = parsed(GOOD);
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    CLEANUP(crm_csv_freep) CrmCsv *d = NULL;
    CLEANUP(crm_csv_freep) CrmCsv *e = NULL;
    CrmBinding b;
    CrmTeamBinding t;
    Err err = {0};
    T_FAILS(ERR_INVALID, crm_mapping_bind(m, header_of("id,owner,close\n", &c), &b, &err));
    assert_non_null(strstr(err.msg, "lacks column \"Stage\""));
    assert_non_null(strstr(err.msg, "it has: id, owner, close"));
    T_FAILS(ERR_INVALID, crm_mapping_bind(m, header_of("id,owner,close,stage,ID\n", &d), &b, &err));
    assert_non_null(strstr(err.msg, "\"Id\" stands twice"));
    T_FAILS(ERR_INVALID, crm_mapping_bind_teams(m, header_of("rep,place\n", &e), &t, &err));
    assert_non_null(strstr(err.msg, "lacks column \"Branch\""));
}

TEST(every_compiled_in_mapping_is_sound_and_is_chosen_by_its_header)
{
    static const struct {
        const char *header;
        CrmKind kind;
        const char *name;
    } HEADERS[] = {
        {"opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n",
         CRM_OPPORTUNITIES, "maven-crm-sales"},
        {"id,agent,product,account,stage,opened_at,closed_at,value\n", CRM_OPPORTUNITIES,
         "ehub-opportunities"},
        {"id,agent,kind,direction,at,duration_s,outcome\n", CRM_ACTIVITIES, "ehub-activities"},
        {"Opportunity Name,pipeline,stage,Lead Value,assigned,Created on,Updated on,status,Opportunity "
         "ID,Contact ID\n",
         CRM_OPPORTUNITIES, "gohighlevel-opportunities"},
        {"messageId,messageType,direction,dateAdded,userId,callDuration,callStatus,contactId\n",
         CRM_ACTIVITIES, "gohighlevel-activities"},
    };
    size_t n = 0;
    for (const CrmBuiltin *b = CRM_BUILTINS; b->name; b++, n++) {
        CLEANUP(crm_mapping_freep) CrmMapping *m = parsed(b->yaml);
        assert_non_null(m);
    }
    assert_int_equal(n, ARRAY_LEN(HEADERS));
    for (size_t i = 0; i < ARRAY_LEN(HEADERS); i++) {
        CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
        CLEANUP(crm_mapping_freep) CrmMapping *m = NULL;
        Err err = {0};
        T_OK(crm_mapping_choose(HEADERS[i].kind, header_of(HEADERS[i].header, &c), &m, &err), err);
        assert_string_equal(m->name, HEADERS[i].name);
    }
}

TEST(a_header_that_fits_no_mapping_says_what_each_lacks)
{
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    CLEANUP(crm_mapping_freep) CrmMapping *m = NULL;
    Err err = {0};
    T_FAILS(ERR_INVALID,
            crm_mapping_choose(CRM_OPPORTUNITIES, header_of("sales_agent,deal_stage\n", &c), &m, &err));
    assert_non_null(strstr(err.msg, "maven-crm-sales: the header lacks column \"opportunity_id\""));
    assert_non_null(strstr(err.msg, "ehub-opportunities"));
}

T_MAIN(T(a_mapping_says_what_columns_and_words_mean), T(a_star_takes_every_other_stage),
       T(a_bad_mapping_is_refused_with_its_place), T(the_header_may_have_another_order_and_case),
       T(a_missing_or_doubled_column_is_named),
       T(every_compiled_in_mapping_is_sound_and_is_chosen_by_its_header),
       T(a_header_that_fits_no_mapping_says_what_each_lacks))
