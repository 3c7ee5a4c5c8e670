/* cmd_pii_bench_text.c - the made-up text of ehub pii bench: chat, notes, e-mail, transcripts and log lines.
 *
 *     template "Call {N} at {T}." --draw from the lists--> "Call Renee Okafor at (512) 555-0143."
 *
 * Lines with values and lines without are drawn so that a value comes about every so many bytes, as asked. */
#include "cli/cmd_pii.h"

/* Lines as agents, buyers and programs write them. {N} full name, {F} first name, {L} last name, {A} street address,
 * {C} city, {O} organisation, {T} telephone, {E} e-mail, {D} date, {K} number of a record. */
static const char *const WITH[] = {
    "Call {N} at {T} about the second showing, please.\n",
    "hi its {f} again, is the place on {a} still available?\n",
    "{N} wrote: we are at {A} and would like to sell before the summer.\n",
    "Could you send the disclosures to {E} before the inspection?\n",
    "Note: spoke with {F}, wants three bedrooms, closing no later than {D}.\n",
    "agent: thank you {f}, i will let the sellers know that you are coming\n",
    "{D} 09:14:07 INFO request {K} for lead {K} finished in 41 ms\n",
    "{D} 11:02:45 WARN mail to {E} was returned, second attempt in ten minutes\n",
    "We have been looking around {C} since last fall and nothing fits so far.\n",
    "Lender is {O}, the letter should be here by {D}.\n",
    "moving from {c} in june with two kids and a dog\n",
    "Mr. {L} asked whether the roof has been replaced and who did the work.\n",
    "Please countersign with {O} and copy {N} on everything.\n",
    "The appraiser, {N}, can get into {A} on Thursday after four.\n",
    "CUSTOMER {U} ASKED TO BE CALLED BACK\n",
    "Best regards,\n{N}\n{O}\n{T}\n",
};
static const char *const WITHOUT[] = {
    "Thanks for the showing on Saturday, we liked the kitchen and the yard a lot.\n",
    "Can we see the second floor again before the open house? The light was better in the morning.\n",
    "ok great, i will send the disclosures and the inspection report to everybody tonight\n",
    "The sellers countered with a shorter closing period and asked us to drop the repair credit.\n",
    "I think we should wait for the appraisal before we talk about the price again.\n",
    "agent: sounds good, let me know what works for you and i will set it up\n",
    "Wants a fenced yard, a garage for two cars and no association fees. Budget up to 450,000.\n",
    "caller: um, yeah, so the basement was a little damp when we walked through it\n",
    "INFO worker 7 took 212 rows from the queue, 0 left\n",
    "The buyers would like to know how old the water heater is and when the furnace was serviced.\n",
    "haha no worries, see you there!\n",
    "Reminder: the photos have to be uploaded before the listing goes live.\n",
    "we could do 10:30 or anything after 4, whatever is easier for them\n",
    "Left a voicemail, will try again tomorrow. The file is complete except for the proof of funds.\n",
};
static const char *const FIRST[] = {
    "Renee", "Marcus", "Priya",  "Daniel",      "Soledad", "Hannah", "Tyrone",
    "Mei",   "Olivia", "Grant",  "Jos\xc3\xa9", "Aisha",   "Will",   "Katarzyna",
    "Brian", "Rosa",   "Dmitri", "Latoya",      "Ethan",   "Ingrid",
};
static const char *const LAST[] = {
    "Okafor",   "Whitfield", "Raman",        "O'Leary", "Marquez",    "Baker", "Nguyen",
    "Kowalski", "Stone",     "Li",           "Haddad",  "Fitzgerald", "Young", "Petrov",
    "Alvarez",  "Lindqvist", "Smith-Garner", "Banks",   "Tanaka",     "Reyes",
};
static const char *const STREET[] = {
    "Maple Street",    "W 14th St", "Juniper Ridge Rd", "Old Mill Lane",
    "Ocean View Blvd", "King Ave",  "Lakeshore Drive",  "N Alder Ct",
};
static const char *const CITY[] = {
    "Austin",   "Portland", "San Mateo", "Boise",    "Fort Worth",
    "Savannah", "Duluth",   "Mobile",    "Santa Fe", "Cedar Rapids",
};
static const char *const ORGANIZATION[] = {
    "Lakeside Realty LLC", "First Harbor Bank", "Juniper Title Company",
    "Northgate Mortgage",  "Blue Door Homes",   "Wells & Tate Inc",
};

typedef struct Maker {
    uint32_t seed;
    size_t values;
    Buf *out;
} Maker;

static uint32_t draw(Maker *m, uint32_t below)
{
    m->seed = m->seed * 1664525u + 1013904223u;
    return (m->seed >> 16) % below;
}
#define PICK(m, list) list[draw(m, ARRAY_LEN(list))]

/* The value of a slot; a small letter asks for small letters, U for a name in capitals. */
static void add_value(Maker *m, char slot)
{
    size_t from = m->out->len;
    switch (slot) {
    case 'N':
    case 'U': buf_addf(m->out, "%s %s", PICK(m, FIRST), PICK(m, LAST)); break;
    case 'F':
    case 'f': buf_add_c(m->out, PICK(m, FIRST)); break;
    case 'L': buf_add_c(m->out, PICK(m, LAST)); break;
    case 'A': buf_addf(m->out, "%u %s, %s", 10 + draw(m, 9000), PICK(m, STREET), PICK(m, CITY)); break;
    case 'a': buf_addf(m->out, "%u %s", 10 + draw(m, 9000), PICK(m, STREET)); break;
    case 'C':
    case 'c': buf_add_c(m->out, PICK(m, CITY)); break;
    case 'O': buf_add_c(m->out, PICK(m, ORGANIZATION)); break;
    case 'T': buf_addf(m->out, "(%u) 555-01%02u", 201 + draw(m, 700), draw(m, 100)); break;
    case 'E': buf_addf(m->out, "home%u@example.com", draw(m, 10000)); break;
    case 'D': buf_addf(m->out, "2026-%02u-%02u", 1 + draw(m, 12), 1 + draw(m, 28)); break;
    default: buf_addf(m->out, "%u", 100000 + draw(m, 60000)); return; /* K: no value */
    }
    m->values++;
    for (size_t i = from; i < m->out->len; i++) {
        char *c = &m->out->ptr[i];
        if (slot >= 'a' && *c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
        else if (slot == 'U' && *c >= 'a' && *c <= 'z')
            *c = (char)(*c - 32);
    }
}

static void add_line(Maker *m, const char *line)
{
    for (; *line; line++)
        if (line[0] == '{') {
            add_value(m, line[1]);
            line += 2;
        } else {
            buf_add(m->out, line, 1);
        }
}

size_t cmd_pii_bench_text(Buf *out, size_t len, size_t bytes_a_value)
{
    Maker m = {.seed = 7, .out = out};
    while (out->len < len && !out->failed)
        if (m.values * bytes_a_value <= out->len)
            add_line(&m, PICK(&m, WITH));
        else
            add_line(&m, PICK(&m, WITHOUT));
    return m.values;
}
