/* pii_generate_names.c - people, places, addresses, organisations, ages and groups: see pii_generator.h. */
#include "pii/pii_generator.h"

/* A name that no list knows. */
void pii_fill_made_up(PiiGenerator *g)
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

/* A stranger among Americans, and the other way round. */
static bool american(PiiGenerator *g)
{
    return chance(g, 10) ? !g->american : g->american;
}

static void slip(PiiGenerator *g, size_t from)
{
    if (chance(g, 3))
        pii_noise_slip(g->out, from, &g->random);
}

void pii_fill_first_name(PiiGenerator *g)
{
    size_t at = g->out->len;
    if (chance(g, 4))
        pii_fill_made_up(g);
    else if (!american(g))
        say(g, pick(g, g->first_foreign));
    else
        say(g, pick(g, chance(g, 15) ? g->nickname : chance(g, 25) ? g->first_rare : g->first));
    slip(g, at);
}

void pii_fill_word_name(PiiGenerator *g)
{
    titled(g, pick(g, g->first_word));
}

void pii_fill_last_name(PiiGenerator *g)
{
    size_t at = g->out->len;
    if (chance(g, 4)) /* "Bowman", "Fry", "Parks" */
        titled(g, pick(g, chance(g, 50) ? g->noun : g->common));
    else if (chance(g, 7))
        pii_fill_made_up(g);
    else if (!american(g))
        say(g, pick(g, g->last_foreign));
    else
        say(g, pick(g, chance(g, 45) ? g->last_rare : chance(g, 50) ? g->surname_us : g->last));
    slip(g, at);
}

static void initial(PiiGenerator *g)
{
    buf_add_char(g->out, (char)('A' + draw(g, 26)));
    if (chance(g, 65))
        say_c(g, ".");
}

void pii_fill_surnames(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 5)
        say_one(g, "van |von |de |van der |van den |de la |da |dos |del |di |bin |al-|Van |De |Mac|Mc|St. "
                   "|ter |el ");
    pii_fill_last_name(g);
    if (kind >= 94) {
        say_c(g, kind >= 96 ? "-" : " ");
        pii_fill_last_name(g);
    }
}

void pii_fill_full_name(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 4) {
        initial(g);
        say_c(g, " ");
        if (chance(g, 30)) {
            initial(g);
            say_c(g, " ");
        }
        pii_fill_surnames(g);
        return;
    }
    pii_fill_first_name(g);
    if (kind < 8) {
        say_c(g, kind < 6 ? "-" : " ");
        pii_fill_first_name(g);
    } else if (kind < 22) {
        say_c(g, " ");
        initial(g);
    }
    say_c(g, " ");
    size_t at = g->out->len;
    pii_fill_surnames(g);
    if (chance(g, 3)) /* "Anna smith" */
        pii_noise_case(g->out, at, false);
    if (kind > 97)
        say_one(g, " Jr.| Sr.| III| II|, Jr.| Jr");
}

void pii_fill_person(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 38)
        pii_fill_first_name(g);
    else if (kind < 48)
        pii_fill_surnames(g);
    else
        pii_fill_full_name(g);
}

/* ---- places and addresses ---- */

void pii_fill_city(PiiGenerator *g)
{
    if (chance(g, 7))
        pii_fill_made_up(g);
    else
        say(g, pick(g, american(g) ? chance(g, 15) ? g->place : g->city : g->city_foreign));
}

void pii_fill_location(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 50)
        pii_fill_city(g);
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
    if (kind == 93) {
        say_one(g, "One|Two|Three|Four|Five|Seven|Ten|Twelve|Fourteen|Twenty|one|two|ten|fourteen|twenty");
        return;
    }
    digits(g, 1 + draw(g, kind < 50 ? 4 : 5));
    if (kind >= 86 && kind < 90) { /* unit and house, or building and street number */
        say_c(g, " ");
        digits(g, 1 + draw(g, 3));
    }
    if (kind >= 94)
        say_one(g, "A|B|C|1/2| 1/2|-B|a|b");
    else if (kind >= 90) {
        say_one(g, "-|/");
        digits(g, 1 + draw(g, 2));
    }
}

