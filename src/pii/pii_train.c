/* pii_train.c - see pii_train.h. */
#include "pii/pii_train.h"

#include "base/mem.h"
#include "pii/pii_tagger.h"

#define NEVER (-30000) /* a transition that cannot be */
#define UNIT 16        /* a step of the perceptron; so that the margin can be finer than a step */

const PiiTrainOptions PII_TRAIN_DEFAULT = {
    .parts = 1, .epochs = 6, .row_bits = 17, .seed = 1, .forget = 0.35f, .margin = 24};

typedef struct Example {
    size_t text, len, spans, n_spans;
} Example;

/* The weights of a feature while they are learned, one for each label: four vectors that every compiler has. */
typedef int32_t Quarter __attribute__((vector_size(16)));
typedef union Row {
    int32_t w[PII_LANES];
    Quarter quarters[PII_LANES / 4];
} Row;

/* Of each weight the sum of its changes times their steps, so that after n steps its average is weight - late / n. */
typedef struct Late {
    int64_t by[PII_LANES];
} Late;

typedef struct Mean {
    double w[PII_LANES];
} Mean;

typedef struct Work {
    PiiToken tokens[PII_TOKENS];
    PiiSigns signs;
    uint8_t gold[PII_TOKENS];
    PiiKeys keys;
    uint32_t rows[PII_STRETCH_MAX / PII_GROUP][PII_FEATURES][PII_GROUP];
    int32_t scores[PII_STRETCH_MAX][PII_LANES];
    uint8_t back[PII_STRETCH_MAX][PII_LANES];
    uint8_t labels[PII_STRETCH_MAX];
} Work;

struct PiiTrainer {
    Buf texts;
    Example *examples;
    size_t n, cap;
    PiiSpan *spans;
    size_t n_spans, cap_spans;
    uint64_t *lexicon;
    PiiModel model; /* of which only the lexicon is used */
    Row *rows;      /* and then the transitions, as in late and mean */
    Late *late;
    Mean *mean;
    int32_t now_trans[PII_LANES][PII_LANES];
    uint32_t row_bits;
    uint64_t step;
    size_t tokens, wrong;
    Work work;
};

ErrKind pii_trainer_new(const uint64_t *lexicon, uint32_t lex_bits, PiiTrainer **ret, Err *reterr)
{
    *ret = NULL;
    PiiModel shipped;
    if (!lexicon) {
        ErrKind kind = pii_model_open(pii_model_shipped(), &shipped, reterr);
        if (kind != ERR_NONE)
            return kind;
        lexicon = shipped.lexicon;
        lex_bits = shipped.lex_bits;
    }
    PiiTrainer *t = mem_aligned(64, sizeof *t);
    t->texts = BUF(PII_TRAIN_TEXT_MAX);
    size_t slots = (size_t)1 << lex_bits;
    t->lexicon = mem_array(slots, sizeof *t->lexicon);
    memcpy(t->lexicon, lexicon, slots * sizeof *lexicon);
    t->model = (PiiModel){.lexicon = t->lexicon, .lex_bits = lex_bits};
    *ret = t;
    return ERR_NONE;
}

void pii_trainer_free(PiiTrainer *t)
{
    if (!t)
        return;
    buf_done(&t->texts);
    mem_free(t->examples);
    mem_free(t->spans);
    mem_free(t->lexicon);
    mem_free(t->rows);
    mem_free(t->late);
    mem_free(t->mean);
    mem_free(t);
}

/* The label of a span's first token; O for a type that the tagger does not know. */
static uint8_t first_label(PiiType t)
{
    switch ((int)t) {
    case PII_PERSON: return PII_LABEL_B_PERSON;
    case PII_STREET_ADDRESS: return PII_LABEL_B_ADDRESS;
    case PII_LOCATION: return PII_LABEL_B_LOCATION;
    case PII_ORGANIZATION: return PII_LABEL_B_ORGANIZATION;
    case PII_NRP: return PII_LABEL_NRP;
    case PII_AGE: return PII_LABEL_AGE;
    default: return PII_LABEL_O;
    }
}

