/* pii_generator.h - what the parts of the generator share; private to src/pii/pii_generate*.c.
 *
 *     pii_generate.c: templates and slots --> pii_fill_*: pii_generate_names.c (labelled), pii_generate_plain.c, pii_generate_words.c (not) --> out */
#ifndef EHUB_PII_PII_GENERATOR_H
#define EHUB_PII_PII_GENERATOR_H

#include "pii/pii_generate.h"
#include "pii/pii_generate_noise.h"

/* The lists that the slots draw from, in one table: X(FIELD, list's name). */
#define PII_GENERATOR_LISTS(X)                    \
    X(first, "first")                             \
    X(first_foreign, "first_foreign")             \
    X(first_rare, "first_rare")                   \
    X(nickname, "nickname")                       \
    X(last, "last")                               \
    X(last_foreign, "last_foreign")               \
    X(surname_us, "surname_us")                   \
    X(last_rare, "last_rare")                     \
    X(city, "city")                               \
    X(city_foreign, "city_foreign")               \
    X(place, "place")                             \
    X(country, "country")                         \
    X(country_foreign, "country_foreign")         \
    X(state, "state")                             \
    X(region, "region_foreign")                   \
    X(state_abbr, "state_abbr")                   \
    X(street, "street")                           \
    X(street_foreign, "street_foreign")           \
    X(street_part, "street_part")                 \
    X(street_type, "street_type")                 \
    X(street_type_foreign, "street_type_foreign") \
    X(company_suffix, "company_suffix")           \
    X(company_word, "company_word")               \
    X(org_word, "org_word")                       \
    X(brand, "brand")                             \
    X(nrp, "nrp")                                 \
    X(language, "language")                       \
    X(job, "job")                                 \
    X(product, "product")                         \
    X(adjective, "adjective")                     \
    X(adverb, "adverb")                           \
    X(noun, "noun")                               \
    X(verb, "verb")                               \
    X(foreign_word, "foreign_word")               \
    X(foreign_text, "foreign_text")               \
    X(slang, "slang")                             \
    X(interjection, "interjection")               \
    X(name_word, "name_word")                     \
    X(first_word, "first_word")                   \
    X(thing, "thing")                             \
    X(work_title, "work_title")                   \
    X(common, "common")                           \
    X(frequent, "frequent")

struct PiiGenerator {
#define X(field, name) const PiiList *field;
    PII_GENERATOR_LISTS(X)
#undef X
    uint64_t random;
    Buf *out;
    PiiSpan *spans;
    size_t n_spans;
    uint32_t weights;
    bool american; /* this sentence's people and places */
};

static inline uint32_t draw(PiiGenerator *g, uint32_t below)
{
    return pii_draw(&g->random, below);
}

static inline bool chance(PiiGenerator *g, uint32_t percent)
{
    return draw(g, 100) < percent;
}

static inline Str pick(PiiGenerator *g, const PiiList *l)
{
    return l->entries[draw(g, (uint32_t)l->n)];
}

/* One of the pieces of "a|b|c". */
static inline Str one_of(PiiGenerator *g, const char *pieces)
{
    uint32_t n = 1;
    for (const char *p = pieces; *p; p++)
        n += *p == '|';
    Str rest = str_from(pieces), piece = STR_NULL;
    for (uint32_t i = draw(g, n) + 1; i-- > 0;)
        str_next(&rest, '|', &piece);
    return piece;
}

static inline void say(PiiGenerator *g, Str s)
{
    buf_add_str(g->out, s);
}

static inline void say_c(PiiGenerator *g, const char *s)
{
    buf_add_c(g->out, s);
}

static inline void say_one(PiiGenerator *g, const char *pieces)
{
    say(g, one_of(g, pieces));
}

static inline void digits(PiiGenerator *g, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        buf_add_char(g->out, (char)('0' + (i == 0 ? 1 + draw(g, 9) : draw(g, 10))));
}

static inline void number(PiiGenerator *g, uint32_t from, uint32_t to)
{
    buf_add_i64(g->out, from + draw(g, to - from + 1));
}

static inline void titled(PiiGenerator *g, Str s)
{
    size_t at = g->out->len;
    say(g, s);
    char *p = g->out->ptr + at;
    if (s.len > 0 && *p >= 'a' && *p <= 'z')
        *p = (char)(*p - 32);
}

