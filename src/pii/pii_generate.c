/* pii_generate.c - fills the templates: see pii_generate.h. */
#include "pii/pii_generate.h"

#include "base/mem.h"

#define TEXT_MAX 8192

/* The lists that the slots draw from, in one table: X(FIELD, list's name). */
#define LISTS(X)                                  \
    X(first, "first")                             \
    X(first_foreign, "first_foreign")             \
    X(nickname, "nickname")                       \
    X(last, "last")                               \
    X(last_foreign, "last_foreign")               \
    X(surname_us, "surname_us")                   \
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
    X(common, "common")

struct PiiGenerator {
#define X(field, name) const PiiList *field;
    LISTS(X)
#undef X
    uint64_t random;
    Buf *out;
    PiiSpan *spans;
    size_t n_spans;
    uint32_t weights;
    bool american; /* this sentence's people and places */
};

static uint32_t draw(PiiGenerator *g, uint32_t below)
{
    uint64_t x = g->random += 0x9E3779B97F4A7C15u; /* splitmix64 (Steele, Lea, Flood 2014) */
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(((x ^ x >> 31) >> 32) * below >> 32);
}

static bool chance(PiiGenerator *g, uint32_t percent)
{
    return draw(g, 100) < percent;
}

static Str pick(PiiGenerator *g, const PiiList *l)
{
    return l->entries[draw(g, (uint32_t)l->n)];
}

/* One of the pieces of "a|b|c". */
static Str one_of(PiiGenerator *g, const char *pieces)
{
    uint32_t n = 1;
    for (const char *p = pieces; *p; p++)
        n += *p == '|';
    Str rest = str_from(pieces), piece = STR_NULL;
    for (uint32_t i = draw(g, n) + 1; i-- > 0;)
        str_next(&rest, '|', &piece);
    return piece;
}

static void say(PiiGenerator *g, Str s)
{
    buf_add_str(g->out, s);
}

static void say_c(PiiGenerator *g, const char *s)
{
    buf_add_c(g->out, s);
}

static void say_one(PiiGenerator *g, const char *pieces)
{
    say(g, one_of(g, pieces));
}

static void digits(PiiGenerator *g, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        buf_add_char(g->out, (char)('0' + (i == 0 ? 1 + draw(g, 9) : draw(g, 10))));
}

static void number(PiiGenerator *g, uint32_t from, uint32_t to)
{
    buf_add_i64(g->out, from + draw(g, to - from + 1));
}

static void titled(PiiGenerator *g, Str s)
{
    size_t at = g->out->len;
    say(g, s);
    char *p = g->out->ptr + at;
    if (s.len > 0 && *p >= 'a' && *p <= 'z')
        *p = (char)(*p - 32);
}

/* A name that no list knows. */
static void made_up(PiiGenerator *g)
{
    size_t at = g->out->len;
    for (uint32_t n = 2 + draw(g, 2); n > 0; n--) {
        say_one(g, "b|br|c|ch|d|dr|f|g|gr|h|j|k|kr|l|m|n|p|r|s|sh|st|t|th|tr|v|w|y|z|kl|mb|ng|sz");
        say_one(g, "a|e|i|o|u|a|e|i|o|ai|ie|oo|ee|au|ou|y");
        if (n == 1 || chance(g, 30))
            say_one(g, "n|r|s|l|m|t|k|nd|ck|x|v|ski|son|sen|ez|ov|a|o|ic|wald|berg|ton|ell");
    }
    char *p = g->out->ptr + at;
    *p = (char)(*p - 32);
}

/* ---- people ---- */

static void first_name(PiiGenerator *g)
{
    if (chance(g, 4))
        made_up(g);
    else if (!g->american)
        say(g, pick(g, g->first_foreign));
    else
        say(g, pick(g, chance(g, 15) ? g->nickname : g->first));
}

static void last_name(PiiGenerator *g)
{
    if (chance(g, 7))
        made_up(g);
    else if (!g->american)
        say(g, pick(g, g->last_foreign));
    else
        say(g, pick(g, chance(g, 65) ? g->surname_us : g->last));
}