ErrKind pii_trainer_add(PiiTrainer *t, Str text, const PiiSpan *spans, size_t n, Err *reterr)
{
    for (size_t i = 0; i < n; i++)
        if (spans[i].end > text.len || spans[i].start >= spans[i].end ||
            (i > 0 && spans[i].start < spans[i - 1].end))
            return err_set(reterr, ERR_INVALID,
                           "span %zu (%u to %u) of a text of %zu bytes: in order, not overlapping", i,
                           spans[i].start, spans[i].end, text.len);
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 1024;
        t->examples = mem_grow(t->examples, t->cap, sizeof *t->examples);
    }
    if (t->n_spans + n > t->cap_spans) {
        t->cap_spans = (t->n_spans + n) * 2;
        t->spans = mem_grow(t->spans, t->cap_spans, sizeof *t->spans);
    }
    t->examples[t->n++] = (Example){t->texts.len, text.len, t->n_spans, n};
    if (n > 0)
        memcpy(t->spans + t->n_spans, spans, n * sizeof *spans);
    t->n_spans += n;
    buf_add_str(&t->texts, text);
    return buf_check(&t->texts, reterr);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t scramble(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static Str text_of(const PiiTrainer *t, const Example *e)
{
    return (Str){t->texts.ptr + e->text, e->len};
}

/* Tokens, classes (some forgotten) and right labels of an example; returns the number of tokens. */
static size_t prepare(PiiTrainer *t, const Example *e, uint64_t salt, float forget)
{
    Work *w = &t->work;
    Str text = text_of(t, e);
    size_t at = 0, n = pii_tokenize(text, &at, w->tokens, PII_TOKENS);
    pii_classify(&t->model, w->tokens, n);
    for (size_t i = 0; i < n; i++) {
        PiiToken *k = &w->tokens[i];
        const uint32_t forgettable = PII_BIT(FIRST) | PII_BIT(LAST) | PII_BIT(FIRST_FOREIGN) |
                                     PII_BIT(LAST_FOREIGN) | PII_BIT(CITY) | PII_BIT(CITY_PART) |
                                     PII_BIT(STREET_NAME) | PII_BIT(PROPER) | PII_BIT(BRAND) |
                                     PII_BIT(REGION) | PII_BIT(LAST_RARE);
        float lot = (float)(scramble(salt ^ k->hash) >> 40) / (float)(1 << 24);
        if (lot < forget)
            k->classes &= ~forgettable;
        if (lot < forget / 8) /* words of every day that no list has, too */
            k->classes &= ~(PII_BIT(COMMON) | PII_BIT(RARE) | PII_BIT(FOREIGN) | PII_BIT(FREQUENT));
    }
    pii_strong(pii_kernel(), w->tokens, n, &w->signs);
    memset(w->gold, PII_LABEL_O, n);
    for (size_t s = 0, i = 0; s < e->n_spans; s++) {
        const PiiSpan *span = &t->spans[e->spans + s];
        uint8_t label = first_label(span->type);
        while (i < n && w->tokens[i].end <= span->start)
            i++;
        for (bool first = true; i < n && w->tokens[i].start < span->end; i++, first = false)
            w->gold[i] =
                first || label == PII_LABEL_O || label >= PII_LABEL_NRP ? label : (uint8_t)(label + 1);
    }
    return n;
}

static void change(PiiTrainer *t, size_t row, uint8_t label, int32_t by)
{
    t->rows[row].w[label] += by;
    t->late[row].by[label] += by * (int64_t)t->step;
}

static void learn_trans(PiiTrainer *t, uint8_t from, uint8_t to, int32_t by)
{
    size_t row = ((size_t)1 << t->row_bits) + from;
    change(t, row, to, by);
    if (pii_label_follows(from, to))
        t->now_trans[from][to] = t->rows[row].w[to];
}

/* The right labels of a stretch, made consistent where it begins inside a span. */
static void right_labels(const uint8_t *gold, size_t n, uint8_t *right)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t l = gold[i];
        uint8_t before = i > 0 ? right[i - 1] : PII_LABEL_O;
        right[i] = pii_label_follows(before, l) ? l : (uint8_t)(l - 1);
    }
}

/* The scores of the i-th token, with the lead that the right label must have. */
static void sum_rows(PiiTrainer *t, size_t i, int32_t lead, uint8_t right)
{
    Work *w = &t->work;
    const uint32_t(*rows)[PII_GROUP] = (const uint32_t(*)[PII_GROUP])w->rows[i / PII_GROUP];
    Quarter sum[PII_LANES / 4];
    for (size_t q = 0; q < PII_LANES / 4; q++)
        sum[q] = (Quarter){0} + lead;
    for (size_t f = 0; f < PII_FEATURES; f++) {
        const Row *row = &t->rows[rows[f][i % PII_GROUP]];
        for (size_t q = 0; q < PII_LANES / 4; q++)
            sum[q] += row->quarters[q];
    }
    memcpy(w->scores[i], sum, sizeof sum);
    w->scores[i][right] -= lead;
}

