/* Rows of our own two formats with any content: a row that is taken keeps every promise of crm_row.h. */
#include "fuzz/fuzz.h"

#include "crm/crm_row.h"

static const CrmCsvRecord *start(const char *header, CrmKind kind, CrmRowReader *rd, CrmMapping **m,
                                 CrmCsv **csv)
{
    const CrmCsvRecord *r = NULL;
    BUG_ON(crm_csv_open_mem(str_from(header), CRM_ENCODING_UTF8, ',', csv, NULL) != ERR_NONE);
    BUG_ON(crm_csv_next(*csv, &r, NULL) != ERR_NONE);
    BUG_ON(crm_mapping_choose(kind, r, m, NULL) != ERR_NONE);
    BUG_ON(crm_mapping_bind(*m, r, &rd->binding, NULL) != ERR_NONE);
    rd->mapping = *m;
    return r;
}

static void check_row(const CrmRowReader *rd, const CrmRow *row)
{
    BUG_ON(row->agent < 0 || row->agent >= crm_people_agents(rd->people));
    BUG_ON(uuid_slot(row->id) != uuid_slot(crm_people_agent(rd->people, row->agent)->id));
    if (rd->mapping->kind == CRM_ACTIVITIES) {
        BUG_ON(row->kind < 0 || row->kind > 9 || row->duration_s > 7 * 86400);
        return;
    }
    BUG_ON(row->status < 0 || row->status > 2 || (row->status == 0) == row->has_closed);
    BUG_ON(row->has_opened && row->has_closed && row->opened.zoned == row->closed.zoned &&
           row->closed.us < row->opened.us);
    BUG_ON((row->has_value && row->value_cents < 0) || row->external_id.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const HEADERS[] = {
        "id,agent,office,product,account,stage,status,opened_at,closed_at,value,commission,lead_id\n",
        "id,agent,office,kind,direction,at,known_at,duration_s,outcome,lead_id,opportunity_id\n"};
    if (size == 0)
        return 0;
    CrmKind kind = data[0] % 2 ? CRM_ACTIVITIES : CRM_OPPORTUNITIES;
    CLEANUP(crm_mapping_freep) CrmMapping *m = NULL;
    CLEANUP(crm_csv_freep) CrmCsv *header = NULL;
    CLEANUP(crm_csv_freep) CrmCsv *csv = NULL;
    CLEANUP(crm_people_freep) CrmPeople *people = crm_people_new(UUID_NIL);
    CrmRowReader rd = {.people = people, .may_add_agents = true};
    (void)start(HEADERS[kind], kind, &rd, &m, &header);
    BUG_ON(crm_csv_open_mem((Str){(const char *)data + 1, size - 1}, CRM_ENCODING_AUTO, ',', &csv, NULL) !=
           ERR_NONE);
    for (;;) {
        const CrmCsvRecord *r = NULL;
        char why[CRM_WHY_MAX];
        CrmRow row;
        BUG_ON(crm_csv_next(csv, &r, NULL) != ERR_NONE);
        if (!r)
            return 0;
        CrmReason reason = crm_row_read(&rd, r, &row, why);
        if (reason == CRM_REASON_NONE)
            check_row(&rd, &row);
        else
            BUG_ON(why[0] == 0 || !str_is_utf8(str_from(why), NULL));
    }
}
