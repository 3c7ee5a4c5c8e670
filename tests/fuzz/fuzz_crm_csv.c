/* The first byte chooses encoding and delimiter. Checked: places only grow, a damaged record has no fields, the lines add
 * up, and reading on behind a record gives the same next record. */
#include "fuzz/fuzz.h"

#include "crm/crm_csv.h"

static CrmCsv *open_text(Str text, uint8_t choice)
{
    static const char DELIMITERS[] = {0, ',', ';', '\t'};
    CrmCsv *c = NULL;
    ErrKind kind = crm_csv_open_mem(text, (CrmEncoding)(choice % 5), DELIMITERS[choice / 5 % 4], &c, NULL);
    BUG_ON(kind != ERR_NONE);
    return c;
}

static void check_record(const CrmCsvRecord *r, int64_t line, int64_t offset)
{
    BUG_ON(r->line < line || r->next_line < r->line || r->offset <= offset);
    BUG_ON((r->fault != CRM_CSV_NONE) != (r->n_fields == 0));
    BUG_ON(r->fault != CRM_CSV_NONE && (r->fault_line < r->line || r->fault_column < 1));
    for (int i = 0; i < r->n_fields; i++)
        BUG_ON(r->fields[i].len > CRM_CSV_FIELD_MAX || !str_is_utf8(r->fields[i], NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Str text = {(const char *)data + 1, size - 1};
    CLEANUP(crm_csv_freep) CrmCsv *c = open_text(text, data[0]);
    CLEANUP(crm_csv_freep) CrmCsv *again = open_text(text, data[0]);
    const CrmCsvRecord *r = NULL, *s = NULL;
    int64_t line = 0, offset = 0, jump_to = 0, jump_line = 0;
    for (int n = 0;; n++) {
        BUG_ON(crm_csv_next(c, &r, NULL) != ERR_NONE);
        if (n == 2) { /* behind the second record */
            BUG_ON(crm_csv_seek(again, jump_to, jump_line, NULL) != ERR_NONE);
            BUG_ON(crm_csv_next(again, &s, NULL) != ERR_NONE);
            BUG_ON(!r != !s || (r && (r->line != s->line || !str_eq(r->raw, s->raw))));
        }
        if (!r)
            return 0;
        check_record(r, line, offset);
        line = jump_line = r->next_line;
        offset = jump_to = r->offset;
    }
}
