/* pii_talk.h - a conversation with a language model in which nobody's data leave: stand-ins out, values back.
 *
 *     text --pii_talk_say--> PiiPrompt --model--> answer --pii_talk_hear--> the same answer with the values again
 *
 * One value has one stand-in throughout the conversation, in every letter case and form of a name that pii_act.h knows.
 * Only stand-ins are turned back; what was generalised or redacted stays so, in the answer too.
 *
 * PiiPrompt is the only thing that code which talks to a model accepts, and pii_talk_say alone makes one: that is how no
 * text gets out unseen. Constant words of our own (instructions) become one with pii_prompt_constant, which takes a
 * literal only.
 *
 * Owner:    pii_talk_new .. pii_talk_free, which wipes the values; it borrows the guard. Threads: one at a time.
 * Limits:   PII_TALK_VALUES_MAX stand-ins that can be turned back; later ones stay as they are. PII_TEXT_MAX bytes a text.
 * Errors:   none from say: what cannot be made harmless is withheld, as in pii_guard.h. */
#ifndef EHUB_PII_PII_TALK_H
#define EHUB_PII_PII_TALK_H

#include "pii/pii_guard.h"

#define PII_TALK_VALUES_MAX 10000

typedef struct PiiPrompt {
    Str harmless_; /* read it with pii_prompt_text; never set it elsewhere */
} PiiPrompt;
static inline Str pii_prompt_text(PiiPrompt p)
{
    return p.harmless_;
}
#define pii_prompt_constant(literal) ((PiiPrompt){STR("" literal)})

typedef struct PiiTalk PiiTalk;
/* where: kept as it is, its texts must outlive the talk. conversation: which one; its stand-ins are the same again when it
 * is taken up later with the same key (pii.key). */
PiiTalk *pii_talk_new(PiiGuard *g, const PiiWhere *where, Str conversation);
void pii_talk_free(PiiTalk *t);
DEFINE_FREEP(PiiTalk, pii_talk_free)

/* The prompt's text is the talk's own, until the next say. */
PiiPrompt pii_talk_say(PiiTalk *t, Str text);
/* Appends the answer with the stand-ins turned back. Not for logs, and not for storing without the store policy. */
void pii_talk_hear(PiiTalk *t, Str answer, Buf *out);

#endif
