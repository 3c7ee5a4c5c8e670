/* pii_evaluate.c - labels against findings. See pii_evaluate.h. */
#include "pii/pii_evaluate.h"

#include "base/mem.h"

#include <math.h>

enum { LABELLED = 1, OTHER = 2, ANY = 4, SAME = 8 };

static const struct {
    const char *name;
    PiiType type;
} NAMES[] = {{"PER", PII_PERSON},
             {"NAME", PII_PERSON},
             {"FIRST_NAME", PII_PERSON},
             {"LAST_NAME", PII_PERSON},
             {"GPE", PII_LOCATION},
             {"LOC", PII_LOCATION},
             {"CITY", PII_LOCATION},
             {"STATE", PII_LOCATION},
             {"COUNTRY", PII_LOCATION},
             {"ADDRESS", PII_STREET_ADDRESS},
             {"ORG", PII_ORGANIZATION},
             {"COMPANY", PII_ORGANIZATION},
             {"EMAIL", PII_EMAIL_ADDRESS},
             {"PHONE", PII_PHONE_NUMBER},
             {"TELEPHONE", PII_PHONE_NUMBER},
             {"CREDIT_CARD_NUMBER", PII_CREDIT_CARD},
             {"SSN", PII_US_SSN},
             {"ITIN", PII_US_ITIN},
             {"IBAN", PII_IBAN_CODE},
             {"BANK_ACCOUNT", PII_US_BANK_NUMBER},
             {"ROUTING_NUMBER", PII_ABA_ROUTING_NUMBER},
             {"PASSPORT", PII_US_PASSPORT},
             {"DRIVER_LICENSE", PII_US_DRIVER_LICENSE},
             {"IP", PII_IP_ADDRESS},
             {"MAC", PII_MAC_ADDRESS},
             {"DOMAIN", PII_DOMAIN_NAME},
             {"DATE", PII_DATE_TIME},
             {"TIME", PII_DATE_TIME},
             {"DOB", PII_DATE_OF_BIRTH},
             {"ZIP", PII_ZIP_CODE},
             {"ZIPCODE", PII_ZIP_CODE},
             {"POSTCODE", PII_ZIP_CODE},
             {"NORP", PII_NRP},
             {"API_KEY", PII_SECRET},
             {"PASSWORD", PII_SECRET}};

bool pii_label_parse(Str name, PiiType *ret)
{
    if (pii_type_parse(name, ret))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_eq_nocase(name, str_from(NAMES[i].name))) {
            *ret = NAMES[i].type;
            return true;
        }
    return false;
}

static PiiType family(PiiType t)
{
    switch (t) {
    case PII_LOCATION:
    case PII_ZIP_CODE: return PII_STREET_ADDRESS;
    case PII_DATE_OF_BIRTH: return PII_DATE_TIME;
    case PII_DOMAIN_NAME: return PII_URL;
    default: return t;
    }
}

/* Of that type, or of one that the same bytes may be as well. */
static bool is_of(const PiiSpan *s, PiiType type, bool exact)
{
    bool same = exact ? s->type == type : family(s->type) == family(type);
    for (PiiType t = pii_types_next(&s->also, 0); t < PII_N_TYPES && !same;
         t = pii_types_next(&s->also, t + 1))
        same = exact ? t == type : family(t) == family(type);
    return same;
}

static void paint(uint8_t *chars, uint32_t start, uint32_t end, uint8_t with)
{
    for (uint32_t i = start; i < end; i++)
        chars[i] |= with;
}

static void judge_label(PiiCard *c, uint8_t *chars, const PiiLabel *l, const PiiSpan *spans, size_t n)
{
    uint32_t same = 0, any = 0, length = l->end - l->start;
    bool exact = false;
    for (size_t i = 0; i < n; i++) {
        if (!is_of(&spans[i], l->type, false))
            continue;
        exact = exact ||
                (is_of(&spans[i], l->type, true) && spans[i].start == l->start && spans[i].end == l->end);
        paint(chars, MAX(spans[i].start, l->start), MIN(spans[i].end, l->end), SAME);
    }
    for (uint32_t i = l->start; i < l->end; i++) {
        same += (chars[i] & SAME) != 0;
        any += (chars[i] & ANY) != 0;
        chars[i] &= (uint8_t)~SAME;
    }
    c->types[l->type].labelled++;
    c->types[l->type].exact += exact;
    c->types[l->type].found += 2 * same >= length;
    c->types[l->type].hidden += any == length;
}

void pii_evaluate(PiiCard *c, size_t length, const PiiLabel *labels, size_t n_labels, const PiiSpan *spans,
                  size_t n_spans)
{
    CLEANUP(mem_freep) uint8_t *chars = mem_array(length + 1, 1);
    c->n_texts++;
    for (size_t i = 0; i < n_labels; i++)
        paint(chars, labels[i].start, (uint32_t)MIN(labels[i].end, length),
              labels[i].type < PII_N_TYPES ? LABELLED : OTHER);
    for (size_t i = 0; i < n_spans; i++) {
        bool touches = false;
        for (uint32_t k = spans[i].start; k < spans[i].end; k++)
            touches = touches || chars[k] & (LABELLED | OTHER);
        paint(chars, spans[i].start, spans[i].end, ANY);
        c->types[spans[i].type].findings++;
        c->types[spans[i].type].false_findings += !touches;
    }
    for (size_t i = 0; i < n_labels; i++)
        if (labels[i].type < PII_N_TYPES && labels[i].start < labels[i].end && labels[i].end <= length)
            judge_label(c, chars, &labels[i], spans, n_spans);
    for (size_t i = 0; i < length; i++) {
        bool labelled = chars[i] & LABELLED, found = chars[i] & ANY;
        c->hit += labelled && found;
        c->missed += labelled && !found;
        c->extra += found && !(chars[i] & (LABELLED | OTHER));
    }
}

static double ratio(uint64_t a, uint64_t b)
{
    return b > 0 ? (double)a / (double)b : (double)NAN;
}

double pii_card_precision(const PiiCard *c)
{
    return ratio(c->hit, c->hit + c->extra);
}

double pii_card_recall(const PiiCard *c)
{
    return ratio(c->hit, c->hit + c->missed);
}

double pii_card_f(const PiiCard *c, double beta)
{
    double b = beta * beta;
    return (1 + b) * (double)c->hit / ((1 + b) * (double)c->hit + b * (double)c->missed + (double)c->extra);
}

uint64_t pii_card_false(const PiiCard *c)
{
    uint64_t n = 0;
    for (int t = 0; t < PII_N_TYPES; t++)
        n += c->types[t].false_findings;
    return n;
}
