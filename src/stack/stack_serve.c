#include "stack/stack_serve.h"

#include "base/crypto.h"
#include "base/file.h"
#include "rt/rt_signal.h"
#include "stack/stack_env.h"
#include "stack/stack_log.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define CERTIFICATE_DAYS 3650
#define PROBE_MS 2000
#define POLL_MS 20
#define PORT_LIMIT 32768

static ErrKind resolve(const char *host, int port, struct addrinfo **ret, Err *reterr)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    int why = getaddrinfo(host, service, &hints, ret);
    if (why != 0)
        return err_set(reterr, ERR_INVALID, "http.listen: \"%s\" is not an address (%s)", host,
                       gai_strerror(why));
    return ERR_NONE;
}

/* 0: free, else errno. */
static ErrKind probe_port(const char *address, int port, int *ret_errno, Err *reterr)
{
    struct addrinfo *a;
    TRY(resolve(address, port, &a, reterr));
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    *ret_errno = 0;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, 1) != 0)
        *ret_errno = errno;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(a);
    return ERR_NONE;
}

ErrKind stack_serve_port(const char *address, int wanted, int *ret_port, Err *reterr)
{
    int why;
    TRY(probe_port(address, wanted, &why, reterr));
    *ret_port = wanted;
    if (why == 0)
        return ERR_NONE;
    if (why != EADDRINUSE)
        return err_set_errno(reterr, why == EACCES ? ERR_DENIED : ERR_UNAVAILABLE, why,
                             "cannot listen on %s port %d", address, wanted);
    for (int port = wanted + 1;
         wanted == STACK_PORT_DEFAULT && port < PORT_LIMIT && port <= wanted + STACK_PORT_TRIES; port++) {
        TRY(probe_port(address, port, &why, reterr));
        *ret_port = port;
        if (why == 0)
            return ERR_NONE;
    }
    return err_set(reterr, ERR_CONFLICT, "port %d on %s is taken by another program; choose one with --port",
                   wanted, address);
}

ErrKind stack_serve_certificate(const StackDir *d, char cert[static PATH_MAX], char key[static PATH_MAX],
                                Err *reterr)
{
    stack_path(d, "tls/cert.pem", cert);
    stack_path(d, "tls/key.pem", key);
    if (file_exists(cert) && file_exists(key))
        return ERR_NONE;
    unlink(cert); /* half a pair is of no use */
    unlink(key);
    return crypto_self_signed(cert, key, CERTIFICATE_DAYS, reterr);
}

/* An address that means "all of them" is reached over loopback. */
static const char *reachable(const char *address)
{
    if (strcmp(address, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(address, "::") == 0 ? "::1" : address;
}

void stack_serve_url(const Conf *conf, char out[static 128])
{
    const char *host = reachable(conf->http_listen);
    bool v6 = strchr(host, ':') != NULL;
    snprintf(out, 128, "%s://%s%.60s%s:%d", conf->http_tls_cert[0] ? "https" : "http", v6 ? "[" : "", host,
             v6 ? "]" : "", (int)conf->http_port);
}

ErrKind stack_serve_start(const StackDir *d, const char *const *argv, RtChild **ret, Err *reterr)
{
    char log[PATH_MAX];
    stack_path(d, "logs/serve.log", log);
    CLEANUP(stack_env_done) StackEnv env;
    stack_env_init(&env);
    /* SIGKILL at the death of the supervisor: it holds no state, and its port must be free for the next start. */
    RtChildConf child = {.name = "serve",
                         .argv = argv,
                         .env = env.list,
                         .log_path = log,
                         .death_signal = SIGKILL,
                         .new_session = true};
    return rt_child_start(&child, ret, reterr);
}

static bool ask_ready(int fd)
{
    static const char request[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[64];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)sizeof request - 1)
        return false;
    if (poll(&p, 1, PROBE_MS) <= 0)
        return false;
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    return n > 0 && str_starts((Str){answer, (size_t)n}, STR("HTTP/1.1 200 "));
}

bool stack_serve_answers(const Conf *conf)
{
    struct addrinfo *a;
    if (resolve(reachable(conf->http_listen), (int)conf->http_port, &a, NULL))
        return false;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0;
    freeaddrinfo(a);
    if (ok && !conf->http_tls_cert[0])
        ok = ask_ready(fd);
    if (fd >= 0)
        close(fd);
    return ok;
}

ErrKind stack_serve_wait(const StackDir *d, const Conf *conf, RtChild *serve, Deadline by, Err *reterr)
{
    for (;;) {
        if (rt_child_ended(serve, NULL))
            return stack_log_why(d, "logs/serve.log", "the server ended while starting", reterr);
        if (stack_serve_answers(conf))
            return ERR_NONE;
        if (rt_signal_stop_requested())
            return err_set(reterr, ERR_CANCELLED, "stopped by a signal");
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "the server does not answer in time; see %s/logs/serve.log",
                           d->root);
        clock_sleep_ms(POLL_MS);
    }
}
