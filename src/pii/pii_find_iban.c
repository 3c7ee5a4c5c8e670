/* pii_find_iban.c - international bank account numbers: country, length, structure's case, mod 97 (ISO 13616). */
#include "pii/pii_find.h"

/* Country and length, from the IBAN registry. */
static const char COUNTRIES[] =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
    "EE20 EG29 ES24 FI18 "
    "FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 "
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 "
    "RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 ";

static size_t slot_of(const char *p)
{
    return (size_t)((p[0] | 32) - 'a') * 26 + (size_t)((p[1] | 32) - 'a');
}

void pii_iban_index(uint8_t ret[PII_IBAN_SLOTS])
{
    for (size_t i = 0; i + 1 < sizeof COUNTRIES; i += 5)
        ret[slot_of(COUNTRIES + i)] = (uint8_t)pii_value(COUNTRIES + i + 2, 2);
}

/* The first four characters go to the end, letters count 10..35: c has room for them there. */
static bool mod97(char *c, size_t n)
{
    uint64_t rest = 0;
    memcpy(c + n, c, 4);
    for (size_t i = 4; i < n + 4; i++) {
        unsigned x = (unsigned char)c[i], letter = x >> 6; /* 0 for a digit, 1 for a letter */
        rest = rest * (10 + 90 * letter) + (x & 31) - (letter ? 0 : 16) + 9 * letter;
        if (i % 8 == 3) /* two digits each at most: far from the end of 64 bits */
            rest %= 97;
    }
    return rest % 97 == 1;
}

/* start: of two letters. */
void pii_find_iban(PiiFinder *f, size_t start)
{
    char c[40]; /* at most 34, and four again */
    size_t want = f->tables->iban[slot_of(f->p + start)], n = 0, i = start;
    unsigned kinds = 0; /* bits by byte / 32: 1 digits, 2 upper case, 3 lower case */
    if (!want || !pii_wants(f->s, PII_IBAN_CODE))
        return;
    for (; n < want; i++) {
        char x = pii_at(f, i);
        if (pii_is(x, PII_DIGIT | PII_ALPHA)) {
            kinds |= 1u << ((unsigned char)x >> 5);
            c[n++] = x;
        } else if ((x != ' ' && x != '-') || !pii_is(pii_at(f, i + 1), PII_DIGIT | PII_ALPHA)) {
            return;
        }
    }
    if ((kinds & 12) == 12 || pii_is_word_at(f, i) || !mod97(c, want))
        return;
    pii_put_whole(f, PII_RULE_IBAN, start, i, 1.0f);
    if (i > f->skip)
        f->skip = i;
}
