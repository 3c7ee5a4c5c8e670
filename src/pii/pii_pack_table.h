/* pii_pack_table.h - the identifiers of other countries, one line each, in packs that are off by default.
 *
 * PII_PACKS: X(NAME, word, country). PII_PACK_TYPES: X(NAME, PACK, what it is, the rule that finds it, a made-up example).
 * Names are Presidio's where it has one. How each is written, checked and scored: pii_pack_rows.c. */
#ifndef EHUB_PII_PII_PACK_TABLE_H
#define EHUB_PII_PII_PACK_TABLE_H

#define PII_PACKS(X)              \
    X(AU, "au", "Australia")      \
    X(CA, "ca", "Canada")         \
    X(DE, "de", "Germany")        \
    X(ES, "es", "Spain")          \
    X(FI, "fi", "Finland")        \
    X(FR, "fr", "France")         \
    X(IN, "in", "India")          \
    X(IT, "it", "Italy")          \
    X(KR, "kr", "South Korea")    \
    X(NG, "ng", "Nigeria")        \
    X(PH, "ph", "Philippines")    \
    X(PL, "pl", "Poland")         \
    X(SE, "se", "Sweden")         \
    X(SG, "sg", "Singapore")      \
    X(TH, "th", "Thailand")       \
    X(TR, "tr", "Turkey")         \
    X(UK, "uk", "United Kingdom") \
    X(ZA, "za", "South Africa")

