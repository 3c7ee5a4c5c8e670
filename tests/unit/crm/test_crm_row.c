/* Rules that the integration test's files do not reach: matching of agents, statuses, ids. */
#include "crm/crm_row.h"
#include "crm/crm_tenant.h"
#include "harness/t.h"

static const char MAPPING[] =
    "kind: opportunities\n"
    "columns: {id: id, agent: agent, office: office, stage: stage, status: status, opened: opened, "
    "closed: closed, value: value}\n";

typedef struct Bench {
    CrmMapping *m;
    CrmPeople *people;
    CrmRowReader rd;
    CrmRow row;
    char why[CRM_WHY_MAX];
} Bench;

static Bench made(void)
{
    Bench b = {0};
    Err err = {0};
    T_OK(crm_mapping_parse(str_from(MAPPING), "m", &b.m, &err), err);
    b.people = crm_people_new(UUID_NIL);
    b.rd = (CrmRowReader){.mapping = b.m, .people = b.people};
    assert_int_equal(crm_people_add(b.people, STR("u1"), STR("North")), 0);
    assert_int_equal(crm_people_add(b.people, STR("u2"), STR("South")), 1);
    return b;
}

static void done(Bench *b)
{
    crm_people_free(b->people);
    crm_mapping_free(b->m);
}

/* Views of the row die with the reader, so only its plain values are looked at. */
static CrmReason read_line(Bench *b, const char *line)
{
    CLEANUP(buf_done) Buf text = BUF(4096);
    CLEANUP(crm_csv_freep) CrmCsv *c = NULL;
    const CrmCsvRecord *r = NULL;
    Err err = {0};
    buf_addf(&text, "id,agent,office,stage,status,opened,closed,value\n%s\n", line);
    T_OK(crm_csv_open_mem(buf_str(&text), CRM_ENCODING_AUTO, ',', &c, &err), err);
    T_OK(crm_csv_next(c, &r, &err), err);
    T_OK(crm_mapping_bind(b->m, r, &b->rd.binding, &err), err);
    T_OK(crm_csv_next(c, &r, &err), err);
    return crm_row_read(&b->rd, r, &b->row, b->why);
}

static const struct {
    const char *line;
    CrmReason reason;
} LINES[] = {
    {"1,U1,,Any,won,,2017-01-02,", CRM_REASON_NONE}, /* the case of a key does not matter */
    {"1,u3,,Any,won,,2017-01-02,", CRM_REASON_AGENT},
    {"1,,,Any,won,,2017-01-02,", CRM_REASON_AGENT},
    {"1,u1,,won,thinking,,2017-01-02,", CRM_REASON_STAGE}, /* status decides where there is one */
    {"1,u1,,Any,open,,2017-01-02,", CRM_REASON_NONE},
    {"1,u1,,Any,lost,,,", CRM_REASON_NO_DATE},
    {"1,u1,,Any,lost,2017-01-02,2017-01-02,", CRM_REASON_NONE}, /* the same day is no contradiction */
    {"1,u1,,Any,lost,2017-01-03,2017-01-02,", CRM_REASON_ORDER},
    {"1,u1,,Any,lost,2017-01-02T01:00:00Z,2017-01-02,",
     CRM_REASON_NONE}, /* with and without a zone: not compared */
    {"1,u1,,Any,lost,yesterday,2017-01-02,", CRM_REASON_DATE},
    {"1,u1,,Any,won,,2017-01-02,-1", CRM_REASON_AMOUNT},
    {" ,u1,,Any,won,,2017-01-02,1", CRM_REASON_ID},
};

TEST(rows_are_taken_or_refused_with_a_reason)
{
    Bench b = made();
    for (size_t i = 0; i < ARRAY_LEN(LINES); i++) {
        CrmReason got = read_line(&b, LINES[i].line);
        if (got != LINES[i].reason)
            fail_msg("%s: %s (%s)", LINES[i].line, crm_reason_words(got), b.why);
    }
    done(&b);
}

TEST(an_id_lies_in_its_agents_slot_and_is_the_same_record_under_any_agent)
{
    Bench b = made();
    assert_int_equal(read_line(&b, "X,u1,,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    Uuid first = b.row.id;
    assert_int_equal(uuid_slot(first), uuid_slot(crm_people_office(b.people, 0)->id));
    assert_int_equal(read_line(&b, "X,u2,,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    assert_int_equal(uuid_slot(b.row.id), uuid_slot(crm_people_office(b.people, 1)->id));
    assert_memory_equal(first.b, b.row.id.b, 15);
    assert_int_equal(read_line(&b, "Y,u1,,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    assert_memory_not_equal(first.b, b.row.id.b, 15);
    done(&b);
}

TEST(an_agent_with_an_office_is_added_in_the_first_pass_only)
{
    Bench b = made();
    assert_int_equal(read_line(&b, "1,u9,East,Any,won,,2017-01-02,"), CRM_REASON_AGENT);
    b.rd.may_add_agents = true;
    assert_int_equal(read_line(&b, "1,u9,East,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    assert_int_equal(b.row.agent, 2);
    assert_int_equal(crm_people_offices(b.people), 3);
    assert_int_equal(read_line(&b, "1,U9,East,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    assert_int_equal(b.row.agent, 2);
    assert_false(crm_people_agent(b.people, 2)->moved);
    assert_int_equal(read_line(&b, "1,u9,West,Any,won,,2017-01-02,"), CRM_REASON_NONE);
    assert_true(crm_people_agent(b.people, 2)->moved);
    done(&b);
}

TEST(a_slug_is_made_of_letters_and_digits)
{
    static const struct {
        const char *name, *slug;
    } SLUGS[] = {{"Acme Realty", "acme-realty"},
                 {"  A & B, Inc. ", "a-b-inc"},
                 {"Caf\xC3\xA9 1", "caf-1"},
                 {"--", NULL},
                 {"", NULL}};
    char slug[CRM_TENANT_SLUG_MAX + 1];
    for (size_t i = 0; i < ARRAY_LEN(SLUGS); i++) {
        bool ok = crm_tenant_slug(str_from(SLUGS[i].name), slug);
        assert_int_equal(ok, SLUGS[i].slug != NULL);
        if (ok)
            assert_string_equal(slug, SLUGS[i].slug);
    }
}

T_MAIN(T(rows_are_taken_or_refused_with_a_reason),
       T(an_id_lies_in_its_agents_slot_and_is_the_same_record_under_any_agent),
       T(an_agent_with_an_office_is_added_in_the_first_pass_only), T(a_slug_is_made_of_letters_and_digits))