void pii_fill_street_us(PiiGenerator *g)
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
        pii_fill_last_name(g);
    } else if (kind < 66) {
        pii_fill_first_name(g);
    } else if (kind < 72) {
        say_one(g, "Calle|Avenida|Avenue|Carrera|Highway|State Road|County Road|US "
                   "Highway|Route|Interstate|FM|State Route|CR|Hwy");
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
        pii_fill_last_name(g);
    } else if (kind < 90) {
        pii_fill_last_name(g);
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

void pii_fill_zip(PiiGenerator *g)
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
        if (chance(g, 35)) {
            say_one(g, "USS |USNS |USCGC |USNV |HMS ");
            pii_fill_last_name(g);
        } else {
            say_one(g, "PSC |Unit |CMR |OMC ");
            digits(g, 3 + draw(g, 2));
            say_one(g, ", Box | Box |, BOX ");
            digits(g, 3 + draw(g, 2));
        }
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
        pii_fill_zip(g);
        say_c(g, " ");
        pii_fill_city(g);
    } else {
        part_break(g, style);
        pii_fill_city(g);
        if (kind < 85) {
            if (style == 4)
                say_c(g, " ");
            else if (style < 4)
                say_c(g, chance(g, 80) ? ", " : " ");
            else
                part_break(g, style);
            if (chance(g, 3)) /* exported by a program that had none */
                say_one(g, "nan|N/A|null|None|-|n/a");
            else if (g->american || chance(g, 60))
                say(g, pick(g, g->state_abbr));
            else if (chance(g, 50))
                say(g, pick(g, g->region));
            else
                number(g, 1, 99);
        }
        if (kind < 70 && g->american) {
            say_c(g, style == 5 && chance(g, 50) ? "\n " : " ");
            pii_fill_zip(g);
        }
    }
    if (!g->american ? kind < 55 : kind < 4) {
        part_break(g, style);
        say(g, g->american ? one_of(g, "USA|United States|US|U.S.A.") : pick(g, g->country));
        if (chance(g, 40)) {
            say_c(g, style == 5 ? "\n" : " ");
            pii_fill_zip(g);
        }
    }
}

static void street(PiiGenerator *g)
{
    if (g->american)
        pii_fill_street_us(g);
    else
        street_foreign(g);
}

static void corner(PiiGenerator *g)
{
    say_one(g, "the corner of |corner of |The corner of |the intersection of |");
    street(g);
    if (!g->american && chance(g, 40)) {
        say_c(g, " ");
        digits(g, 1 + draw(g, 3));
    }
    say_one(g, " and | & | and | at ");
    street(g);
}