#define PII_PACK_TYPES(X)                                                                                \
    X(AU_ABN, AU, "business number", "ABN mod 89", "51 824 753 556")                                     \
    X(AU_ACN, AU, "company number", "ACN mod 10", "005 499 981")                                         \
    X(AU_MEDICARE, AU, "Medicare number", "Medicare mod 10", "2123456701")                               \
    X(AU_TFN, AU, "tax file number", "TFN mod 11", "876 543 210")                                        \
    X(CA_SIN, CA, "social insurance number", "SIN Luhn", "130-692-544")                                  \
    X(DE_BSNR, DE, "number of a doctor's practice", "BSNR digits", "BSNR 021234568")                     \
    X(DE_FUEHRERSCHEIN, DE, "driving licence number", "driving licence format", "MU12345678B")           \
    X(DE_HANDELSREGISTER, DE, "commercial register number", "register section and number", "HRB 123456") \
    X(DE_HEALTH_INSURANCE, DE, "health insurance number", "KVNR mod 10", "A000500015")                   \
    X(DE_ID_CARD, DE, "identity card number", "identity card 7-3-1", "L01X00T44")                        \
    X(DE_KFZ, DE, "vehicle registration", "plate format", "M-AB 1234")                                   \
    X(DE_LANR, DE, "number of a doctor", "LANR mod 10", "LANR 123456601")                                \
    X(DE_PASSPORT, DE, "passport number", "passport 7-3-1", "C01X00T41")                                 \
    X(DE_PLZ, DE, "postal code", "five digits", "PLZ 80331")                                             \
    X(DE_SOCIAL_SECURITY, DE, "pension insurance number", "pension number mod 10", "15070649C103")       \
    X(DE_TAX_ID, DE, "tax identification number", "ISO 7064 mod 11,10", "12345678903")                   \
    X(DE_TAX_NUMBER, DE, "tax number of a tax office", "tax number format", "123/456/78901")             \
    X(DE_VAT_ID, DE, "VAT number", "VAT ISO 7064 mod 11,10", "DE136695976")                              \
    X(ES_NIE, ES, "foreigner's identity number", "NIE letter mod 23", "X9613851N")                       \
    X(ES_NIF, ES, "tax and identity number", "NIF letter mod 23", "12345678Z")                           \
    X(ES_PASSPORT, ES, "passport number", "passport format", "pasaporte AAA123456")                      \
    X(FI_PERSONAL_IDENTITY_CODE, FI, "personal identity code", "identity code mod 31", "010594Y9032")    \
    X(FR_ID_CARD, FR, "identity card number", "identity card digits", "carte d'identité 880692310285")   \
    X(FR_NIR, FR, "social security number", "NIR mod 97", "2 55 08 14 168 025 38")                       \
    X(FR_PASSPORT, FR, "passport number", "passport format", "passeport 12AB34567")                      \
    X(FR_SIREN, FR, "company number", "SIREN Luhn", "732 829 320")                                       \
    X(FR_SIRET, FR, "establishment number", "SIRET Luhn", "732 829 320 00074")                           \
    X(FR_VAT_ID, FR, "VAT number", "VAT key mod 97", "FR44732829320")                                    \
    X(IN_AADHAAR, IN, "identity number", "Aadhaar Verhoeff", "3123 4567 8909")                           \
    X(IN_GSTIN, IN, "goods and services tax number", "GSTIN state and PAN", "27ABCDE1234F1Z5")           \
    X(IN_PAN, IN, "permanent account number", "PAN format", "ABCPD1234Z")                                \
    X(IN_PASSPORT, IN, "passport number", "passport format", "passport T3569075")                        \
    X(IN_VEHICLE_REGISTRATION, IN, "vehicle registration", "plate of a state", "KA53ME3456")             \
    X(IN_VOTER, IN, "voter identity number", "EPIC format", "DBJ2289013")                                \
    X(IT_DRIVER_LICENSE, IT, "driving licence number", "driving licence format", "AA0123456B")           \
    X(IT_FISCAL_CODE, IT, "fiscal code", "fiscal code letters and check", "MRTMTT91D08F205J")            \
    X(IT_IDENTITY_CARD, IT, "identity card number", "identity card format", "AA1234567")                 \
    X(IT_PASSPORT, IT, "passport number", "passport format", "passaporto YA7654321")                     \
    X(IT_VAT_CODE, IT, "VAT number", "VAT Luhn", "01333550323")                                          \
    X(KR_BRN, KR, "business registration number", "BRN mod 10", "104-86-56659")                          \
    X(KR_DRIVER_LICENSE, KR, "driving licence number", "region and digits", "13-22-123456-12")           \
    X(KR_FRN, KR, "foreigner registration number", "birth date and digits", "911124-5678901")            \
    X(KR_PASSPORT, KR, "passport number", "passport format", "M123A4567")                                \
    X(KR_RRN, KR, "resident registration number", "birth date and digits", "960121-1234567")             \
    X(NG_NIN, NG, "identity number", "NIN Verhoeff", "NIN 12345678902")                                  \
    X(NG_VEHICLE_REGISTRATION, NG, "vehicle registration", "plate format", "ABJ-123XY")                  \
    X(PH_MOBILE_NUMBER, PH, "mobile telephone number", "mobile number format", "0917 123 4567")          \
    X(PH_TIN, PH, "taxpayer number", "TIN mod 11", "000-123-456-001")                                    \
    X(PL_PESEL, PL, "personal identity number", "PESEL date and mod 10", "44051401458")                  \
    X(SE_ORGANISATIONSNUMMER, SE, "organisation number", "organisation number Luhn", "556703-7485")      \
    X(SE_PERSONNUMMER, SE, "personal identity number", "personal number date and Luhn", "871220-2384")   \
    X(SG_NRIC_FIN, SG, "identity number", "NRIC format", "S2740116C")                                    \
    X(SG_UEN, SG, "entity number", "UEN check letter", "201434292D")                                     \
    X(TH_TNIN, TH, "identity number", "TNIN mod 11", "1234567890121")                                    \
    X(TR_LICENSE_PLATE, TR, "vehicle registration", "province and plate", "34 ABC 1234")                 \
    X(TR_NATIONAL_ID, TR, "identity number", "TCKN two check digits", "10000000146")                     \
    X(TR_PHONE_NUMBER, TR, "telephone number", "telephone number format", "0532 123 45 67")              \
    X(UK_DRIVING_LICENCE, UK, "driving licence number", "DVLA number with date", "MORGA657054SM9IJ")     \
    X(UK_NHS, UK, "health service number", "NHS mod 11", "401-023-2137")                                 \
    X(UK_NINO, UK, "national insurance number", "NINO prefix and suffix", "AA 12 34 56 B")               \
    X(UK_PASSPORT, UK, "passport number", "passport format", "passport CD7654321")                       \
    X(UK_POSTCODE, UK, "postcode", "postcode format", "SW1A 1AA")                                        \
    X(UK_VEHICLE_REGISTRATION, UK, "vehicle registration", "plate format", "AB51 ABC")                   \
    X(ZA_ID_NUMBER, ZA, "identity number", "identity number date and Luhn", "8001015000086")

#endif
