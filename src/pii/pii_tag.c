/* pii_tag.c - names, places, organisations, addresses and ages.
 *
 * The text goes through in blocks of tokens. In each, the stretches that can hold a finding are labelled by the best
 * path over weights of hashed features (Collins 2002: averaged perceptron, see pii_train.c). */
#include "base/mem.h"
#include "pii/pii_impl.h"
#include "pii/pii_tagger.h"

#define BLOCK_TAIL 64 /* tokens at the end of a block in which no stretch is taken for whole */

typedef struct PiiTagger {
    PiiModel model;
    const PiiKernel *kernel;
    uint8_t *own; /* bytes of the model; a copy, the shipped one too: its pages are found faster (mem_huge) */
} PiiTagger;

typedef struct PiiTagScratch {
    PiiToken tokens[PII_TOKENS];
    PiiSigns signs;
    PiiKeys keys;
    int32_t scores[PII_STRETCH_MAX][PII_LANES];
    uint8_t back[PII_STRETCH_MAX][PII_LANES];
    uint8_t labels[PII_STRETCH_MAX];
} PiiTagScratch;

ErrKind pii_tagger_new(Str model, PiiTagger **ret, Err *reterr)
{
    *ret = NULL;
    PiiTagger *t = MEM_NEW(PiiTagger);
    t->kernel = pii_kernel();
    Str bytes = model.len == 0 ? pii_model_shipped() : model;
    if (bytes.len <= PII_MODEL_BYTES_MAX) {
        t->own = mem_huge(bytes.len);
        memcpy(t->own, bytes.ptr, bytes.len);
        bytes.ptr = (const char *)t->own;
    }
    ErrKind kind = pii_model_open(bytes, &t->model, reterr);
    if (kind != ERR_NONE) {
        pii_tagger_free(t);
        return kind;
    }
    *ret = t;
    return ERR_NONE;
}

void pii_tagger_free(PiiTagger *t)
{
    if (!t)
        return;
    mem_free(t->own);
    mem_free(t);
}

PiiTagScratch *pii_tag_scratch_new(const PiiTagger *t)
{
    (void)t;
    return mem_aligned(64, sizeof(PiiTagScratch));
}

void pii_tag_scratch_free(PiiTagScratch *s)
{
    mem_free(s);
}

typedef struct Sink {
    const PiiScanner *scanner;
    const PiiTagScratch *s;
    Str text;
    size_t n; /* tokens of the block */
    PiiFound *out;
    bool *full;
} Sink;

static PiiRule rule_of(unsigned label)
{
    switch (label) {
    case PII_LABEL_B_PERSON:
    case PII_LABEL_I_PERSON: return PII_RULE_TAG_PERSON;
    case PII_LABEL_B_ADDRESS:
    case PII_LABEL_I_ADDRESS: return PII_RULE_TAG_ADDRESS;
    case PII_LABEL_B_LOCATION:
    case PII_LABEL_I_LOCATION: return PII_RULE_TAG_LOCATION;
    case PII_LABEL_B_ORGANIZATION:
    case PII_LABEL_I_ORGANIZATION: return PII_RULE_TAG_ORGANIZATION;
    case PII_LABEL_NRP: return PII_RULE_TAG_NRP;
    default: return PII_RULE_TAG_AGE;
    }
}

/* 0.5 where the finding is as likely as none, towards 1 with the mean lead of its labels over O. */
static float sureness(const PiiTagScratch *s, size_t from, size_t to)
{
    int64_t lead = 0;
    for (size_t i = from; i < to; i++)
        lead += s->scores[i][s->labels[i]] - s->scores[i][PII_LABEL_O];
    float mean = (float)lead / (float)(to - from) / 64.0f;
    return mean <= 0 ? 0.5f : 0.5f + 0.5f * mean / (1.0f + mean);
}

/* Places with their codes, one behind the other, that were labelled as an address: "Plano, TX 75024 and Frisco, TX 75034".
 * The codes are found by their own rule. False: it is an address. */
static bool found_places(const Sink *k, size_t from, size_t to, float sure)
{
    const PiiToken *t = k->s->tokens;
    int places = 0;
    for (size_t at = from; at < to; places++) {
        size_t end = pii_place_with_code(t, at, to).end;
        bool joined = end > 0 && end + 1 < to && t[end].classes & PII_BIT(FUNCTION);
        if (end != to && !joined)
            return false;
        at = joined ? end + 1 : to;
    }
    for (size_t at = from; places > 0; places--) {
        PiiPlace p = pii_place_with_code(t, at, to);
        pii_add(k->out, PII_RULE_TAG_LOCATION, t[at].start, t[p.name_end - 1].end, sure, k->full);
        pii_add(k->out, PII_RULE_TAG_LOCATION, t[p.state].start, t[p.state_end - 1].end, sure, k->full);
        at = p.end + 1;
    }
    return true;
}

