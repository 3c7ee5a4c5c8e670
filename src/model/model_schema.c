/* model_schema.c - what the columns of a model are called and mean. See model_table.h. */
#include "base/mem.h"
#include "model/model_table.h"

void model_schema_free(ModelSchema *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_columns; i++) {
        for (int k = 0; k < s->columns[i].n_categories; k++)
            mem_free(s->columns[i].categories[k]);
        mem_free(s->columns[i].categories);
        mem_free(s->columns[i].name);
    }
    for (int k = 0; k < s->n_classes; k++)
        mem_free(s->classes[k]);
    mem_free(s->classes);
    mem_free(s->columns);
    mem_free(s->target);
    mem_free(s);
}
