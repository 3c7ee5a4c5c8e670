/* cmd_pii.h - what the leaves of `ehub pii` share: the scanner of the options, input and output of a stream.
 *
 * Threads: one. A new leaf: declare it here, list it in cmd_pii.c. */
#ifndef EHUB_CLI_CMD_PII_H
#define EHUB_CLI_CMD_PII_H

#include "base/buf.h"
#include "base/jv.h"
#include "base/jw.h"
#include "cli/cli.h"
#include "pii/pii_custom.h"
#include "pii/pii_stream.h"

#define CMD_PII_LINE_MAX (16u << 20) /* of JSON lines */
#define CMD_PII_MODEL_MAX (64u << 20)

#define CMD_PII_FINDER_OPTIONS                                                                               \
    {"types", CLI_TEXT, "A,B", "Look for these types only (default: all but those of packs)"},               \
        {"packs", CLI_TEXT, "uk,de", "Look for identifiers of these countries too; \"all\" for all packs"},  \
        {"min-score", CLI_TEXT, "S", "Leave out findings less sure than S, 0 to 1 (default: 0.4)"},          \
        {"no-names", CLI_FLAG, NULL, "Structured classes only: no names, places, organisations, addresses"}, \
        {"model", CLI_TEXT, "FILE", "The tagger of ehub pii train (default: the one built in)"},             \
    {                                                                                                        \
        "custom", CLI_TEXT, "FILE", "YAML file with words, patterns and an allow-list of your own"           \
    }
#define CMD_PII_FORMAT_OPTION                                                                              \
    {                                                                                                      \
        "format", CLI_TEXT, "text|jsonl", "text: one stream; jsonl: lines {\"text\": ...} (default: text)" \
    }

/* The scanner that the options ask for, with what it needs to live. */
typedef struct CmdPii {
    PiiScanner *scanner;
    PiiScratch *scratch;
    PiiCustom *custom;
    Buf model;
} CmdPii;
ErrKind MUST_USE cmd_pii_scanner(const CliCall *call, CmdPii *ret, Err *reterr);
void cmd_pii_done(CmdPii *p);
/* --option FIRST|SECOND, FIRST by default. */
ErrKind MUST_USE cmd_pii_choice(const CliCall *call, const char *option, const char *first,
                                const char *second, bool *ret_second, Err *reterr);

/* The values of a CLI_LIST: how many. */
int cmd_pii_list(const CliCall *call, const char *option, const char *const **ret);

/* FILE, or standard input without it or for "-". Progress is shown when it is a file with a length, after a second. */
typedef struct CmdPiiIn {
    int fd;
    const char *name;
    uint64_t length, done; /* length 0: unknown */
    int64_t opened_us;
} CmdPiiIn;
ErrKind MUST_USE cmd_pii_in_open(CmdPiiIn *in, const char *path, Err *reterr);
void cmd_pii_in_done(CmdPiiIn *in);

/* Standard output. A reader that goes away ends the output quietly: `closed`, and the kind is ERR_CANCELLED inside. */
typedef struct CmdPiiOut {
    Buf buf;
    bool closed;
} CmdPiiOut;
#define CMD_PII_OUT ((CmdPiiOut){.buf = BUF(128u << 20)})
ErrKind MUST_USE cmd_pii_flush(CmdPiiOut *out, Err *reterr);
/* Writes when there is much; call it after each line or piece. */
ErrKind MUST_USE cmd_pii_wrote(CmdPiiOut *out, Err *reterr);
/* Turns the ERR_CANCELLED of a closed output into success, flushes otherwise. */
ErrKind MUST_USE cmd_pii_finish(CmdPiiOut *out, ErrKind kind, Err *reterr);

/* Reads bytes; before it would block, what was written goes out. */
ErrKind MUST_USE cmd_pii_read(CmdPiiIn *in, CmdPiiOut *out, char *bytes, size_t len, size_t *ret_n,
                              Err *reterr);

/* Lines of JSON. Each good line goes to fn, which adds one line to out; a bad one gives {"line": N, "error": "..."} and
 * is counted; ERR_INVALID at the end when there were any. */
typedef ErrKind CmdPiiLineFn(void *arg, const Jv *line, Str text, Buf *out, Err *reterr);
ErrKind MUST_USE cmd_pii_lines(CmdPiiIn *in, CmdPiiOut *out, CmdPiiLineFn *fn, void *arg, Err *reterr);

/* Adds to *ret the spans of any text, with 64-bit offsets. Free with mem_free. */
typedef struct CmdPiiSpan {
    uint64_t start, end;
    PiiType type;
    uint16_t rule;
    float score;
} CmdPiiSpan;
typedef struct CmdPiiSpans {
    CmdPiiSpan *spans;
    size_t n, cap;
    bool codepoints;
    bool also; /* one more for each type that the same bytes may be as well */
} CmdPiiSpans;
ErrKind MUST_USE cmd_pii_scan_all(const CmdPii *p, Str text, CmdPiiSpans *spans, Err *reterr);
void cmd_pii_span_json(Jw *w, const CmdPiiSpan *s);
/* The spans of a piece with the offsets of the stream. */
void cmd_pii_spans_of(const PiiPiece *p, CmdPiiSpans *spans);

/* Text of at least len bytes for ehub pii bench, with a value about every so many bytes; the same at each call. Returns the
 * number of values. */
size_t cmd_pii_bench_text(Buf *out, size_t len, size_t bytes_a_value);

/* The leaves of this folder, listed in cmd_pii.c. */
extern const CliCmd CMD_PII_BENCH;
extern const CliCmd CMD_PII_ERASE;
extern const CliCmd CMD_PII_EVALUATE;
extern const CliCmd CMD_PII_KEY;
extern const CliCmd CMD_PII_REPORT;
extern const CliCmd CMD_PII_REDACT;
extern const CliCmd CMD_PII_RESTORE;
extern const CliCmd CMD_PII_SCAN;
extern const CliCmd CMD_PII_TRAIN;
extern const CliCmd CMD_PII_TYPES;

#endif
