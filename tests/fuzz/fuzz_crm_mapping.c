/* Any text is a mapping or is refused with a message that names its place. */
#include "fuzz/fuzz.h"

#include "crm/crm_mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(crm_mapping_freep) CrmMapping *m = NULL;
    Err err = {0};
    if (crm_mapping_parse((Str){(const char *)data, size}, "m.yaml", &m, &err) != ERR_NONE) {
        BUG_ON(m || !strstr(err.msg, "m.yaml"));
        return 0;
    }
    CLEANUP(crm_csv_freep) CrmCsv *csv = NULL;
    const CrmCsvRecord *header = NULL;
    CrmBinding binding;
    BUG_ON(m->n_date_formats < 1 || !m->timezone[0]);
    BUG_ON(crm_csv_open_mem(STR("id,agent,stage,closed,at,kind\n"), CRM_ENCODING_AUTO, 0, &csv, NULL) !=
           ERR_NONE);
    BUG_ON(crm_csv_next(csv, &header, NULL) != ERR_NONE);
    if (crm_mapping_bind(m, header, &binding, &err) == ERR_NONE)
        BUG_ON(binding.n_columns != 6);
    return 0;
}