static void initial(PiiGenerator *g)
{
    buf_add_char(g->out, (char)('A' + draw(g, 26)));
    if (chance(g, 65))
        say_c(g, ".");
}

static void surnames(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 5)
        say_one(g, "van |von |de |van der |van den |de la |da |dos |del |di |bin |al-|Van |De |Mac|Mc|St. "
                   "|ter |el ");
    last_name(g);
    if (kind >= 94) {
        say_c(g, kind >= 96 ? "-" : " ");
        last_name(g);
    }
}

static void full_name(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 4) {
        initial(g);
        say_c(g, " ");
        if (chance(g, 30)) {
            initial(g);
            say_c(g, " ");
        }
        surnames(g);
        return;
    }
    first_name(g);
    if (kind < 8) {
        say_c(g, kind < 6 ? "-" : " ");
        first_name(g);
    } else if (kind < 22) {
        say_c(g, " ");
        initial(g);
    }
    say_c(g, " ");
    surnames(g);
    if (kind > 97)
        say_one(g, " Jr.| Sr.| III| II|, Jr.| Jr");
}

static void person(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 38)
        first_name(g);
    else if (kind < 48)
        surnames(g);
    else
        full_name(g);
}

/* ---- places and addresses ---- */

static void city(PiiGenerator *g)
{
    if (chance(g, 5))
        made_up(g);
    else
        say(g, pick(g, g->american ? chance(g, 15) ? g->place : g->city : g->city_foreign));
}

static void location(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 50)
        city(g);
    else if (kind < 75)
        say(g, pick(g, g->american && chance(g, 50) ? g->place : g->country));
    else if (kind < 90)
        say(g, pick(g, g->american ? g->state : g->region));
    else
        say(g, pick(g, chance(g, 60) ? g->country : g->country_foreign));
}

static void house_number(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 4)
        say_one(g, "N|W|No. |No |#");
    digits(g, 1 + draw(g, kind < 50 ? 4 : 5));
    if (kind >= 94)
        say_one(g, "A|B|C|1/2| 1/2|-B|a|b");
    else if (kind >= 90) {
        say_one(g, "-|/");
        digits(g, 1 + draw(g, 2));
    }
}

static void street_us(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 12)
        say_one(g, "N |S |E |W |N. |S. |E. |W. |North |South |East |West |NE |NW |SE |SW ");
    if (kind < 30) {
        say(g, pick(g, g->street));
        return;
    }
    if (kind < 42) {
        number(g, 1, 150);
        say_one(g, "st|nd|rd|th|th|th|th");
    } else if (kind < 60) {
        last_name(g);
    } else if (kind < 66) {
        first_name(g);
    } else if (kind < 72) {
        say_one(g, "Highway|State Road|County Road|US Highway|Route|Interstate|FM|State Route|CR|Hwy");
        say_c(g, " ");
        digits(g, 1 + draw(g, 4));
        return;
    } else {
        titled(g, pick(g, chance(g, 60) ? g->noun : g->adjective));
        if (chance(g, 35)) {
            say_c(g, " ");
            titled(g, pick(g, g->noun));
        }
    }
    say_c(g, " ");
    if (chance(g, 45))
        say(g, pick(g, g->street_type));
    else
        say_one(g, "St|St.|Ave|Ave.|Blvd|Blvd.|Dr|Dr.|Rd|Rd.|Ln|Ln.|Ct|Ct.|Pl|Cir|Pkwy|Hwy|Ter|Trl|Way|Lane|"
                   "Street|Avenue|Road|"
                   "Drive|Court|Circle|Boulevard|Place|Terrace|Trail|Loop");
    if (chance(g, 5))
        say_one(g, " N| S| E| W| NE| NW| SE| SW| North| South");
}

