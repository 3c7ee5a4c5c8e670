/* pii_evaluate.h - how well findings agree with labels.
 *
 *     found   at least half of a labelled value is covered by findings of its type
 *     exact   one finding has its type, beginning and end
 *     hidden  every character of it is covered by findings of any type
 *     false   a finding that touches no label at all, of whatever name
 *     characters: those in labels against those in findings, whatever the type; precision, recall, F1, F2
 *
 * Types that stand for each other, since labels are drawn differently: LOCATION, STREET_ADDRESS and ZIP_CODE (a part of an
 * address); DATE_TIME and DATE_OF_BIRTH; URL and DOMAIN_NAME.
 * Labels of names that have no type here (TITLE) are neither asked for nor held against a finding on them.
 *
 * Threads: one card, one thread. Positions: any unit, the same for labels and findings. */
#ifndef EHUB_PII_PII_EVALUATE_H
#define EHUB_PII_PII_EVALUATE_H

#include "pii/pii.h"

#define PII_LABELS_MAX 4096

typedef struct PiiLabel {
    uint32_t start, end;
    PiiType type; /* PII_N_TYPES: a name that has no type here */
} PiiLabel;

typedef struct PiiCard {
    uint64_t n_texts;
    struct {
        uint64_t labelled, found, exact, hidden, findings, false_findings;
    } types[PII_N_TYPES];
    uint64_t hit, missed, extra; /* characters */
} PiiCard;

/* A type by its own name or by one that other tools and corpora use: GPE, PER, ADDRESS, SSN ... */
bool pii_label_parse(Str name, PiiType *ret);

/* Adds a text of that length. */
void pii_evaluate(PiiCard *card, size_t length, const PiiLabel *labels, size_t n_labels, const PiiSpan *spans,
                  size_t n_spans);

double pii_card_precision(const PiiCard *c); /* NAN when nothing was found, or labelled */
double pii_card_recall(const PiiCard *c);
double pii_card_f(const PiiCard *c, double beta); /* van Rijsbergen 1979 */
uint64_t pii_card_false(const PiiCard *c);

#endif