/* The span of tokens [from, to) of the block, labels from `at` on, of `n` in the stretch. */
static void found(const Sink *k, size_t from, size_t to, size_t at, size_t n)
{
    const PiiToken *t = k->s->tokens;
    const uint8_t *labels = k->s->labels;
    PiiRule rule = rule_of(labels[at]);
    size_t behind = at + (to - from);
    float sure = sureness(k->s, at, behind);
    bool left = at > 0 && labels[at - 1] == PII_LABEL_O, right = behind < n && labels[behind] == PII_LABEL_O;
    if (rule == PII_RULE_TAG_PERSON)
        pii_widen(t, left, right, &from, &to);
    if (!pii_trim(t, k->n, k->text, (PiiLabel)labels[at], &from, &to))
        return;
    if (rule == PII_RULE_TAG_ADDRESS && found_places(k, from, to, sure))
        return;
    pii_add(k->out, rule, t[from].start, t[to - 1].end, sure, k->full);
    if (rule == PII_RULE_TAG_PERSON && (at < 2 || labels[at - 2] == PII_LABEL_O) &&
        pii_surname_before(t, k->n, from, to))
        pii_add(k->out, rule, t[from - 2].start, t[from - 2].end, sure, k->full);
    if (rule != PII_RULE_TAG_LOCATION)
        return;
    size_t code, end = pii_code_after(t, k->n, k->text, to, &code);
    if (end > 0)
        pii_add(k->out, PII_RULE_TAG_ZIP, t[code].start, t[end - 1].end, 0.6f, k->full);
}

/* A person that begins right behind another, one space away, is the other's further name: "Ana" "Ruiz" in a field alone. */
static bool is_further_name(const Sink *k, size_t at)
{
    const PiiToken *t = &k->s->tokens[at];
    return t->newlines == 0 && t->start == t[-1].end + 1 && k->text.ptr[t[-1].end] == ' ';
}

/* The stretch [from, to), whose keys are made. */
static void tag_stretch(const PiiTagger *t, PiiTagScratch *s, size_t from, size_t to, const Sink *k)
{
    size_t n = to - from;
    if (!t->kernel->score(&t->model, &s->keys, n, s->scores))
        return;
    t->kernel->best_path((const int32_t(*)[PII_LANES])s->scores, n, t->model.trans, s->back, s->labels);
    for (size_t i = 0, end; i < n; i = end) {
        uint8_t l = s->labels[i];
        end = i + 1;
        if (l == PII_LABEL_O)
            continue;
        uint8_t further = l % 2 == 1 && l < PII_LABEL_NRP ? (uint8_t)(l + 1) : l;
        while (end < n && (s->labels[end] == further || (l == PII_LABEL_B_PERSON && s->labels[end] == l &&
                                                         is_further_name(k, from + end))))
            end++;
        found(k, from + i, from + end, i, n);
    }
}

/* The first token of the next block, when the text goes on: where the line begins of what was left at `stop`, but not
 * before `least`. */
static size_t next_block(const PiiToken *t, size_t least, size_t stop)
{
    size_t at = stop;
    while (at > least && stop - at < BLOCK_TAIL && t[at].newlines == 0)
        at--;
    return at;
}

void pii_find_tagged(const PiiScanner *scanner, PiiScratch *scratch, Str text, PiiFound *out, bool *full)
{
    const PiiTagger *t = scanner->tagger;
    PiiTagScratch *s = scratch->tag;
    for (size_t at = 0; at < text.len && !*full;) {
        size_t n = pii_tokenize(text, &at, s->tokens, PII_TOKENS);
        bool more = at < text.len;
        Sink sink = {scanner, s, text, n, out, full};
        pii_classify(&t->model, s->tokens, n);
        pii_strong(t->kernel, s->tokens, n, &s->signs);
        size_t from = 0, to = 0, done = 0;
        for (; pii_stretch(&s->signs, n, &from, &to); from = done = to) {
            if (more && from > n / 2 && to + BLOCK_TAIL > n)
                break; /* it may go on: the next block sees it whole */
            t->kernel->keys(s->tokens, n, from, to, text, &s->keys);
            tag_stretch(t, s, from, to, &sink);
        }
        if (more) {
            size_t next = next_block(s->tokens, MAX(done, n / 2), done < from ? from : n - 1);
            at = s->tokens[next - 1].end;
        }
    }
}
