/* pii_train.h - trains the tagger's model from labelled text.
 *
 *     pii_trainer_new -> pii_trainer_add (text, spans) ... -> pii_trainer_run -> bytes of a model (pii_model.h)
 *
 * An averaged structured perceptron (Collins 2002), or the mean of several (McDonald, Hall, Mann 2010), over the stretches of pii_tagger.h. The same examples in the same
 * order with the same options give the same bytes.
 * Owner:    the trainer copies what it is given.
 * Threads:  one at a time.
 * Limits:   PII_TRAIN_TEXT_MAX bytes of text, an example of at most PII_TOKENS tokens (the rest of it is not used).
 * Errors:   INVALID a span outside its text or of a type that the tagger does not know . LIMIT */
#ifndef EHUB_PII_PII_TRAIN_H
#define EHUB_PII_PII_TRAIN_H

#include "base/buf.h"
#include "pii/pii.h"

#define PII_TRAIN_TEXT_MAX (512u << 20)
#define PII_TRAIN_CAUTION_MAX 10000
#define PII_TRAIN_PARTS_MAX 16

typedef struct PiiTrainOptions {
    uint32_t parts; /* the text is cut into parts, each trained by itself, and their weights averaged */
    uint32_t epochs;
    uint32_t row_bits;
    uint64_t seed;  /* order of the examples, and which words the lexicon is made to forget */
    float forget;   /* share of the names that training does not look up: 0 .. 0.9 */
    int32_t margin; /* lead that the right labels must have */
    int32_t
        caution; /* what the first word of a person costs: more is less found, and less that is false. Labelled text is
 denser in names than most text, and a model learns that too */
} PiiTrainOptions;
extern const PiiTrainOptions PII_TRAIN_DEFAULT;

typedef struct PiiTrainer PiiTrainer;

/* lexicon: 2^lex_bits slots, copied; that of the shipped model when NULL. */
ErrKind MUST_USE pii_trainer_new(const uint64_t *lexicon, uint32_t lex_bits, PiiTrainer **ret, Err *reterr);
void pii_trainer_free(PiiTrainer *t);
DEFINE_FREEP(PiiTrainer, pii_trainer_free)
/* Spans in bytes, in order, not overlapping. Of other types than the tagger's: not used. */
ErrKind MUST_USE pii_trainer_add(PiiTrainer *t, Str text, const PiiSpan *spans, size_t n, Err *reterr);
typedef void PiiTrainProgress(void *ctx, uint32_t epoch, uint32_t epochs, size_t wrong_tokens, size_t tokens);
ErrKind MUST_USE pii_trainer_run(PiiTrainer *t, const PiiTrainOptions *o, PiiTrainProgress *progress,
                                 void *ctx, Buf *model, Err *reterr);

#endif