static void learn_stretch(PiiTrainer *t, size_t from, size_t to, int32_t margin)
{
    Work *w = &t->work;
    const PiiKernel *kernel = pii_kernel();
    size_t n = to - from;
    uint8_t right[PII_STRETCH_MAX];
    right_labels(w->gold + from, n, right);
    for (size_t i = 0; i < n; i++) {
        if (i % PII_GROUP == 0)
            kernel->rows(&w->keys, i, t->row_bits, w->rows[i / PII_GROUP]);
        sum_rows(t, i, margin * UNIT / 8, right[i]);
    }
    PII_KERNEL_PLAIN.best_path((const int32_t(*)[PII_LANES])w->scores, n,
                               (const int32_t(*)[PII_LANES])t->now_trans, w->back, w->labels);
    t->step++;
    t->tokens += n;
    if (memcmp(w->labels, right, n) == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        uint8_t before = i > 0 ? right[i - 1] : PII_LABEL_O,
                guessed_before = i > 0 ? w->labels[i - 1] : PII_LABEL_O;
        if (right[i] != w->labels[i] || before != guessed_before) {
            learn_trans(t, before, right[i], UNIT);
            learn_trans(t, guessed_before, w->labels[i], -UNIT);
        }
        if (right[i] == w->labels[i])
            continue;
        t->wrong++;
        for (size_t f = 0; f < PII_FEATURES; f++) {
            size_t row = w->rows[i / PII_GROUP][f][i % PII_GROUP];
            change(t, row, right[i], UNIT);
            change(t, row, w->labels[i], -UNIT);
        }
    }
}

static int16_t rounded(double v, double most)
{
    v = v < -most ? -most : v > most ? most : v;
    return (int16_t)(v < 0 ? v - 0.5 : v + 0.5);
}

/* The factor that brings all but the largest 1 in 2,000 of the weights into an int8. */
static double scale_of(const PiiTrainer *t)
{
    enum { BINS = 4096 };
    size_t *bins = mem_array(BINS, sizeof *bins), all = 0;
    for (size_t r = 0; r < (size_t)1 << t->row_bits; r++)
        for (size_t l = 0; l < PII_N_LABELS; l++) {
            double v = t->mean[r].w[l];
            size_t bin = (size_t)((v < 0 ? -v : v) * 4);
            if (v != 0)
                bins[MIN(bin, BINS - 1)]++, all++;
        }
    size_t above = 0, bin = BINS - 1;
    while (bin > 1 && above + bins[bin] <= all / 2000)
        above += bins[bin--];
    mem_free(bins);
    return 127.0 / ((double)(bin + 1) / 4);
}

static ErrKind write_model(PiiTrainer *t, int32_t caution, Buf *model, Err *reterr)
{
    size_t len = pii_model_bytes(t->row_bits, t->model.lex_bits);
    uint8_t *b = (uint8_t *)buf_room(model, len);
    if (!b)
        return buf_check(model, reterr);
    memset(b, 0, len);
    pii_model_head(b, t->row_bits, t->model.lex_bits);
    double scale = scale_of(t);
    const Mean *trans = t->mean + ((size_t)1 << t->row_bits);
    for (size_t from = 0; from < PII_LANES; from++)
        for (size_t to = 0; to < PII_LANES; to++) {
            bool can =
                from < PII_N_LABELS && to < PII_N_LABELS && pii_label_follows((unsigned)from, (unsigned)to);
            int32_t cost = to == PII_LABEL_B_PERSON ? caution : 0;
            int16_t v = can ? rounded(trans[from].w[to] * scale - cost, 20000) : NEVER;
            memcpy(b + PII_MODEL_TRANS_AT + 2 * (from * PII_LANES + to), &v, 2);
        }
    size_t lexicon = (size_t)8 << t->model.lex_bits;
    memcpy(b + PII_MODEL_LEXICON_AT, t->lexicon, lexicon);
    int8_t *rows = (int8_t *)b + PII_MODEL_LEXICON_AT + lexicon;
    for (size_t r = 0; r < (size_t)1 << t->row_bits; r++)
        for (size_t l = 0; l < PII_LANES; l++)
            rows[r * PII_LANES + l] = (int8_t)rounded(t->mean[r].w[l] * scale, 127);
    buf_advance(model, len);
    return ERR_NONE;
}

