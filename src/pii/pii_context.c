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
     "extension telefon movil tlf telephones phonenumber mobilenumber mobilephone homephone workphone "
     "cellnumber "
     "officephone contactnumber faxnumber phoneno",
     C(PHONE)},
    {"number numbers no nr num id", C(NUMBER)},
    {"card cards credit debit visa mastercard amex discover cc pan jcb diners maestro cardnumber creditcard "
     "creditcardnumber",
     C(CARD)},
    {"ssn social ssns socials socialsecurity ssnnumber", C(SSN)},
    {"itin tax taxpayer tin itins taxid", C(ITIN)},
    {"account accounts acct bank banking checking savings deposit accountnumber accountno acctno acctnum "
     "acctnumber bankaccount",
     C(BANK)},
    {"routing aba rtn transit wire fedwire bankrouting routingnumber abanumber abarouting routingno", C(ABA)},
    {"passport passports passportnumber passportno", C(PASSPORT)},
    {"driver drivers driving license licence licenses learner learners dl dln lic driverlicense "
     "driverslicense driverlicence licensenumber "
     "driverslicence",
     C(DRIVER)},
    {"npi provider physician prescriber npinumber", C(NPI)},
    {"medicare mbi beneficiary hicn medicarenumber medicareid mbinumber", C(MBI)},
    {"dea prescriber deanumber", C(DEA)},
    {"mls mlsid listing listings mlsnumber mlsno listingid listingnumber listingno", C(MLS)},
    {"zip zipcode zipcodes postal postcode plz postalcode", C(ZIP)},
    {"born dob birth birthday birthdate bday birthdates dateofbirth birthdt", C(BIRTH)},
    {"in since from until year during by before after circa between", C(YEAR)},
    {"version v ver release build firmware revision rev", C(VERSION)},
    {"order orders invoice ticket tracking case ref reference sku part serial model isbn lot log logs item "
     "policy claim "
     "transaction txn trace request session event job batch version build price cost total amount usd sqft "
     "parcel apn permit escrow "
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
    uint16_t two;
    memcpy(&two, p, sizeof two);
    two &= 0x1f1f;
    return (two & 31u) | (uint32_t)two >> 3 | (uint32_t)n << 10;
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
    uint8_t group = (uint8_t)(1u << word.ptr[0] % 8);
    w->begins.first[word.ptr[0] & 31] |= group;
    for (int second = 0; second < 32; second++) { /* behind one letter stands anything */
        if (word.len == 1 || second == (word.ptr[1] & 31))
            w->begins.second[second] |= group;
        if (word.len <= 2 || second == (word.ptr[2] & 31))
            w->begins.third[second] |= group;
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

/* The words that begin at these letters and may be in a context: from the text's beginning on all of them. */
static inline uint64_t promising(const PiiFinder *f, uint64_t starts, size_t from)
{
    if (!f->s->begins || from + 66 > f->n)
        return starts;
    return starts & f->s->begins((const unsigned char *)f->p + from, &f->tables->words.begins);
}

/* The contexts of the word that begins at a bit of the letters from `from` on. */
static inline uint32_t contexts_at(const PiiFinder *f, uint64_t letters, size_t from, int bit)
{
    size_t n = pii_ones_low(letters >> bit), at = from + (size_t)bit;
    if (n > WORD_MAX || at + 1 >= f->n || !passes(&f->tables->words, filter_of(f->p + at, n)))
        return 0;
    return look_up(f, at, n);
}

/* end: of a word. One that begins more than 64 bytes before it is not seen. */
static void words_before(PiiFinder *f, size_t end)
{
    uint64_t letters = pii_bits_before(f->masks->letter, end), starts = letters & ~(letters << 1);
    size_t from = end - 64; /* wraps round at the beginning of the text; from + bit does not */
    if (letters & 1 && end > 64 && pii_bit(f->masks->letter, from - 1))
        starts &= starts - 1;
    for (uint64_t left = end >= 64 ? promising(f, starts, from) : starts; left; left &= left - 1) {
        uint32_t contexts = contexts_at(f, letters, from, __builtin_ctzll(left));
        if (!contexts)
            continue;
        int away = __builtin_popcountll(starts & -(left & -left)) - 1;
        if (away <= PII_NEAR)
            note(f, contexts, (uint8_t)away);
    }
}

/* A comma, the end of a sentence or line, or another number. */
static bool clause_ends(const PiiFinder *f, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (f->p[i] == '\n' || f->p[i] == '.' || f->p[i] == ',' || f->p[i] == ';' ||
            pii_is(f->p[i], PII_DIGIT))
            return true;
    return false;
}

/* "555-0132 (office)": the next three words of the same clause. */
static void words_after(PiiFinder *f, size_t end)
{
    uint64_t letters = pii_bits_from(f->masks->letter, end);
    uint64_t starts = letters & ~(letters << 1) & (((uint64_t)1 << AFTER) - 1);
    for (uint64_t left = promising(f, starts, end); left; left &= left - 1) {
        int bit = __builtin_ctzll(left);
        uint32_t contexts = contexts_at(f, letters, end, bit) & ~C(OTHER) & ~C(YEAR);
        int words = contexts ? __builtin_popcountll(starts & ((left & -left) - 1)) : 0;
        if (contexts && words < 3 && !clause_ends(f, end, end + (size_t)bit))
            note(f, contexts, (uint8_t)(2 * (words + 1)));
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
