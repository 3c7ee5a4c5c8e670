/* crm_csv.h - reads CSV as CRMs really export it: one record at a time, flat memory, faults named and
 * survived.
 *
 *     file --decode (BOM, UTF-16, windows-1252)--> text --records--> fields | fault with line and column
 *
 * Format:   RFC 4180 (quotes, doubled quotes, line breaks inside quotes), and beyond it: LF, CRLF and lone CR
 * each end a record, the delimiter is one of , ; tab | and detected in the first line, blank lines are
 * skipped, a quote in the middle of an unquoted field is an ordinary character. Faults:   a damaged record is
 * returned with its fault; reading goes on with the next one. After a broken quote it goes on with the line
 * after the one where that quote was opened: nothing is swallowed silently.
 * Owner:    crm_csv_open .. crm_csv_free. A record and its fields live until the next call.
 * Threads:  one at a time; blocks on the disk.
 * Limits:   CRM_CSV_RECORD_MAX bytes a record, CRM_CSV_FIELD_MAX a field, CRM_CSV_FIELDS_MAX fields; beyond:
 *           a fault.
 * Memory:   4 * CRM_CSV_RECORD_MAX and two small buffers, whatever the size of the file.
 * Errors:   NOT_FOUND, DENIED, IO naming the path; INVALID for what is no regular file. */
#ifndef EHUB_CRM_CRM_CSV_H
#define EHUB_CRM_CRM_CSV_H

#include "base/err.h"
#include "base/str.h"

#define CRM_CSV_RECORD_MAX (1u << 20)
#define CRM_CSV_FIELD_MAX (64u << 10)
#define CRM_CSV_FIELDS_MAX 8192

typedef enum CrmEncoding {
    CRM_ENCODING_AUTO, /* UTF-8, or UTF-16 where the first bytes show it */
    CRM_ENCODING_UTF8,
    CRM_ENCODING_UTF16LE,
    CRM_ENCODING_UTF16BE,
    CRM_ENCODING_WINDOWS_1252, /* and ISO 8859-1, of which it is a superset in print */
} CrmEncoding;

/* X(name, message after "line L, column C: ") */
#define CRM_CSV_FAULTS(X)                                                               \
    X(NONE, "")                                                                         \
    X(OPEN_QUOTE, "the quote opened here is never closed")                              \
    X(AFTER_QUOTE, "text after a closing quote")                                        \
    X(BAD_UTF8, "not valid UTF-8 (if the file is windows-1252, say so in the mapping)") \
    X(NUL, "a NUL byte")                                                                \
    X(LONG_FIELD, "a field longer than 65536 bytes")                                    \
    X(LONG_RECORD, "a row longer than 1048576 bytes")                                   \
    X(MANY_FIELDS, "more than 8192 fields")

typedef enum CrmCsvFault {
#define X(name, text) CRM_CSV_##name,
    CRM_CSV_FAULTS(X)
#undef X
} CrmCsvFault;

typedef struct CrmCsvRecord {
    int64_t line;   /* where it starts, from 1; line breaks inside quotes count */
    int64_t offset; /* of the first byte after it: for crm_csv_seek */
    int64_t next_line;
    Str raw; /* as it stands (decoded), without its line end; cut at CRM_CSV_RECORD_MAX */
    const Str *fields;
    int n_fields; /* 0 when there is a fault */
    CrmCsvFault fault;
    int64_t fault_line;
    int64_t fault_column; /* in bytes, from 1 */
} CrmCsvRecord;

typedef struct CrmCsv CrmCsv;

/* delimiter 0: detect. */
ErrKind MUST_USE crm_csv_open(const char *path, CrmEncoding encoding, char delimiter, CrmCsv **ret,
                              Err *reterr);
/* The same from memory, which must outlive the reader. */
ErrKind MUST_USE crm_csv_open_mem(Str bytes, CrmEncoding encoding, char delimiter, CrmCsv **ret, Err *reterr);
void crm_csv_free(CrmCsv *c);
DEFINE_FREEP(CrmCsv, crm_csv_free)

/* *ret is NULL at the end. Only I/O fails. */
ErrKind MUST_USE crm_csv_next(CrmCsv *c, const CrmCsvRecord **ret, Err *reterr);
/* Goes on behind a record that was read earlier, by another reader of the same file perhaps. */
ErrKind MUST_USE crm_csv_seek(CrmCsv *c, int64_t offset, int64_t line, Err *reterr);

CrmEncoding crm_csv_encoding(const CrmCsv *c); /* never AUTO */
char crm_csv_delimiter(const CrmCsv *c);
int64_t crm_csv_bytes_read(const CrmCsv *c); /* of the file, for progress */
int64_t crm_csv_size(const CrmCsv *c);
const char *crm_csv_fault_text(CrmCsvFault fault);

#endif