static void street_foreign(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 55) {
        say(g, pick(g, g->street_foreign));
    } else if (kind < 75) {
        say_one(g,
                "rue|Rue|rue de|Rue de "
                "la|avenue|Calle|calle|C/|Via|via|Viale|Piazza|Avenida|Av.|Rua|Plaza|ul.|ulica|Jalan|Jl.|"
                "Boulevard|Chemin du|Place|Corso|Paseo de|Carrera|Strada|Largo|Praça|Camino|Impasse|Quai|Bd");
        say_c(g, " ");
        last_name(g);
    } else if (kind < 90) {
        last_name(g);
        say_one(g, "straße|strasse|str.|weg|gasse|platz| "
                   "Straße|gatan|vägen|vej|gade|veien|straat|laan|katu|tie| utca| út|singel|"
                   "kade|plein|allee| utca| tér|gränd|stræde|dreef|ring| Str.| u.");
    } else {
        say(g, pick(g, g->street_part));
        say_c(g, " ");
        say(g, pick(g, chance(g, 60) ? g->street_type_foreign : g->street_type));
    }
}

static void unit(PiiGenerator *g)
{
    say_one(g, "Apt. |Apt |Suite |Ste |Ste. |Unit |#|# |Apartment |Floor |Fl |Room |Rm |Bldg |Building |Lot "
               "|PH |Flat |Spc |Apto. |"
               "Apt. |Suite |Unit |Apt ");
    uint32_t kind = draw(g, 10);
    if (kind < 2)
        buf_add_char(g->out, (char)('A' + draw(g, 12)));
    else
        digits(g, 1 + draw(g, 3));
    if (kind == 9)
        buf_add_char(g->out, (char)('A' + draw(g, 6)));
}

static void zip(PiiGenerator *g)
{
    uint32_t kind = g->american ? draw(g, 10) : 5 + draw(g, 10);
    if (kind == 14)
        say_one(g, "SW1A 1AA|K1A 0B1|EC2V 7HH|1012 AB|H3Z 2Y7|D-10115|75008|SE-114 55|M5V 2T6|LS1 4DY");
    else
        digits(g, kind < 12 ? 5 : 4);
    if (kind == 0) {
        say_c(g, "-");
        digits(g, 4);
    }
}

/* What stands between the parts of an address; the same in all of one address, mostly. */
static void part_break(PiiGenerator *g, uint32_t style)
{
    switch (style) {
    case 0:
    case 1: say_c(g, ", "); return;
    case 2: say_c(g, "\n"); return;
    case 3: say_c(g, chance(g, 50) ? ",\n" : "\n "); return;
    case 4: say_c(g, " "); return;
    default: say_one(g, ", | |\n|\n, |  |,|\n    |, \n");
    }
}

static void box(PiiGenerator *g, uint32_t style)
{
    uint32_t kind = draw(g, 10);
    if (kind < 6) {
        say_one(g, "PO Box |P.O. Box |P. O. Box |PO BOX |POB |Post Office Box |P.O Box |Box |PMB |po box "
                   "|P.O. BOX #");
        digits(g, 1 + draw(g, 5));
    } else if (kind < 7) {
        say_one(g, "RR |RR#|HC |Rural Route |HCR ");
        number(g, 1, 99);
        say_one(g, " Box |, Box | BOX ");
        digits(g, 1 + draw(g, 3));
    } else {
        say_one(g, "PSC |Unit |CMR |USS ");
        if (chance(g, 8))
            last_name(g);
        else
            digits(g, 3 + draw(g, 2));
        say_one(g, ", Box | Box |, BOX ");
        digits(g, 3 + draw(g, 2));
        part_break(g, style);
        say_one(g, "APO AE |APO AP |FPO AP |DPO AA |FPO AE |APO, AE |DPO AE |APO AA ");
        digits(g, 5);
    }
}

