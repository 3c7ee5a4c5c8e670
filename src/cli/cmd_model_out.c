/* cmd_model_out.c - rows of numbers as CSV or JSON. See cmd_model.h. */
#include "cli/cmd_model.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_AT (64u << 10)
#define BUF_MAX (1u << 20)

static void fail(CmdModelOut *o, int errnum)
{
    if (errnum == EPIPE)
        o->closed = true;
    else if (o->err.kind == ERR_NONE)
        err_set_errno(&o->err, ERR_IO, errnum, "write %s", o->path ? o->path : "standard output");
}

static void flush(CmdModelOut *o)
{
    size_t done = 0;
    while (done < o->buf.len && !o->closed && o->err.kind == ERR_NONE) {
        ssize_t n = write(o->fd, o->buf.ptr + done, o->buf.len - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            fail(o, errno);
    }
    buf_clear(&o->buf);
}

static void flush_when_full(CmdModelOut *o)
{
    if (o->buf.len >= FLUSH_AT)
        flush(o);
}

/* ---- open, finish ---- */

static ErrKind open_file(CmdModelOut *o, const char *path, Err *reterr)
{
    struct stat st;
    o->path = mem_strdup(path);
    const char *opened = path;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) {
        CLEANUP(buf_done) Buf part = BUF(8192);
        buf_addf(&part, "%s.part-%ld", path, (long)getpid());
        o->part = mem_strdup(buf_cstr(&part));
        opened = o->part;
    }
    o->fd = open(opened, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (o->fd < 0) {
        mem_free(o->part);
        o->part = NULL;
        return err_set_errno(reterr, errno == EACCES ? ERR_DENIED : ERR_IO, errno, "create %s", path);
    }
    return ERR_NONE;
}

ErrKind cmd_model_out_open(CmdModelOut *o, const char *path, bool json, Err *reterr)
{
    *o = (CmdModelOut){.fd = STDOUT_FILENO, .buf = BUF(BUF_MAX), .is_json = json};
    o->json = jw(&o->buf);
    if (path)
        TRY(open_file(o, path, reterr));
    if (json) {
        jw_obj(&o->json);
        jw_key(&o->json, "columns");
        jw_arr(&o->json);
    }
    return ERR_NONE;
}

ErrKind cmd_model_out_finish(CmdModelOut *o, Err *reterr)
{
    if (o->is_json) {
        jw_end(&o->json);
        jw_end(&o->json);
        buf_add_char(&o->buf, '\n');
    }
    flush(o);
    if (o->err.kind == ERR_NONE && o->part && (fsync(o->fd) != 0 || rename(o->part, o->path) != 0))
        fail(o, errno);
    if (o->err.kind == ERR_NONE) {
        mem_free(o->part);
        o->part = NULL;
        return ERR_NONE;
    }
    if (reterr)
        *reterr = o->err;
    return o->err.kind;
}

void cmd_model_out_done(CmdModelOut *o)
{
    if (o->path && o->fd >= 0)
        close(o->fd);
    if (o->part)
        unlink(o->part);
    mem_free(o->part);
    mem_free(o->path);
    buf_done(&o->buf);
}

/* ---- cells ---- */

/* RFC 4180: quoted where it must be. */
static void add_name(Buf *out, Str name)
{
    bool quote = name.len == 0;
    for (size_t i = 0; i < name.len; i++)
        quote = quote || strchr(",\"\r\n", name.ptr[i]);
    if (!quote) {
        buf_add_str(out, name);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, name.ptr[i]);
    }
    buf_add_char(out, '"');
}

static void separate(CmdModelOut *o)
{
    if (o->n_cells++ > 0)
        buf_add_char(&o->buf, ',');
}

void cmd_model_out_column(CmdModelOut *o, Str name)
{
    if (o->is_json) {
        jw_str(&o->json, name);
    } else {
        separate(o);
        add_name(&o->buf, name);
    }
    flush_when_full(o);
}

void cmd_model_out_columns_end(CmdModelOut *o)
{
    if (o->is_json) {
        jw_end(&o->json);
        jw_key(&o->json, "rows");
        jw_arr(&o->json);
    } else {
        buf_add_char(&o->buf, '\n');
    }
}

void cmd_model_out_row(CmdModelOut *o)
{
    o->n_cells = 0;
    if (o->is_json)
        jw_arr(&o->json);
}

void cmd_model_out_row_end(CmdModelOut *o)
{
    if (o->is_json)
        jw_end(&o->json);
    else
        buf_add_char(&o->buf, '\n');
    flush_when_full(o);
}

/* CSV has words for what is not finite, JSON has null. */
static bool add_special(CmdModelOut *o, double v)
{
    if (o->is_json || isfinite(v))
        return false;
    buf_add_c(&o->buf, isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
    return true;
}

/* The text of a value alone, without the writer's comma. */
static void add_double(CmdModelOut *o, double v)
{
    Jw one = jw(&o->buf);
    jw_f64(o->is_json ? &o->json : &one, v);
    flush_when_full(o);
}

void cmd_model_out_double(CmdModelOut *o, double v)
{
    if (!o->is_json)
        separate(o);
    if (!add_special(o, v))
        add_double(o, v);
}

void cmd_model_out_float(CmdModelOut *o, float v)
{
    char text[40];
    if (!o->is_json)
        separate(o);
    if (add_special(o, (double)v))
        return;
    for (int digits = 6; digits <= 9 && isfinite(v); digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v)
            break;
    }
    if (!isfinite(v))
        jw_null(&o->json);
    else if (o->is_json)
        jw_raw(&o->json, str_from(text));
    else
        buf_add_c(&o->buf, text);
    flush_when_full(o);
}
