/* pii_generate.h - labelled sentences of our own, to train the tagger's shipped model from.
 *
 *     template "Please call {P} at {phone}." + word lists + seed --> text and the spans of its names, places, addresses
 *
 * Templates are in pii_generate_text*.c and pii_generate_talk.c. The same words and seed give the same sentences.
 * Owner:    the generator borrows the words.
 * Threads:  one at a time. */
#ifndef EHUB_PII_PII_GENERATE_H
#define EHUB_PII_PII_GENERATE_H

#include "pii/pii.h"
#include "pii/pii_words.h"

#define PII_GENERATE_SPANS_MAX 64

typedef struct PiiGenerator PiiGenerator;

/* ERR_INVALID when a list that the templates need is missing or empty. */
ErrKind MUST_USE pii_generator_new(const PiiWords *words, uint64_t seed, PiiGenerator **ret, Err *reterr);
void pii_generator_free(PiiGenerator *g);
DEFINE_FREEP(PiiGenerator, pii_generator_free)
/* Replaces text; spans in bytes and in order; returns their number. */
size_t pii_generate(PiiGenerator *g, Buf *text, PiiSpan spans[PII_GENERATE_SPANS_MAX]);

/* The templates. A slot in braces is filled; capitals are labelled: P person, A address, L place, O organisation,
 * G age, N nationality or group. See fill() in pii_generate.c for the others. */
typedef struct PiiTemplates {
    const char *const *lines;
    size_t n;
    uint32_t weight; /* how often sentences come from this group */
} PiiTemplates;
extern const PiiTemplates *const PII_TEMPLATES[];
extern const size_t PII_N_TEMPLATES;
extern const PiiTemplates PII_TEXT_STORIES, PII_TEXT_NEWS, PII_TEXT_POSTS,
    PII_TEXT_NOTES;                                       /* pii_generate_talk.c */
extern const PiiTemplates PII_TEXT_LABELS, PII_TEXT_MORE; /* pii_generate_text_labels.c */
extern const PiiTemplates PII_TEXT_CHATTER, PII_TEXT_FRIENDS,
    PII_CHAT; /* pii_generate_text_posts.c; the last fills {chat} */
extern const PiiTemplates PII_TEXT_FEEDS, PII_TEXT_FOLLOWED; /* pii_generate_text_feeds.c */
extern const PiiTemplates PII_TEXT_CALLED, PII_TEXT_WORDS;   /* pii_generate_text_words.c */

#endif
