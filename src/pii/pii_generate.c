/* pii_generate.c - fills the templates: see pii_generate.h. */
#include "base/mem.h"
#include "pii/pii_generator.h"

typedef void Filler(PiiGenerator *g);

/* Slots: {name}; type PII_N_TYPES: not labelled. */
static const struct {
    const char *name;
    Filler *fill;
    PiiType type;
} SLOTS[] = {
    {"P", pii_fill_person, PII_PERSON},
    {"PF", pii_fill_first_name, PII_PERSON},
    {"PW", pii_fill_word_name, PII_PERSON},
    {"PL", pii_fill_last_only, PII_PERSON},
    {"PT", pii_fill_titled_surname, PII_PERSON},
    {"PN", pii_fill_full_name, PII_PERSON},
    {"A", pii_fill_address, PII_STREET_ADDRESS},
    {"L", pii_fill_location, PII_LOCATION},
    {"LC", pii_fill_city, PII_LOCATION},
    {"LS", pii_fill_state_short, PII_LOCATION},
    {"LR", pii_fill_street_only, PII_LOCATION},
    {"O", pii_fill_organization, PII_ORGANIZATION},
    {"G", pii_fill_age, PII_AGE},
    {"N", pii_fill_nrp, PII_NRP},
    {"NS", pii_fill_nationals, PII_NRP},
    {"language", pii_fill_language, PII_N_TYPES},
    {"phone", pii_fill_phone, PII_N_TYPES},
    {"email", pii_fill_email, PII_N_TYPES},
    {"url", pii_fill_url, PII_N_TYPES},
    {"money", pii_fill_money, PII_N_TYPES},
    {"date", pii_fill_date, PII_N_TYPES},
    {"time", pii_fill_clock_time, PII_N_TYPES},
    {"zip", pii_fill_zip, PII_N_TYPES},
    {"work", pii_fill_work_title, PII_N_TYPES},
    {"chatter", pii_fill_chatter, PII_N_TYPES},
    {"job", pii_fill_job_title, PII_N_TYPES},
    {"title", pii_fill_title_word, PII_N_TYPES},
    {"noun", pii_fill_noun, PII_N_TYPES},
    {"adj", pii_fill_adjective, PII_N_TYPES},
    {"verb", pii_fill_verb, PII_N_TYPES},
    {"adv", pii_fill_adverb, PII_N_TYPES},
    {"word", pii_fill_any_word, PII_N_TYPES},
    {"Word", pii_fill_capital_word, PII_N_TYPES},
    {"product", pii_fill_product, PII_N_TYPES},
    {"n", pii_fill_small_number, PII_N_TYPES},
    {"num", pii_fill_big_number, PII_N_TYPES},
    {"nouns", pii_fill_plural, PII_N_TYPES},
    {"foreign", pii_fill_foreign, PII_N_TYPES},
    {"Foreign", pii_fill_foreign_capital, PII_N_TYPES},
    {"Product", pii_fill_product_name, PII_N_TYPES},
    {"slang", pii_fill_slang, PII_N_TYPES},
    {"slangs", pii_fill_slang_plural, PII_N_TYPES},
    {"handle", pii_fill_handle, PII_N_TYPES},
    {"tag", pii_fill_hash_tag, PII_N_TYPES},
    {"exclaim", pii_fill_exclaim, PII_N_TYPES},
    {"caps", pii_fill_letters, PII_N_TYPES},
    {"code", pii_fill_code, PII_N_TYPES},
    {"past", pii_fill_past, PII_N_TYPES},
    {"verbs", pii_fill_verbs, PII_N_TYPES},
    {"Verb", pii_fill_capital_verb, PII_N_TYPES},
    {"Adj", pii_fill_capital_adjective, PII_N_TYPES},
    {"Adv", pii_fill_capital_adverb, PII_N_TYPES},
    {"Noun", pii_fill_capital_noun, PII_N_TYPES},
    {"command", pii_fill_command, PII_N_TYPES},
    {"Command", pii_fill_capital_command, PII_N_TYPES},
    {"file", pii_fill_file, PII_N_TYPES},
    {"islang", pii_fill_internet_slang, PII_N_TYPES},
    {"Slang", pii_fill_capital_slang, PII_N_TYPES},
    {"long", pii_fill_long_word, PII_N_TYPES},
    {"Long", pii_fill_capital_long_word, PII_N_TYPES},
    {"Month", pii_fill_month, PII_N_TYPES},
    {"Day", pii_fill_weekday, PII_N_TYPES},
    {"nameword", pii_fill_name_word, PII_N_TYPES},
    {"NameWord", pii_fill_capital_name_word, PII_N_TYPES},
    {"thing", pii_fill_thing, PII_N_TYPES},
    {"laugh", pii_fill_laughter, PII_N_TYPES},
    {"heard", pii_fill_as_heard, PII_N_TYPES},
    {"Heard", pii_fill_capital_as_heard, PII_N_TYPES},
    {"strange", pii_fill_strange, PII_N_TYPES},
    {"Strange", pii_fill_capital_strange, PII_N_TYPES},
    {"FOREIGN", pii_fill_loud_foreign, PII_N_TYPES},
    {"STRANGE", pii_fill_loud_strange, PII_N_TYPES},
    {"Doing", pii_fill_capital_doing, PII_N_TYPES},
};

