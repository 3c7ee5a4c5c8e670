/* pii_context.c - the words that say what a number is.
 *
 * Up to 64 bytes before the candidate and 24 after it are cut into words of letters. For each context the distance in
 * words of the nearest is kept: a parser asks whether it is there, and whether a word for another kind of number
 * ("order", "invoice") stands nearer. */
#include "pii/pii_find.h"

#define AFTER 24
#define WORD_MAX 16

#define C(name) (1u << PII_CTX_##name)

static const struct {
    const char *words; /* separated by blanks */
    uint32_t contexts;
} WORDS[] = {
    {"phone phones telephone tel mobile mob cell cellphone fax call calls called calling dial dialed text "
     "texted reach "
     "reached contact ring rang whatsapp sms landline messages hotline voicemail ph pager answering callback "
     "office "
     "desk "
     "extension telefon movil tlf telephones",
     C(PHONE)},
    {"number numbers no nr num id", C(NUMBER)},
    {"card cards credit debit visa mastercard amex discover cc pan jcb diners maestro", C(CARD)},
    {"ssn social ssns socials socialsecurity", C(SSN)},
    {"itin tax taxpayer tin itins", C(ITIN)},
    {"account accounts acct bank banking checking savings deposit", C(BANK)},
    {"routing aba rtn transit wire fedwire bankrouting", C(ABA)},
    {"passport passports", C(PASSPORT)},
    {"driver drivers driving license licence licenses permit dl dln lic", C(DRIVER)},
    {"npi provider physician prescriber", C(NPI)},
    {"medicare mbi beneficiary hicn", C(MBI)},
    {"dea prescriber", C(DEA)},
    {"mls mlsid listing listings", C(MLS)},
    {"zip zipcode zipcodes postal postcode plz", C(ZIP)},
    {"born dob birth birthday birthdate bday birthdates", C(BIRTH)},
    {"in since from until year during by before after circa between", C(YEAR)},
    {"version v ver release build firmware revision rev", C(VERSION)},
    {"order orders invoice ticket tracking case ref reference sku part serial model isbn lot log logs item "
     "policy claim "
     "transaction txn trace request session event job batch version build price cost total amount usd sqft "
     "parcel apn "
     "po receipt confirmation shipment package barcode upc ean commit hash uuid pid error errno bytes",
     C(OTHER)},
};

/* The letters of a word in lower case, in two numbers. */
typedef struct Key {
    uint64_t low, high;
} Key;

/* Only letters come here: bit 5 makes them small. */
static inline Key key_of(const char *p, size_t n, size_t readable)
{
    char copy[WORD_MAX] = {0};
    Key k;
    if (readable < WORD_MAX) {
        memcpy(copy, p, n);
        p = copy;
    }
    memcpy(&k.low, p, 8);
    memcpy(&k.high, p + 8, 8);
    uint64_t small = 0x2020202020202020u;
    k.low = (k.low | small) & (n >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * n) - 1);
    k.high = n <= 8 ? 0 : (k.high | small) & (n >= 16 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * (n - 8)) - 1);
    return k;
}

static uint32_t slot_of(Key k)
{
    return (uint32_t)(((k.low ^ k.high * 31) * 0x9e3779b97f4a7c15u) >> 40) % PII_CTX_SLOTS;
}

static void add(PiiWords *w, Str word, uint32_t contexts)
{
    Key k = key_of(word.ptr, word.len, word.len);
    uint32_t h = slot_of(k);
    while (w->contexts[h] && (w->low[h] != k.low || w->high[h] != k.high))
        h = (h + 1) % PII_CTX_SLOTS;
    w->low[h] = k.low;
    w->high[h] = k.high;
    w->contexts[h] |= contexts;
    w->lengths[word.ptr[0] & 31] |= 1u << word.len;
}

void pii_words_index(PiiWords *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        Str rest = str_from(WORDS[i].words), word;
        while (str_next(&rest, ' ', &word))
            add(ret, word, WORDS[i].contexts);
    }
}

static uint32_t look_up(const PiiFinder *f, size_t at, size_t n)
{
    const PiiWords *w = &f->tables->words;
    if (n > WORD_MAX || !(w->lengths[f->p[at] & 31] >> n & 1))
        return 0;
    Key k = key_of(f->p + at, n, f->n - at);
    for (uint32_t h = slot_of(k); w->contexts[h]; h = (h + 1) % PII_CTX_SLOTS)
        if (w->low[h] == k.low && w->high[h] == k.high)
            return w->contexts[h];
    return 0;
}

static void note(PiiFinder *f, uint32_t contexts, uint8_t away)
{
    for (; contexts; contexts &= contexts - 1) {
        int c = __builtin_ctz(contexts);
        if (away < f->near[c])
            f->near[c] = away;
    }
}

/* The window is one block of the scan: its letters are the ones of a mask. A word that begins before it is not seen. */
static void words_before(PiiFinder *f, size_t start)
{
    PiiBlock b;
    size_t from = start > PII_BLOCK ? start - PII_BLOCK : 0;
    if (start >= PII_BLOCK) {
        f->s->block((const unsigned char *)f->p + from, &b);
    } else {
        unsigned char first[PII_BLOCK] = {0};
        memcpy(first, f->p, start);
        f->s->block(first, &b);
    }
    uint64_t letters = b.letter;
    for (uint8_t away = 0; letters && away <= PII_NEAR; away++) {
        int last = 63 - __builtin_clzll(letters);
        uint64_t gaps = ~letters & (((uint64_t)1 << last) - 1);
        int first = gaps ? 64 - __builtin_clzll(gaps) : 0;
        letters &= ((uint64_t)1 << first) - 1;
        if (first == 0 && from > 0 && pii_is(f->p[from - 1], PII_ALPHA))
            return;
        note(f, look_up(f, from + (size_t)first, (size_t)(last - first) + 1), away);
    }
}

/* "555-0132 (office)": not past the end of the line. */
static void words_after(PiiFinder *f, size_t end)
{
    size_t stop = f->n - end > AFTER ? end + AFTER : f->n, i = end;
    for (uint8_t away = 1; i < stop && away < 4; away++) {
        while (i < stop && !pii_is(f->p[i], PII_ALPHA)) {
            if (f->p[i] == '\n' || f->p[i] == '.' || f->p[i] == ',' || f->p[i] == ';' ||
                pii_is(f->p[i], PII_DIGIT))
                return;
            i++;
        }
        size_t from = i;
        while (i < f->n && i - from <= WORD_MAX && pii_is(f->p[i], PII_ALPHA))
            i++;
        if (i > from)
            note(f, look_up(f, from, i - from) & ~C(OTHER) & ~C(YEAR), (uint8_t)(away * 2));
    }
}

void pii_context(PiiFinder *f, size_t start, size_t end)
{
    if (f->ctx_at == start && f->ctx_end == end)
        return;
    if (f->ctx_at != start) {
        memset(f->near, 255, sizeof f->near);
        words_before(f, start);
        memcpy(f->before, f->near, sizeof f->before);
    } else {
        memcpy(f->near, f->before, sizeof f->near);
    }
    words_after(f, end);
    f->ctx_at = start;
    f->ctx_end = end;
}