static void address_tail(PiiGenerator *g, uint32_t style)
{
    uint32_t kind = draw(g, 100);
    if (!g->american && kind < 40) { /* ZIP before the city */
        part_break(g, style);
        zip(g);
        say_c(g, " ");
        city(g);
    } else {
        part_break(g, style);
        city(g);
        if (kind < 85) {
            if (style == 4)
                say_c(g, " ");
            else if (style < 4)
                say_c(g, ", ");
            else
                part_break(g, style);
            if (g->american || chance(g, 60))
                say(g, pick(g, g->state_abbr));
            else if (chance(g, 50))
                say(g, pick(g, g->region));
            else
                number(g, 1, 99);
        }
        if (kind < 70 && g->american) {
            say_c(g, style == 5 && chance(g, 50) ? "\n " : " ");
            zip(g);
        }
    }
    if (!g->american ? kind < 55 : kind < 4) {
        part_break(g, style);
        say(g, g->american ? one_of(g, "USA|United States|US|U.S.A.") : pick(g, g->country));
        if (chance(g, 40)) {
            say_c(g, style == 5 ? "\n" : " ");
            zip(g);
        }
    }
}

static void address(PiiGenerator *g)
{
    uint32_t style = draw(g, 7), kind = draw(g, 100);
    if (kind < 9) {
        box(g, style);
        if (chance(g, 70))
            address_tail(g, style);
        return;
    }
    if (g->american || kind < 45) {
        house_number(g);
        say_c(g, " ");
        if (g->american)
            street_us(g);
        else
            street_foreign(g);
        if (!g->american && chance(g, 15)) {
            say_c(g, " ");
            digits(g, 1 + draw(g, 3));
        }
    } else {
        street_foreign(g);
        say_one(g, " | |, | nº | n. ");
        house_number(g);
    }
    if (chance(g, 25)) {
        if (style == 4)
            say_c(g, " ");
        else
            say_one(g, " | |, |\n|,");
        unit(g);
    }
    if (chance(g, 62))
        address_tail(g, style);
}

/* ---- organisations, ages, groups ---- */

static void legal(PiiGenerator *g)
{
    if (g->american)
        say_one(g, "Inc|Inc.|LLC|Corp|Corp.|Co.|Ltd|Ltd.|LLP|and Sons|Group|PLC|L.P.|LP|& "
                   "Co|Incorporated|Company|& Sons");
    else
        say(g, pick(g, g->company_suffix));
}

static void org_stem(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 35)
        last_name(g);
    else if (kind < 50)
        titled(g, pick(g, g->noun));
    else if (kind < 60)
        titled(g, pick(g, g->adjective));
    else if (kind < 70)
        city(g);
    else if (kind < 85)
        made_up(g);
    else if (kind < 92)
        titled(g, pick(g, g->company_word));
    else {
        titled(g, pick(g, g->common));
        titled(g, pick(g, g->noun));
    }
}

static void org_word(PiiGenerator *g)
{
    titled(g, pick(g, g->org_word));
}

static void organization(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 12) {
        say(g, pick(g, g->brand));
    } else if (kind < 30) {
        org_stem(g);
        say_one(g, " | | |, ");
        legal(g);
    } else if (kind < 48) {
        org_stem(g);
        say_c(g, " ");
        org_word(g);
        if (chance(g, 30)) {
            say_c(g, " ");
            if (chance(g, 50))
                legal(g);
            else
                org_word(g);
        }
    } else if (kind < 54) {
        last_name(g);
        uint32_t between = draw(g, 6);
        if (between > 3)
            say_one(g, ", |, ");
        else
            say_one(g, between > 1 ? "-" : " & | and ");
        last_name(g);
        if (between > 3) {
            say_one(g, " and | & |, and ");
            last_name(g);
        }
        if (between <= 1 || chance(g, 40))
            say_one(g, " LLP| LLC| Associates| Realty| Group| Partners| Law| Inc| Properties");
    } else if (kind < 62) {
        titled(g, pick(g, chance(g, 50) ? g->noun : g->adjective));
        say_c(g, " ");
        titled(g, pick(g, g->noun));
        if (chance(g, 40)) {
            say_c(g, " ");
            org_word(g);
        }
    } else if (kind < 70) {
        say_one(g, "University of |Bank of |City of |Department of |Church of |Ministry of |Institute of "
                   "|Museum of |Port of ");
        if (chance(g, 60))
            location(g);
        else
            titled(g, pick(g, g->noun));
    } else if (kind < 76) {
        for (uint32_t n = 2 + draw(g, 3); n > 0; n--)
            buf_add_char(g->out, (char)('A' + draw(g, 26)));
        if (chance(g, 35)) {
            say_c(g, " ");
            org_word(g);
        }
    } else if (kind < 94) { /* one word: Vistaro, GreenHome, Homely */
        uint32_t k = draw(g, 4);
        if (k == 0) {
            made_up(g);
        } else {
            titled(g, pick(g, k == 1 ? g->adjective : g->noun));
            if (k > 1)
                say_one(g, "ly|ify|io|Tech|Soft|Corp|Works|Lab|Net|Hub|Base|Point|Logic|ware|ster|.com|.io|"
                           "Bridge|Stream|Pay|scape|lytics");
        }
    } else {
        say_one(g, "First |First National |American |United |General |National |Central |Pacific |Atlantic "
                   "|Northern |Royal ");
        org_word(g);
        if (chance(g, 50)) {
            say_c(g, " ");
            org_word(g);
        }
    }
}

