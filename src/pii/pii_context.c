/* pii_context.c - the words that say what a number is.
 *
 * Up to 60 bytes before the candidate and 24 after it are cut into words of letters. For each context the distance in
 * words of the nearest is kept: a parser asks whether it is there, and whether a word for another kind of number
 * ("order", "invoice") stands nearer. */
#include "pii/pii_find.h"

#define BEFORE 60
#define AFTER 24
#define WORD_MAX 16

#define C(name) (1u << PII_CTX_##name)

static const struct {
    const char *words; /* separated by blanks */
    uint32_t contexts;
} WORDS[] = {
    {"phone phones telephone tel mobile mob cell cellphone fax call calls called calling dial dialed text "
     "texted reach "
     "reached contact ring rang whatsapp sms landline hotline voicemail ph pager answering callback office "
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

static void add(PiiWords *w, const char *word, size_t n, uint32_t contexts)
{
    uint32_t h = pii_word_hash(word, n) % PII_CTX_SLOTS;
    while (w->word[h] && (strlen(w->word[h]) < n || memcmp(w->word[h], word, n) != 0 ||
                          (w->word[h][n] && w->word[h][n] != ' ')))
        h = (h + 1) % PII_CTX_SLOTS;
    w->word[h] = word; /* ends at a blank or at the end */
    w->contexts[h] |= contexts;
}

void pii_words_index(PiiWords *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        Str rest = str_from(WORDS[i].words), word;
        while (str_next(&rest, ' ', &word))
            add(ret, word.ptr, word.len, WORDS[i].contexts);
    }
}

static uint32_t look_up(const PiiWords *w, const char *p, size_t n)
{
    char low[WORD_MAX];
    if (n > WORD_MAX)
        return 0;
    for (size_t i = 0; i < n; i++)
        low[i] = (char)(p[i] | 32);
    for (uint32_t h = pii_word_hash(low, n) % PII_CTX_SLOTS; w->word[h]; h = (h + 1) % PII_CTX_SLOTS) {
        const char *have = w->word[h];
        size_t i = 0;
        while (i < n && have[i] == low[i])
            i++;
        if (i == n && (have[i] == ' ' || !have[i]))
            return w->contexts[h];
    }
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

static void words_before(PiiFinder *f, size_t start)
{
    size_t stop = start > BEFORE ? start - BEFORE : 0, i = start;
    for (uint8_t away = 0; i > stop && away < 250; away++) {
        while (i > stop && !pii_is(f->p[i - 1], PII_ALPHA))
            i--;
        size_t end = i;
        while (i > 0 && end - i <= WORD_MAX && pii_is(f->p[i - 1], PII_ALPHA))
            i--;
        if (end > i)
            note(f, look_up(&f->tables->words, f->p + i, end - i), away);
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
        note(f, look_up(&f->tables->words, f->p + from, i - from) & ~C(OTHER) & ~C(YEAR),
             (uint8_t)(away * 2));
    }
}

void pii_context(PiiFinder *f, size_t start, size_t end)
{
    if (f->ctx_at == start)
        return;
    f->ctx_at = start;
    memset(f->near, 255, sizeof f->near);
    words_before(f, start);
    words_after(f, end);
}