/* pii_generate_names.c */
void pii_fill_address(PiiGenerator *g);
void pii_fill_age(PiiGenerator *g);
void pii_fill_city(PiiGenerator *g);
void pii_fill_word_name(PiiGenerator *g); /* "Mark", "Grace" */
void pii_fill_first_name(PiiGenerator *g);
void pii_fill_full_name(PiiGenerator *g);
void pii_fill_last_name(PiiGenerator *g);
void pii_fill_location(PiiGenerator *g);
void pii_fill_made_up(PiiGenerator *g);
void pii_fill_nrp(PiiGenerator *g);
void pii_fill_org_stem(PiiGenerator *g);
void pii_fill_organization(PiiGenerator *g);
void pii_fill_person(PiiGenerator *g);
void pii_fill_street_us(PiiGenerator *g);
void pii_fill_surnames(PiiGenerator *g);
void pii_fill_zip(PiiGenerator *g);
void pii_fill_titled_surname(PiiGenerator *g);

/* pii_generate_plain.c */
void pii_fill_adjective(PiiGenerator *g);
void pii_fill_adverb(PiiGenerator *g);
void pii_fill_any_word(PiiGenerator *g);
void pii_fill_big_number(PiiGenerator *g);
void pii_fill_capital_adjective(PiiGenerator *g);
void pii_fill_capital_adverb(PiiGenerator *g);
void pii_fill_capital_command(PiiGenerator *g);
void pii_fill_capital_noun(PiiGenerator *g);
void pii_fill_capital_verb(PiiGenerator *g);
void pii_fill_capital_word(PiiGenerator *g);
void pii_fill_chatter(PiiGenerator *g);
void pii_fill_clock_time(PiiGenerator *g);
void pii_fill_code(PiiGenerator *g);
void pii_fill_command(PiiGenerator *g);
void pii_fill_date(PiiGenerator *g);
void pii_fill_email(PiiGenerator *g);
void pii_fill_exclaim(PiiGenerator *g);
void pii_fill_file(PiiGenerator *g);
void pii_fill_foreign(PiiGenerator *g);
void pii_fill_foreign_capital(PiiGenerator *g);
void pii_fill_product_name(PiiGenerator *g);
void pii_fill_handle(PiiGenerator *g);
void pii_fill_hash_tag(PiiGenerator *g);
void pii_fill_job_title(PiiGenerator *g);
void pii_fill_language(PiiGenerator *g);
void pii_fill_last_only(PiiGenerator *g);
void pii_fill_internet_slang(PiiGenerator *g);
void pii_fill_capital_slang(PiiGenerator *g);
void pii_fill_long_word(PiiGenerator *g);
void pii_fill_capital_long_word(PiiGenerator *g);
void pii_fill_month(PiiGenerator *g);
void pii_fill_name_word(PiiGenerator *g);
void pii_fill_capital_name_word(PiiGenerator *g);
void pii_fill_thing(PiiGenerator *g);
void pii_fill_weekday(PiiGenerator *g);
void pii_fill_letters(PiiGenerator *g);
void pii_fill_money(PiiGenerator *g);
void pii_fill_nationals(PiiGenerator *g);
void pii_fill_noun(PiiGenerator *g);
void pii_fill_past(PiiGenerator *g);
void pii_fill_phone(PiiGenerator *g);
void pii_fill_plural(PiiGenerator *g);
void pii_fill_product(PiiGenerator *g);
void pii_fill_slang(PiiGenerator *g);
void pii_fill_slang_plural(PiiGenerator *g);
void pii_fill_small_number(PiiGenerator *g);
void pii_fill_state_short(PiiGenerator *g);
void pii_fill_street_only(PiiGenerator *g);
void pii_fill_title_word(PiiGenerator *g);
void pii_fill_url(PiiGenerator *g);
void pii_fill_verb(PiiGenerator *g);
void pii_fill_verbs(PiiGenerator *g);
void pii_fill_work_title(PiiGenerator *g);

/* pii_generate_words.c */
void pii_fill_as_heard(PiiGenerator *g);
void pii_fill_capital_as_heard(PiiGenerator *g);
void pii_fill_capital_doing(PiiGenerator *g);
void pii_fill_capital_strange(PiiGenerator *g);
void pii_fill_laughter(PiiGenerator *g);
void pii_fill_loud_foreign(PiiGenerator *g);
void pii_fill_loud_strange(PiiGenerator *g);
void pii_fill_strange(PiiGenerator *g);

#endif
