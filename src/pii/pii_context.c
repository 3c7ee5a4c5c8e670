/* pii_context.c - the words that say what a number is.
 *
 *     ... wire it to the account number of hers: 000123456789 today
 *                    \_ 3 __/ \_ 2 _/ 1  \_ 0 _/                \_ after: 2, 4, 6 ..
 *
 * Words are the runs of ones in the mask of letters: 64 bytes to the end of the last word before the candidate, and 24
 * bytes behind it. For each context the distance in words of the nearest is kept: a parser asks whether it is there, and
 * whether a word for another kind of number ("order", "invoice") stands nearer. Most words of a text are in no context;
 * one look at a set of hashed beginnings says so. */
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

static inline uint32_t slot_of(Key k)
{
    return (uint32_t)(((k.low ^ k.high * 31) * 0x9e3779b97f4a7c15u) >> 40) % PII_CTX_SLOTS;
}

/* The first two letters and the length of a word, which most words of a text share with none of the tables. p[1] is read. */
static inline uint32_t filter_of(const char *p, size_t n)
{
    return (uint32_t)(p[0] & 31) | (uint32_t)(p[1] & 31) << 5 | (uint32_t)n << 10;
}

static inline bool passes(const PiiWords *w, uint32_t bit)
{
    return w->filter[bit / 64] >> bit % 64 & 1;
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
    for (int second = 0; second < 32; second++) { /* behind one letter stands anything */
        uint32_t bit =
            filter_of((const char[]){word.ptr[0], word.len == 1 ? (char)second : word.ptr[1]}, word.len);
        w->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

void pii_words_index(PiiWords *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        Str rest = str_from(WORDS[i].words), word;
        while (str_next(&rest, ' ', &word))
            add(ret, word, WORDS[i].contexts);
    }
}

/* The contexts of a word of 1 to 16 letters; 0: none. */
static uint32_t look_up(const PiiFinder *f, size_t at, size_t n)
{
    const PiiWords *w = &f->tables->words;
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

/* end: of a word. One that begins more than 64 bytes before it is not seen. */
static void words_before(PiiFinder *f, size_t end)
{
    uint64_t letters = pii_bits_before(f->masks->letter, end);
    uint64_t starts = letters & ~(letters << 1), ends = letters & ~(letters >> 1);
    size_t from = end - 64; /* wraps round at the beginning of the text; from + bit does not */
    if (letters & 1 && end > 64 && pii_bit(f->masks->letter, from - 1)) {
        starts &= starts - 1;
        ends &= ends - 1;
    }
    struct {
        size_t at;
        uint8_t n, k;
    } hits[32];
    int n_hits = 0, k = 0;
    for (; starts; starts &= starts - 1, ends &= ends - 1, k++) {
        int bit = __builtin_ctzll(starts), n = __builtin_ctzll(ends) - bit + 1;
        size_t at = from + (size_t)bit;
        if (n <= WORD_MAX && passes(&f->tables->words, filter_of(f->p + at, (size_t)n))) {
            hits[n_hits].at = at;
            hits[n_hits].n = (uint8_t)n;
            hits[n_hits++].k = (uint8_t)k;
        }
    }
    for (int i = 0; i < n_hits; i++)
        if (k - 1 - hits[i].k <= PII_NEAR)
            note(f, look_up(f, hits[i].at, hits[i].n), (uint8_t)(k - 1 - hits[i].k));
}

static bool ends_clause(char c)
{
    return c == '\n' || c == '.' || c == ',' || c == ';' || pii_is(c, PII_DIGIT);
}

/* "555-0132 (office)": not past the end of the line or the next number. */
static void words_after(PiiFinder *f, size_t end)
{
    size_t stop = MIN(end + AFTER, f->n), i = end;
    for (uint8_t away = 1; away < 4; away++) {
        for (; i < stop && !pii_is(f->p[i], PII_ALPHA); i++)
            if (ends_clause(f->p[i]))
                return;
        if (i >= stop)
            return;
        size_t n = pii_letters_at(f, i);
        if (n <= WORD_MAX && i + 1 < f->n && passes(&f->tables->words, filter_of(f->p + i, n)))
            note(f, look_up(f, i, n) & ~C(OTHER) & ~C(YEAR), (uint8_t)(away * 2));
        i += n;
    }
}

void pii_context(PiiFinder *f, size_t start, size_t end)
{
    uint64_t letters = pii_bits_before(f->masks->letter, start);
    size_t word = letters ? start - (size_t)__builtin_clzll(letters) : 0;
    if (f->ctx_word == word && f->ctx_end == end)
        return;
    if (f->ctx_word != word) {
        memset(f->near, 255, sizeof f->near);
        if (word)
            words_before(f, word);
        memcpy(f->before, f->near, sizeof f->before);
    } else {
        memcpy(f->near, f->before, sizeof f->near);
    }
    words_after(f, end);
    f->ctx_word = word;
    f->ctx_end = end;
}
