/* pii_model.c - see pii_model.h. */
#include "pii/pii_model.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the model is read in place, as little-endian numbers"
#endif

#define MAGIC "EHPT"
#define VERSION 2u

/* Generated: src/pii/data/model.bin. */
extern const char pii_model_bytes_begin[], pii_model_bytes_end[];

Str pii_model_shipped(void)
{
    return (Str){pii_model_bytes_begin, (size_t)(pii_model_bytes_end - pii_model_bytes_begin)};
}

size_t pii_model_bytes(uint32_t row_bits, uint32_t lex_bits)
{
    return PII_MODEL_LEXICON_AT + ((size_t)8 << lex_bits) + ((size_t)PII_LANES << row_bits);
}

void pii_model_head(uint8_t *bytes, uint32_t row_bits, uint32_t lex_bits)
{
    uint32_t version = VERSION;
    memcpy(bytes, MAGIC, 4);
    memcpy(bytes + 4, &version, 4);
    memcpy(bytes + 8, &row_bits, 4);
    memcpy(bytes + 12, &lex_bits, 4);
}

void pii_model_gain(const int32_t trans[PII_LANES][PII_LANES], int16_t ret[PII_LANES])
{
    int32_t stay = trans[PII_LABEL_O][PII_LABEL_O];
    for (size_t l = 0; l < PII_LANES; l++)
        ret[l] = INT16_MIN;
    for (size_t l = PII_LABEL_O + 1; l < PII_N_LABELS; l++) {
        int32_t to = trans[PII_LABEL_O][l] - stay, back = trans[l][PII_LABEL_O] - stay;
        for (size_t from = 1; from < PII_N_LABELS; from++)
            to = MAX(to, trans[from][l] - stay);
        int32_t gain = to + MAX(back, 0) + 1;
        ret[l] = (int16_t)MIN(MAX(gain, INT16_MIN), INT16_MAX);
    }
}

ErrKind pii_model_open(Str bytes, PiiModel *ret, Err *reterr)
{
    uint32_t version, row_bits, lex_bits;
    if (bytes.len < PII_MODEL_LEXICON_AT || memcmp(bytes.ptr, MAGIC, 4) != 0)
        return err_set(reterr, ERR_CORRUPT, "pii: this is no model of the tagger");
    memcpy(&version, bytes.ptr + 4, 4);
    memcpy(&row_bits, bytes.ptr + 8, 4);
    memcpy(&lex_bits, bytes.ptr + 12, 4);
    if (version != VERSION)
        return err_set(reterr, ERR_UNSUPPORTED, "pii: a model of version %u, this program reads version %u",
                       version, VERSION);
    if (row_bits > PII_ROW_BITS_MAX || lex_bits > PII_LEX_BITS_MAX ||
        bytes.len != pii_model_bytes(row_bits, lex_bits))
        return err_set(reterr, ERR_CORRUPT, "pii: a model of %zu bytes with tables of 2^%u and 2^%u entries",
                       bytes.len, lex_bits, row_bits);
    BUG_ON((uintptr_t)bytes.ptr % 8 != 0);
    *ret = (PiiModel){.row_bits = row_bits, .lex_bits = lex_bits};
    for (size_t i = 0; i < PII_LANES; i++)
        for (size_t j = 0; j < PII_LANES; j++) {
            int16_t v;
            memcpy(&v, bytes.ptr + PII_MODEL_TRANS_AT + 2 * (i * PII_LANES + j), 2);
            ret->trans[i][j] = v;
        }
    pii_model_gain((const int32_t(*)[PII_LANES])ret->trans, ret->gain);
    ret->lexicon = (const uint64_t *)(const void *)(bytes.ptr + PII_MODEL_LEXICON_AT);
    ret->rows = (const int8_t(*)[PII_LANES])(const void *)(bytes.ptr + PII_MODEL_LEXICON_AT +
                                                           ((size_t)8 << lex_bits));
    return ERR_NONE;
}
