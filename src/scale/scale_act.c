/* scale_act.c - see scale_act.h. */
#include "scale/scale_act.h"

#include "base/buf.h"
#include "base/jv.h"
#include "rt/deadline.h"
#include "scale/scale_http.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (1u << 20)

const char *const SCALE_ACTORS[] = {"advise", "haproxy", "kubernetes"};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* One command of HAProxy's runtime API, its answer into out. */
static ErrKind haproxy_ask(const ScaleConf *c, const char *command, Deadline by, Buf *out, Err *reterr)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (!str_copy(a.sun_path, sizeof a.sun_path, str_from(c->actor_at)))
        return err_set(reterr, ERR_INVALID, "$.actuator.socket: more than %zu bytes", sizeof a.sun_path - 1);
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "HAProxy at %s", c->actor_at);
    Str s = str_from(command);
    if (send(fd, s.ptr, s.len, MSG_NOSIGNAL) != (ssize_t)s.len || send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
        return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "HAProxy at %s", c->actor_at);
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        char part[8192];
        if (poll(&p, 1, deadline_left_ms(by)) <= 0)
            return err_set(reterr, ERR_TIMEOUT, "HAProxy at %s: no answer in time", c->actor_at);
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n < 0)
            return err_set_errno(reterr, ERR_UNAVAILABLE, errno, "HAProxy at %s", c->actor_at);
        if (n == 0)
            return buf_check(out, reterr);
        buf_add(out, part, (size_t)n);
    }
}

/* A row of "show servers state": its first columns. false: a heading. */
static bool server_row(Str line, Str column[static 7])
{
    Str left = str_trim(line);
    int k = 0;
    while (k < 7 && left.len > 0 && str_next(&left, ' ', &column[k]))
        k++;
    return k == 7 && line.ptr[0] != '#';
}

/* "show servers state BACKEND": after two lines, columns 4 and 6 are the server's name and the state an operator set. */
static ErrKind haproxy(const ScaleConf *c, int64_t replicas, Deadline by, Err *reterr)
{
    char command[700];
    CLEANUP(buf_done) Buf state = BUF(ANSWER_MAX);
    CLEANUP(buf_done) Buf answer = BUF(ANSWER_MAX);
    snprintf(command, sizeof command, "show servers state %s", c->actor_name);
    TRY(haproxy_ask(c, command, by, &state, reterr));
    Str rest = buf_str(&state), line;
    int64_t n = 0;
    while (rest.len > 0 && str_next(&rest, '\n', &line)) {
        Str column[7];
        if (!server_row(line, column))
            continue;
        n++;
        snprintf(command, sizeof command, "set server %s/%.*s state %s", c->actor_name,
                 (int)MIN(column[3].len, 256), column[3].ptr, n <= replicas ? "ready" : "drain");
        buf_clear(&answer);
        TRY(haproxy_ask(c, command, by, &answer, reterr));
        Str said = str_trim(buf_str(&answer));
        if (said.len > 0)
            return err_set(reterr, ERR_INVALID, "HAProxy: %s: %.*s", command, (int)MIN(said.len, 100),
                           said.ptr);
    }
    if (n == 0)
        return err_set(reterr, ERR_INVALID, "HAProxy at %s: backend %s has no servers", c->actor_at,
                       c->actor_name);
    if (n < replicas)
        return err_set(reterr, ERR_LIMIT,
                       "HAProxy: backend %s has %lld servers, %lld are wanted: all are ready", c->actor_name,
                       (long long)n, (long long)replicas);
    return ERR_NONE;
}

/* Asks the scale sub-resource of the Deployment. body STR_NULL: reads it. */
static ErrKind kubernetes_ask(const ScaleConf *c, Str body, Deadline by, Buf *answer, Err *reterr)
{
    CLEANUP(buf_done) Buf url = BUF(4096);
    Str name = str_from(c->actor_name), space;
    str_next(&name, '/', &space);
    buf_addf(&url, "%s/apis/apps/v1/namespaces/", c->actor_at);
    buf_add_str(&url, space);
    buf_add_c(&url, "/deployments/");
    buf_add_str(&url, name);
    buf_add_c(&url, "/scale");
    TRY(buf_check(&url, reterr));
    ScaleHttp r = {.method = body.len ? "PATCH" : "GET",
                   .url = buf_cstr(&url),
                   .type = body.len ? "application/merge-patch+json" : NULL,
                   .body = body,
                   .token_file = scale_conf_file(c->actor_token),
                   .ca_file = scale_conf_file(c->actor_ca)};
    return scale_http(&r, by, answer, reterr);
}

static ErrKind kubernetes(const ScaleConf *c, int64_t replicas, Deadline by, Err *reterr)
{
    CLEANUP(buf_done) Buf answer = BUF(ANSWER_MAX);
    char body[64];
    snprintf(body, sizeof body, "{\"spec\":{\"replicas\":%lld}}", (long long)replicas);
    return kubernetes_ask(c, str_from(body), by, &answer, reterr);
}

static ErrKind kubernetes_count(const ScaleConf *c, Deadline by, int64_t *ret, Err *reterr)
{
    CLEANUP(buf_done) Buf answer = BUF(ANSWER_MAX);
    CLEANUP(jv_freep) Jv *v = NULL;
    TRY(kubernetes_ask(c, STR_NULL, by, &answer, reterr));
    TRY(jv_parse(buf_str(&answer), &v, reterr));
    *ret = jv_get_i64(jv_get(v, "status"), "replicas", -1);
    return ERR_NONE;
}

/* "show servers state": columns 5 and 6 are what the checks and an operator say; 2 is running, 0 neither drained nor in maintenance. */
static ErrKind haproxy_count(const ScaleConf *c, Deadline by, int64_t *ret, Err *reterr)
{
    char command[700];
    CLEANUP(buf_done) Buf state = BUF(ANSWER_MAX);
    snprintf(command, sizeof command, "show servers state %s", c->actor_name);
    TRY(haproxy_ask(c, command, by, &state, reterr));
    Str rest = buf_str(&state), line, column[7];
    *ret = 0;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (server_row(line, column))
            *ret += str_eq_c(column[5], "2") && str_eq_c(column[6], "0");
    return ERR_NONE;
}

ErrKind scale_act_count(const ScaleConf *c, int64_t *ret, Err *reterr)
{
    Deadline by = deadline_in_ms(SCALE_ACT_COUNT_TIMEOUT_MS);
    *ret = -1;
    if (c->actor == SCALE_ACTOR_HAPROXY)
        return haproxy_count(c, by, ret, reterr);
    if (c->actor == SCALE_ACTOR_KUBERNETES)
        return kubernetes_count(c, by, ret, reterr);
    return ERR_NONE;
}

ErrKind scale_act(const ScaleConf *c, int64_t replicas, Err *reterr)
{
    Deadline by = deadline_in_ms(SCALE_ACT_TIMEOUT_MS);
    if (c->actor == SCALE_ACTOR_HAPROXY)
        return haproxy(c, replicas, by, reterr);
    if (c->actor == SCALE_ACTOR_KUBERNETES)
        return kubernetes(c, replicas, by, reterr);
    return ERR_NONE;
}