void pii_fill_address(PiiGenerator *g)
{
    uint32_t style = draw(g, 7), kind = draw(g, 100);
    if (kind < 9) {
        box(g, style);
        if (chance(g, 70))
            address_tail(g, style);
        return;
    }
    if (kind < 13) {
        corner(g);
        if (chance(g, 30))
            address_tail(g, style);
        return;
    }
    if (g->american || kind < 45) {
        house_number(g);
        say_c(g, " ");
        street(g);
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

void pii_fill_org_stem(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (kind < 35)
        pii_fill_last_name(g);
    else if (kind < 50)
        titled(g, pick(g, g->noun));
    else if (kind < 60)
        titled(g, pick(g, g->adjective));
    else if (kind < 70)
        pii_fill_city(g);
    else if (kind < 85)
        pii_fill_made_up(g);
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

/* "Austin Board of Realtors", "Tri-County Roofers", "Pacific Gas and Water", "Van Dyke Property Management". */
static void institution(PiiGenerator *g)
{
    switch (draw(g, 5)) {
    case 4: /* "St. Anne's Hospital" */
        say_one(g, "St. |St |Saint |San ");
        pii_fill_first_name(g);
        say_one(g, "'s|'s|");
        if (chance(g, 80)) {
            say_c(g, " ");
            chance(g, 50) ? org_word(g) : say_one(g, "Hospital|Church|School|Park|College|Prep|Parish");
        }
        return;
    case 0:
        chance(g, 60) ? pii_fill_city(g) : say(g, pick(g, g->state));
        say_one(g,
                " Board of | Association of | Society of | Council of | Chamber of | League of | College of "
                "| Academy of | School of | Federation of | Department of ");
        titled(g, pick(g, g->noun));
        say_one(g, "|s|s");
        return;
    case 1:
        say_one(
            g, "Tri-County |Bay Area |North Shore |Hill Country |Twin Cities |East Side |Big Sky |Old Town ");
        if (chance(g, 50)) {
            org_word(g);
        } else {
            titled(g, pick(g, chance(g, 50) ? g->job : g->noun));
            say_c(g, "s");
        }
        return;
    case 2:
        say_one(g, "Pacific |Southern |Atlantic |Northern |Great Lakes |Midwest |Mountain |Consolidated ");
        org_word(g);
        say_one(g, " and | & ");
        org_word(g);
        return;
    default:
        chance(g, 70) ? pii_fill_last_name(g) : pii_fill_city(g);
        say_one(g, " Property Management| Family Dentistry| Home Inspections| Title Agency| Moving Company| "
                   "Auto Repair| Real Estate| Real Estate Group| Home Loans| Tax Service| Pest Control| "
                   "Credit Union| Elementary School| High School| Middle School| General Hospital| Fire "
                   "Department| Police Department| Public Library| Community College");
    }
}

void pii_fill_organization(PiiGenerator *g)
{
    uint32_t kind = draw(g, 100);
    if (chance(g, 7)) {
        institution(g);
        return;
    }
    if (kind < 12) {
        say(g, pick(g, g->brand));
    } else if (kind < 30) {
        pii_fill_org_stem(g);
        say_one(g, " | | |, ");
        legal(g);
    } else if (kind < 48) {
        pii_fill_org_stem(g);
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
        pii_fill_last_name(g);
        uint32_t between = draw(g, 6);
        if (between > 3)
            say_one(g, ", |, ");
        else
            say_one(g, between > 1 ? "-" : " & | and ");
        pii_fill_last_name(g);
        if (between > 3) {
            say_one(g, " and | & |, and ");
            pii_fill_last_name(g);
        }
        if (between <= 1 || chance(g, 60))
            say_one(g, " LLP| LLC| Associates| Realty| Group| Partners| Law| Inc| Properties");
    } else if (kind < 62) {
        titled(g, pick(g, chance(g, 50) ? g->noun : g->adjective));
        say_c(g, " ");
        titled(g, pick(g, g->noun));
        if (chance(g, 70)) {
            say_c(g, " ");
            org_word(g);
        }
    } else if (kind < 70) {
        say_one(g, "University of |Bank of |City of |Department of |Church of |Ministry of |Institute of "
                   "|Museum of |Port of ");
        if (chance(g, 60))
            pii_fill_location(g);
        else
            titled(g, pick(g, g->noun));
    } else if (kind < 73) {
        for (uint32_t n = 2 + draw(g, 3); n > 0; n--)
            buf_add_char(g->out, (char)('A' + draw(g, 26)));
        if (chance(g, 35)) {
            say_c(g, " ");
            org_word(g);
        }
    } else if (kind < 86) { /* one word: Vistaro, GreenHome, Homely */
        uint32_t k = draw(g, 4);
        if (k == 0) {
            pii_fill_made_up(g);
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

void pii_fill_age(PiiGenerator *g)
{
    number(g, chance(g, 22) ? 1 : 18, chance(g, 5) ? 110 : 92);
}

void pii_fill_nrp(PiiGenerator *g)
{
    Str w = pick(g, g->nrp);
    say(g, w);
}

/* Behind a title every word is a name: "Mr. Spears". */
void pii_fill_titled_surname(PiiGenerator *g)
{
    if (chance(g, 20)) {
        titled(g, pick(g, chance(g, 50) ? g->noun : g->common));
        if (chance(g, 50))
            say_c(g, "s");
    } else {
        pii_fill_surnames(g);
    }
}
