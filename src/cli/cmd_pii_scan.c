/* cmd_pii_scan.c - ehub pii scan: text to findings. */
#include "base/mem.h"
#include "cli/cmd_pii.h"

typedef struct Scan {
    CmdPii pii;
    CmdPiiIn in;
    CmdPiiOut out;
    CmdPiiSpans spans; /* of the line or piece */
} Scan;

static ErrKind read_bytes(void *arg, char *bytes, size_t len, size_t *ret_n, Err *reterr)
{
    Scan *s = arg;
    return cmd_pii_read(&s->in, &s->out, bytes, len, ret_n, reterr);
}

static ErrKind print_piece(void *arg, const PiiPiece *p, Err *reterr)
{
    Scan *s = arg;
    s->spans.n = 0;
    cmd_pii_spans_of(p, &s->spans);
    for (size_t i = 0; i < s->spans.n; i++) {
        Jw w = jw(&s->out.buf);
        cmd_pii_span_json(&w, &s->spans.spans[i]);
        buf_add_char(&s->out.buf, '\n');
        TRY(cmd_pii_wrote(&s->out, reterr));
    }
    return ERR_NONE;
}

static ErrKind print_line(void *arg, const Jv *line, Str text, Buf *out, Err *reterr)
{
    (void)line;
    Scan *s = arg;
    s->spans.n = 0;
    TRY(cmd_pii_scan_all(&s->pii, text, &s->spans, reterr));
    Jw w = jw(out);
    jw_obj(&w);
    jw_key(&w, "spans");
    jw_arr(&w);
    for (size_t i = 0; i < s->spans.n; i++)
        cmd_pii_span_json(&w, &s->spans.spans[i]);
    jw_end(&w);
    jw_end(&w);
    return ERR_NONE;
}

static ErrKind scan(const CliCall *call, Scan *s, Err *reterr)
{
    bool jsonl;
    TRY(cmd_pii_choice(call, "format", "text", "jsonl", &jsonl, reterr));
    TRY(cmd_pii_choice(call, "offsets", "bytes", "codepoints", &s->spans.codepoints, reterr));
    s->spans.also = true;
    TRY(cmd_pii_scanner(call, &s->pii, reterr));
    TRY(cmd_pii_in_open(&s->in, call->n_args > 0 ? call->args[0] : NULL, reterr));
    PiiStream stream = {.scanner = s->pii.scanner,
                        .scratch = s->pii.scratch,
                        .codepoints = s->spans.codepoints,
                        .read = read_bytes,
                        .piece = print_piece,
                        .arg = s};
    ErrKind kind =
        jsonl ? cmd_pii_lines(&s->in, &s->out, print_line, s, reterr) : pii_stream(&stream, reterr);
    return cmd_pii_finish(&s->out, kind, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    Scan s = {.out = CMD_PII_OUT};
    ErrKind kind = scan(call, &s, reterr);
    cmd_pii_in_done(&s.in);
    cmd_pii_done(&s.pii);
    buf_done(&s.out.buf);
    mem_free(s.spans.spans);
    return kind;
}

#define X(name, what) "  " #name ": " what "\n"
const CliCmd CMD_PII_SCAN = {
    .name = "scan",
    .help = "Print the personal data found in text: type, place, score and rule",
    .details =
        "Reads FILE or standard input. Each finding is a JSON object on a line of its own: {\"type\", "
        "\"start\", "
        "\"end\", \"score\", \"rule\"}; end is exclusive, and start counts from the beginning of the stream. "
        "Any "
        "bytes are accepted and streams may be of any length.\n\nWith --format jsonl every line is an object "
        "{\"text\": ...} and gives, in order, one line {\"spans\": [...]} with offsets within the text. "
        "Another line "
        "gives {\"line\": N, \"error\": ...}, and the exit status is 65 at the end.\n\nTypes (and with "
        "--packs those of ehub pii types):\n" PII_TYPES(X),
    .args = "[FILE]",
    .max_args = 1,
    .options =
        (const CliOption[]){
            CMD_PII_FORMAT_OPTION,
            {"offsets", CLI_TEXT, "bytes|codepoints", "What start and end count (default: bytes)"},
            CMD_PII_FINDER_OPTIONS,
            {0},
        },
    .run = run,
    .no_conf = true,
};
#undef X
