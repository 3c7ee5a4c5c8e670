/* pg_conf.c - where the five databases are and how to log in, from the settings. */
#include "pg/pg_conf.h"

#include "base/file.h"
#include "pg/pg_shard.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* The first line of the file, or of secrets/<user> in the data directory. */
static ErrKind read_password(const Conf *conf, const char *file, const char *role, PgLogin *login,
                             Err *reterr)
{
    char path[768];
    int n = file[0] ? snprintf(path, sizeof(path), "%s", file)
                    : snprintf(path, sizeof(path), "%s/secrets/%s", conf->data_dir, role);
    if (n < 0 || (size_t)n >= sizeof(path))
        return err_set(reterr, ERR_LIMIT, "data.dir or the password file's path is too long");
    CLEANUP(buf_done) Buf content = BUF(sizeof(login->password));
    ErrKind kind = file_read(path, &content, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "password of %s", role);
    if (!str_copy(login->password, sizeof(login->password), str_trim(buf_str(&content))))
        return err_set(reterr, ERR_LIMIT, "%s: a password has at most %zu bytes", path,
                       sizeof(login->password) - 1);
    return ERR_NONE;
}

/* The shard's own "host:port" from pg.shard.hosts. An IPv6 address stands in brackets. */
static ErrKind shard_host(const char *hosts, int shard, PgLogin *login, Err *reterr)
{
    Str rest = str_from(hosts), pair = STR_NULL;
    int count = 0;
    for (Str piece; str_next(&rest, ',', &piece); count++)
        if (count == shard)
            pair = str_trim(piece);
    if (count != PG_SHARDS)
        return err_set(reterr, ERR_INVALID, "pg.shard.hosts: %d pairs, expected %d", count, PG_SHARDS);
    size_t colon = pair.len;
    while (colon > 0 && pair.ptr[colon - 1] != ':')
        colon--;
    int64_t port = 0;
    if (colon < 2 || !str_to_i64(str_slice(pair, colon, pair.len), &port) || port < 1 || port > 65535)
        return err_set(reterr, ERR_INVALID, "pg.shard.hosts: \"" STR_FMT "\" is not host:port",
                       STR_ARG(pair));
    Str host = str_slice(pair, 0, colon - 1);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = str_slice(host, 1, host.len - 1);
    if (!str_copy(login->host, sizeof(login->host), host))
        return err_set(reterr, ERR_LIMIT, "pg.shard.hosts: a host has at most %zu bytes",
                       sizeof(login->host) - 1);
    login->info.port = (int)port;
    return ERR_NONE;
}

/* A socket directory, or an address that does not leave the machine. */
static bool is_local(const char *host)
{
    Str h = str_from(host);
    return h.len == 0 || host[0] == '/' || host[0] == '@' || str_eq_nocase(h, STR("localhost")) ||
           str_starts(h, STR("127.")) || str_eq(h, STR("::1"));
}

/* Passwords and people's data cross the network encrypted unless the operator says otherwise. */
static const char *sslmode_for(const Conf *conf, const char *host)
{
    if (conf->pg_sslmode[0])
        return conf->pg_sslmode;
    if (is_local(host))
        return "prefer";
    return conf->pg_sslrootcert[0] ? "verify-full" : "require";
}

/* libpq takes a host for a directory of sockets only when it begins with a slash. */
static int private_host(const Conf *conf, char *out, size_t size)
{
    char real[PATH_MAX];
    bool relative = conf->data_dir[0] != '/';
    return snprintf(out, size, "%s/run", relative && realpath(conf->data_dir, real) ? real : conf->data_dir);
}

ErrKind pg_conf_login(const Conf *conf, bool as_owner, int database, PgLogin *ret, Err *reterr)
{
    *ret = (PgLogin){.info = {.port = (int)conf->pg_port,
                              .sslrootcert = conf->pg_sslrootcert,
                              .application_name = "ehub"}};
    ret->info.user = as_owner ? conf->pg_owner_user : conf->pg_user;
    const char *file = as_owner ? conf->pg_owner_password_file : conf->pg_password_file;
    TRY(read_password(conf, file, as_owner ? "ehub_owner" : "ehub_app", ret, reterr));
    int n = conf->pg_host[0] ? snprintf(ret->host, sizeof(ret->host), "%s", conf->pg_host)
                             : private_host(conf, ret->host, sizeof(ret->host));
    if (n < 0 || (size_t)n >= sizeof(ret->host))
        return err_set(reterr, ERR_LIMIT, "pg.host or data.dir is too long");
    if (database == PG_CONF_CONTROL) {
        (void)snprintf(ret->dbname, sizeof(ret->dbname), "ehub_control");
    } else {
        (void)snprintf(ret->dbname, sizeof(ret->dbname), "ehub_shard_%d", database);
        if (conf->pg_shard_hosts[0])
            TRY(shard_host(conf->pg_shard_hosts, database, ret, reterr));
    }
    ret->info.sslmode = sslmode_for(conf, ret->host);
    ret->info.host = ret->host;
    ret->info.dbname = ret->dbname;
    ret->info.password = ret->password;
    return ERR_NONE;
}