static void expand(PiiGenerator *g, const char *template);

static void fill(PiiGenerator *g, Str slot)
{
    if (str_eq_c(slot, "chat")) {
        expand(g, PII_CHAT.lines[draw(g, (uint32_t)PII_CHAT.n)]);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(SLOTS); i++) {
        if (!str_eq_c(slot, SLOTS[i].name))
            continue;
        size_t at = g->out->len;
        SLOTS[i].fill(g);
        if (SLOTS[i].type != PII_N_TYPES && SLOTS[i].type != PII_NRP &&
            chance(g, 4)) /* "moved to BOISE last year" */
            pii_noise_case(g->out, at, true);
        if (SLOTS[i].type != PII_N_TYPES && g->n_spans < PII_GENERATE_SPANS_MAX && g->out->len > at)
            g->spans[g->n_spans++] =
                (PiiSpan){.start = (uint32_t)at, .end = (uint32_t)g->out->len, .type = SLOTS[i].type};
        return;
    }
    BUG_ON(!"a slot of a template that does not exist");
}

static void expand(PiiGenerator *g, const char *template)
{
    for (const char *p = template; *p; p++) {
        if (*p != '{' || p[1] == '"') {
            buf_add_char(g->out, *p);
            continue;
        }
        const char *end = strchr(p, '}');
        BUG_ON(!end);
        fill(g, (Str){p + 1, (size_t)(end - p - 1)});
        p = end;
    }
}

/* ---- a sentence ---- */

size_t pii_generate(PiiGenerator *g, Buf *text, PiiSpan spans[PII_GENERATE_SPANS_MAX])
{
    buf_clear(text);
    g->out = text;
    g->spans = spans;
    g->n_spans = 0;
    g->american = chance(g, 50);
    uint32_t at = draw(g, g->weights);
    size_t i = 0;
    for (; at >= PII_TEMPLATES[i]->weight; i++)
        at -= PII_TEMPLATES[i]->weight;
    const PiiTemplates *group = PII_TEMPLATES[i];
    expand(g, group->lines[draw(g, (uint32_t)group->n)]);
    if (chance(g, 12)) { /* two in one text */
        say_one(g, " |\n| |  ");
        expand(g, group->lines[draw(g, (uint32_t)group->n)]);
    }
    pii_noise(text, spans, g->n_spans, &g->random);
    return g->n_spans;
}

ErrKind pii_generator_new(const PiiWords *words, uint64_t seed, PiiGenerator **ret, Err *reterr)
{
    *ret = NULL;
    PiiGenerator *g = MEM_NEW(PiiGenerator);
    g->random = seed;
#define X(field, name)                                                                              \
    g->field = pii_words_list(words, name);                                                         \
    if (!g->field || g->field->n == 0) {                                                            \
        pii_generator_free(g);                                                                      \
        return err_set(reterr, ERR_INVALID, "pii: the word list [%s] is missing or empty", (name)); \
    }
    PII_GENERATOR_LISTS(X)
#undef X
    for (size_t i = 0; i < PII_N_TEMPLATES; i++)
        g->weights += PII_TEMPLATES[i]->weight;
    *ret = g;
    return ERR_NONE;
}

void pii_generator_free(PiiGenerator *g)
{
    mem_free(g);
}
