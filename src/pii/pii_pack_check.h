/* pii_pack_check.h - the checksums and plausible values of other countries' identifiers; private to src/pii.
 *
 * A check sees a value that has the right shape already, so each letter and digit stands where it belongs. */
#ifndef EHUB_PII_PII_PACK_CHECK_H
#define EHUB_PII_PII_PACK_CHECK_H

#include "base/str.h"

#define PII_PACK_VALUE_MAX 24 /* letters and digits of the longest identifier */

typedef struct PiiPackValue {
    Str text; /* as it is written */
    char c
        [PII_PACK_VALUE_MAX]; /* its digits and its letters, these as capitals, without what stands between */
    size_t n;
} PiiPackValue;

typedef enum PiiVerdict {
    PII_VERDICT_NO,
    PII_VERDICT_WEAK, /* the check fails, but people mistype: it counts where words say what it is */
    PII_VERDICT_YES
} PiiVerdict;

typedef PiiVerdict PiiPackCheck(const PiiPackValue *v);

/* X(name): each is a function pii_check_NAME. */
#define PII_PACK_CHECKS(X) \
    X(au_abn)              \
    X(au_acn)              \
    X(au_medicare)         \
    X(au_tfn)              \
    X(ca_sin)              \
    X(de_bsnr)             \
    X(de_document)         \
    X(de_health)           \
    X(de_lanr)             \
    X(de_licence)          \
    X(de_plz)              \
    X(de_pension)          \
    X(de_tax_id)           \
    X(de_vat)              \
    X(es_nie)              \
    X(es_nif)              \
    X(fi_code)             \
    X(fr_card)             \
    X(fr_nir)              \
    X(fr_siren)            \
    X(fr_siret)            \
    X(fr_vat)              \
    X(in_aadhaar)          \
    X(in_gstin)            \
    X(in_gstin_form)       \
    X(in_pan_any)          \
    X(in_plate)            \
    X(it_fiscal)           \
    X(it_paper)            \
    X(it_vat)              \
    X(kr_brn)              \
    X(kr_born)             \
    X(kr_registered)       \
    X(kr_region)           \
    X(ng_nin)              \
    X(ph_tin)              \
    X(pl_pesel)            \
    X(se_organisation)     \
    X(se_person)           \
    X(sg_nric)             \
    X(sg_uen)              \
    X(th_tnin)             \
    X(tr_id)               \
    X(tr_plate)            \
    X(uk_licence)          \
    X(uk_nhs)              \
    X(uk_nino)             \
    X(uk_plate)            \
    X(za_id)

#define X(name) PiiPackCheck pii_check_##name;
PII_PACK_CHECKS(X)
#undef X

#endif