static void add_mean(PiiTrainer *t, size_t row, uint32_t parts)
{
    int64_t steps = (int64_t)t->step;
    for (size_t l = 0; l < PII_LANES; l++)
        t->mean[row].w[l] +=
            (double)(t->rows[row].w[l] * steps - t->late[row].by[l]) / (double)MAX(steps, 1) / parts;
}

static void shuffle(uint32_t *order, size_t n, uint64_t *seed)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = (*seed = scramble(*seed)) % (i + 1);
        uint32_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

static void forget_all(PiiTrainer *t, size_t n_rows)
{
    memset(t->rows, 0, (n_rows + PII_LANES) * sizeof *t->rows);
    memset(t->late, 0, (n_rows + PII_LANES) * sizeof *t->late);
    t->step = 0;
    for (unsigned from = 0; from < PII_LANES; from++)
        for (unsigned to = 0; to < PII_LANES; to++)
            t->now_trans[from][to] =
                from < PII_N_LABELS && to < PII_N_LABELS && pii_label_follows(from, to) ? 0 : NEVER * 1000;
}

/* Learns from the n > 0 examples of `order` alone, and adds what it learned to the mean. */
static void run_part(PiiTrainer *t, const PiiTrainOptions *o, uint32_t part, uint32_t *order, size_t n,
                     uint64_t *seed, PiiTrainProgress *progress, void *ctx)
{
    size_t n_rows = (size_t)1 << o->row_bits;
    forget_all(t, n_rows);
    for (uint32_t epoch = 0; epoch < o->epochs; epoch++) {
        t->tokens = t->wrong = 0;
        shuffle(order, n, seed);
        for (size_t i = 0; i < n; i++) {
            const Example *e = &t->examples[order[i]];
            size_t n_tokens = prepare(t, e, (*seed = scramble(*seed)), o->forget);
            for (size_t from = 0, to; pii_stretch(&t->work.signs, n_tokens, &from, &to); from = to) {
                pii_keys(t->work.tokens, n_tokens, from, to, text_of(t, e), &t->work.keys);
                learn_stretch(t, from, to, o->margin);
            }
        }
        if (progress)
            progress(ctx, part * o->epochs + epoch + 1, o->parts * o->epochs, t->wrong, t->tokens);
    }
    for (size_t r = 0; r < n_rows + PII_LANES; r++)
        add_mean(t, r, o->parts);
}

ErrKind pii_trainer_run(PiiTrainer *t, const PiiTrainOptions *o, PiiTrainProgress *progress, void *ctx,
                        Buf *model, Err *reterr)
{
    if (o->parts == 0 || o->parts > PII_TRAIN_PARTS_MAX || o->epochs == 0 || o->epochs > 100 ||
        o->row_bits < 8 || o->row_bits > PII_ROW_BITS_MAX || !(o->forget >= 0) || o->forget > 0.9f ||
        o->margin < 0 || o->margin > 1000 || o->caution < 0 || o->caution > PII_TRAIN_CAUTION_MAX)
        return err_set(
            reterr, ERR_INVALID,
            "pii: 1 to 100 epochs, 2^8 to 2^%d rows, forget 0 to 0.9, caution 0 to %d, 1 to %d parts",
            PII_ROW_BITS_MAX, PII_TRAIN_CAUTION_MAX, PII_TRAIN_PARTS_MAX);
    if (t->n < o->parts)
        return err_set(reterr, ERR_INVALID, "pii: %zu examples to train %u parts from", t->n, o->parts);
    size_t n_rows = (size_t)1 << o->row_bits;
    mem_free(t->rows);
    mem_free(t->late);
    mem_free(t->mean);
    t->rows = mem_huge((n_rows + PII_LANES) * sizeof *t->rows);
    t->late = mem_huge((n_rows + PII_LANES) * sizeof *t->late);
    t->mean = mem_array(n_rows + PII_LANES, sizeof *t->mean);
    t->row_bits = o->row_bits;
    uint32_t *order = mem_array(t->n, sizeof *order);
    for (size_t i = 0; i < t->n; i++)
        order[i] = (uint32_t)i;
    uint64_t seed = scramble(o->seed);
    for (uint32_t part = 0; part < o->parts; part++) {
        size_t from = t->n * part / o->parts, to = t->n * (part + 1) / o->parts;
        run_part(t, o, part, order + from, to - from, &seed, progress, ctx);
    }
    mem_free(order);
    return write_model(t, o->caution, model, reterr);
}