static void age(PiiGenerator *g)
{
    number(g, chance(g, 15) ? 1 : 18, chance(g, 5) ? 110 : 92);
}

static void nrp(PiiGenerator *g)
{
    Str w = pick(g, g->nrp);
    say(g, w);
}

/* ---- what is no personal name ---- */

static void phone(PiiGenerator *g)
{
    Str form =
        one_of(g, "(###) ###-####|###-###-####|###.###.####|+1 ### ### ####|##########|+1-###-###-####|+44 "
                  "## #### ####|"
                  "### ####|###-####|+## ### ## ## ##|### ### ####x###|0## ### ## ##|1 (###) ###-####");
    for (size_t i = 0; i < form.len; i++)
        buf_add_char(g->out, form.ptr[i] == '#' ? (char)('0' + draw(g, 10)) : form.ptr[i]);
}

static void lower_from(PiiGenerator *g, size_t at)
{
    size_t to = at;
    for (size_t i = at; i < g->out->len; i++) {
        char c = g->out->ptr[i];
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
            g->out->ptr[to++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    g->out->len = to;
}

static void email(PiiGenerator *g)
{
    size_t at = g->out->len;
    first_name(g);
    if (chance(g, 60)) {
        say_one(g, ".|_|");
        last_name(g);
    }
    lower_from(g, at);
    say_one(g, "@gmail.com|@yahoo.com|@outlook.com|@example.com|@|@|@hotmail.com");
    if (g->out->ptr[g->out->len - 1] == '@') {
        at = g->out->len;
        org_stem(g);
        lower_from(g, at);
        say_one(g, ".com|.net|.org|.io|.co.uk|.de");
    }
}

static void url(PiiGenerator *g)
{
    say_one(g, "https://www.|http://|https://|www.|");
    size_t at = g->out->len;
    org_stem(g);
    lower_from(g, at);
    say_one(g, ".com|.net|.org|.com/listings/|.io/login|.com/about|.com/index.html|.gov");
}

static void money(PiiGenerator *g)
{
    say_one(g, "$|$|$|USD |€|£");
    number(g, 1, 999);
    say_one(g, "|,000|,500|.00|.99|k|,250.00|K|M|.5M");
}

static void date(PiiGenerator *g)
{
    static const char *const MONTHS =
        "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|"
        "Mar|Apr|Jun|Jul|Aug|Sept|Oct|Nov|Dec";
    switch (draw(g, 6)) {
    case 0:
        say_one(g, MONTHS);
        say_c(g, " ");
        number(g, 1, 31);
        say_one(g, "|th|, ");
        if (g->out->ptr[g->out->len - 2] == ',')
            number(g, 1950, 2030);
        return;
    case 1:
        number(g, 1, 12);
        say_c(g, "/");
        number(g, 1, 31);
        say_c(g, "/");
        number(g, 1950, 2030);
        return;
    case 2: say_one(g, "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Sat"); return;
    case 3:
        say_one(g, MONTHS);
        say_c(g, " ");
        number(g, 1900, 2030);
        return;
    case 4: number(g, 1900, 2030); return;
    default:
        number(g, 1990, 2030);
        say_c(g, "-");
        number(g, 10, 12);
        say_c(g, "-");
        number(g, 10, 28);
    }
}

/* The title of a book, song or film: capitals that are no name. */
static void work_title(PiiGenerator *g)
{
    if (chance(g, 40))
        say_c(g, "The ");
    for (uint32_t n = 1 + draw(g, 3); n > 0; n--) {
        titled(g, pick(g, n == 1 ? g->noun : chance(g, 70) ? g->adjective : g->verb));
        if (n > 1)
            say_c(g, " ");
    }
    if (chance(g, 20)) {
        say_one(g, " of | and | in the | for ");
        titled(g, pick(g, g->noun));
    }
}

/* A sentence of random words: any word may stand where no name is. */
static void chatter(PiiGenerator *g)
{
    say_one(g, "The |A |This |Our |Some |Every |Your |My |Those |No |Each ");
    for (uint32_t n = draw(g, 3); n > 0; n--) {
        say(g, pick(g, chance(g, 50) ? g->adjective : g->common));
        say_c(g, " ");
    }
    say(g, pick(g, g->noun));
    say_one(g, " can | will | did not | may | should | never | might | | has to | tries to ");
    say(g, pick(g, g->verb));
    say_one(g, " the | a | our | their | some | ");
    say(g, pick(g, g->common));
    say_c(g, " ");
    say(g, pick(g, g->noun));
    say_c(g, " ");
    say(g, pick(g, g->adverb));
}

static void job_title(PiiGenerator *g)
{
    if (chance(g, 50)) {
        titled(g, pick(g, chance(g, 50) ? g->company_word : g->noun));
        say_c(g, " ");
    }
    say(g, pick(g, g->job));
}

typedef void Filler(PiiGenerator *g);

static void noun(PiiGenerator *g)
{
    say(g, pick(g, g->noun));
}
static void adjective(PiiGenerator *g)
{
    say(g, pick(g, g->adjective));
}
static void verb(PiiGenerator *g)
{
    say(g, pick(g, g->verb));
}
static void adverb(PiiGenerator *g)
{
    say(g, pick(g, g->adverb));
}
static void any_word(PiiGenerator *g)
{
    say(g, pick(g, g->common));
}
static void capital_word(PiiGenerator *g)
{
    titled(g, pick(g, chance(g, 50) ? g->noun : g->common));
}
static void product(PiiGenerator *g)
{
    say(g, pick(g, g->product));
}
static void small_number(PiiGenerator *g)
{
    number(g, 1, 99);
}
static void big_number(PiiGenerator *g)
{
    digits(g, 3 + draw(g, 8));
}
static void clock_time(PiiGenerator *g)
{
    number(g, 1, 12);
    say_one(g, ":00|:30|:15|:45|");
    say_one(g, " pm| am|pm|am| PM| AM");
}
static void last_only(PiiGenerator *g)
{
    surnames(g);
}
static void language(PiiGenerator *g)
{
    say(g, pick(g, g->language));
}
static void state_short(PiiGenerator *g)
{
    say(g, pick(g, g->state_abbr));
}
static void street_only(PiiGenerator *g)
{
    street_us(g);
}
static void title_word(PiiGenerator *g)
{
    say_one(g, "Mr.|Mrs.|Ms.|Dr.|Mr|Mrs|Ms|Dr|Prof.|Miss|Professor|Sir|Rev.|Judge|Officer|Agent|Coach|"
               "Senator|Captain|Uncle|Aunt|Father");
}

/* Slots: {name}; type PII_N_TYPES: not labelled. */
static const struct {
    const char *name;
    Filler *fill;
    PiiType type;
} SLOTS[] = {
    {"P", person, PII_PERSON},
    {"PF", first_name, PII_PERSON},
    {"PL", last_only, PII_PERSON},
    {"PN", full_name, PII_PERSON},
    {"A", address, PII_STREET_ADDRESS},
    {"L", location, PII_LOCATION},
    {"LC", city, PII_LOCATION},
    {"LS", state_short, PII_LOCATION},
    {"LR", street_only, PII_LOCATION},
    {"O", organization, PII_ORGANIZATION},
    {"G", age, PII_AGE},
    {"N", nrp, PII_NRP},
    {"language", language, PII_N_TYPES},
    {"phone", phone, PII_N_TYPES},
    {"email", email, PII_N_TYPES},
    {"url", url, PII_N_TYPES},
    {"money", money, PII_N_TYPES},
    {"date", date, PII_N_TYPES},
    {"time", clock_time, PII_N_TYPES},
    {"zip", zip, PII_N_TYPES},
    {"work", work_title, PII_N_TYPES},
    {"chatter", chatter, PII_N_TYPES},
    {"job", job_title, PII_N_TYPES},
    {"title", title_word, PII_N_TYPES},
    {"noun", noun, PII_N_TYPES},
    {"adj", adjective, PII_N_TYPES},
    {"verb", verb, PII_N_TYPES},
    {"adv", adverb, PII_N_TYPES},
    {"word", any_word, PII_N_TYPES},
    {"Word", capital_word, PII_N_TYPES},
    {"product", product, PII_N_TYPES},
    {"n", small_number, PII_N_TYPES},
    {"num", big_number, PII_N_TYPES},
};

static void fill(PiiGenerator *g, Str slot)
{
    for (size_t i = 0; i < ARRAY_LEN(SLOTS); i++) {
        if (!str_eq_c(slot, SLOTS[i].name))
            continue;
        size_t at = g->out->len;
        SLOTS[i].fill(g);
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

/* ---- the look of the whole sentence ---- */

static void change_case(Buf *b, bool upper)
{
    for (size_t i = 0; i < b->len; i++) {
        uint8_t c = (uint8_t)b->ptr[i], before = i > 0 ? (uint8_t)b->ptr[i - 1] : 0;
        if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
            c ^= 0x20;
        else if (before == 0xc3 &&
                 (upper ? c >= 0xa0 && c <= 0xbe && c != 0xb7 : c >= 0x80 && c <= 0x9e && c != 0x97))
            c ^= 0x20;
        b->ptr[i] = (char)c;
    }
}

static void first_letters(Buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->ptr[i] >= 'a' && b->ptr[i] <= 'z' && (i == 0 || b->ptr[i - 1] == ' ' || b->ptr[i - 1] == '\n'))
            b->ptr[i] = (char)(b->ptr[i] - 32);
}

size_t pii_generate(PiiGenerator *g, Buf *text, PiiSpan spans[PII_GENERATE_SPANS_MAX])
{
    buf_clear(text);
    g->out = text;
    g->spans = spans;
    g->n_spans = 0;
    g->american = chance(g, 50);
    uint32_t at = draw(g, g->weights);
    const PiiTemplates *group = PII_TEMPLATES;
    for (; at >= group->weight; group++)
        at -= group->weight;
    expand(g, group->lines[draw(g, (uint32_t)group->n)]);
    if (chance(g, 12)) { /* two in one text */
        say_one(g, " |\n| |  ");
        expand(g, group->lines[draw(g, (uint32_t)group->n)]);
    }
    uint32_t look = draw(g, 100);
    if (look < 14)
        change_case(text, false);
    else if (look < 19)
        change_case(text, true);
    else if (look < 21)
        first_letters(text);
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
    LISTS(X)
#undef X
    for (size_t i = 0; i < PII_N_TEMPLATES; i++)
        g->weights += PII_TEMPLATES[i].weight;
    *ret = g;
    return ERR_NONE;
}

void pii_generator_free(PiiGenerator *g)
{
    mem_free(g);
}
