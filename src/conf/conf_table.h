/* conf_table.h - the settings. Adding one is adding a row; struct, file, variables, help and reference
 * follow.
 *
 * STR(field, key, default, doc)   INT|MS|BYTES(field, key, default, min, max, doc)   BOOL(field, key,
 * default, doc) field is the key with underscores; the variable is EHUB_ and the key in capitals. Defaults of
 * MS and BYTES are text with a unit, bounds are milliseconds and bytes. */
#ifndef EHUB_CONF_CONF_TABLE_H
#define EHUB_CONF_CONF_TABLE_H

/* clang-format off */
#define CONF_TABLE(STR, INT, MS, BYTES, BOOL) \
    STR(data_dir, "data.dir", "", "Directory of the private stack. Empty: /var/lib/ehub as root, else ~/.local/share/ehub.") \
    STR(log_level, "log.level", "info", "debug, info, warn, error or off.") \
    STR(http_listen, "http.listen", "127.0.0.1", "Address the server listens on.") \
    INT(http_port, "http.port", 8420, 1, 65535, "Port the server listens on.") \
    STR(http_tls_cert, "http.tls.cert", "", "PEM certificate chain. Empty: plain HTTP (for loopback or behind a proxy that ends TLS).") \
    STR(http_tls_key, "http.tls.key", "", "PEM private key for http.tls.cert.") \
    STR(http_trusted_proxies, "http.trusted_proxies", "", "Proxies in front of the server: addresses or networks (10.0.0.0/8), comma-separated. From them the client's address is the right-most one in X-Forwarded-For that is none of them; login limits and the audit use it. Empty: the header is ignored.") \
    INT(http_connections, "http.connections", 12000, 1, 1000000, "Open connections at once; further ones are closed at accept and counted.") \
    INT(http_connections_per_ip, "http.connections_per_ip", 12000, 1, 1000000, "Open connections from one address.") \
    MS(http_idle, "http.idle", "75s", 1000, 3600000, "An idle keep-alive connection is closed after this time.") \
    BYTES(http_body, "http.body", "1MiB", 1024, 1073741824, "Largest request body of a route that does not state its own.") \
    BYTES(http_headers, "http.headers", "16KiB", 4096, 1048576, "Memory of one connection for request line and headers.") \
    MS(http_deadline, "http.deadline", "10s", 100, 600000, "Time a request may take, from its last byte to its answer.") \
    MS(http_drain, "http.drain", "10s", 0, 600000, "On SIGTERM: time for running requests before the server stops.") \
    INT(rt_api_threads, "rt.api.threads", 8, 1, 512, "Threads of the pool for PostgreSQL work.") \
    INT(rt_api_queue, "rt.api.queue", 2048, 1, 1000000, "Requests that may wait for that pool; past it 503.") \
    INT(rt_cpu_threads, "rt.cpu.threads", 2, 1, 512, "Threads of the pool for scoring, hashing and scanning.") \
    INT(rt_cpu_queue, "rt.cpu.queue", 256, 1, 1000000, "Requests that may wait for that pool; past it 503.") \
    STR(pg_host, "pg.host", "", "Socket directory or host of PostgreSQL. Empty: the private instance in data.dir.") \
    INT(pg_port, "pg.port", 21432, 1, 65535, "Port of PostgreSQL.") \
    STR(pg_user, "pg.user", "ehub_app", "Role of the program: owns nothing, cannot bypass row-level security.") \
    STR(pg_password_file, "pg.password_file", "", "File with its password. Empty: secrets/ehub_app in data.dir.") \
    STR(pg_owner_user, "pg.owner.user", "ehub_owner", "Role that owns the schema; used only by migrations.") \
    STR(pg_owner_password_file, "pg.owner.password_file", "", "File with its password. Empty: secrets/ehub_owner in data.dir.") \
    STR(pg_sslmode, "pg.sslmode", "", "libpq's sslmode for TCP connections. Empty: prefer to loopback, else require, or verify-full with pg.sslrootcert.") \
    STR(pg_sslrootcert, "pg.sslrootcert", "", "PEM file of the authority that signed PostgreSQL's certificate.") \
    INT(pg_pool_size, "pg.pool.size", 8, 1, 512, "Connections to each shard.") \
    INT(pg_pool_queue, "pg.pool.queue", 1024, 0, 1000000, "Threads that may wait for a connection of a shard; past it busy.") \
    MS(pg_pool_wait, "pg.pool.wait", "2s", 1, 600000, "Longest wait for a connection.") \
    MS(pg_connect_timeout, "pg.connect_timeout", "5s", 100, 600000, "Longest time to open a connection.") \
    STR(pg_shard_hosts, "pg.shard.hosts", "", "Four host:port pairs, comma-separated, one for each shard. Empty: all on pg.host.") \
    MS(api_session_ttl, "api.session.ttl", "12h", 60000, 2592000000, "Life of a console session.") \
    MS(api_session_cache, "api.session.cache", "5s", 0, 600000, "How long a verified session or token is trusted without asking the database.") \
    INT(api_login_per_minute, "api.login.per_minute", 10, 1, 100000, "Login attempts a minute for one account and for one address.") \
    MS(live_heartbeat, "live.heartbeat", "15s", 100, 600000, "A comment is sent on a silent live stream after this time.") \
    BYTES(live_buffer, "live.buffer", "256KiB", 4096, 67108864, "Unsent bytes of one live stream; a client that is slower is dropped and counted.") \
    INT(live_streams_per_user, "live.streams_per_user", 32, 1, 1000000, "Live streams that one user may have open; further ones are refused with 429. A client that left without a word counts until a heartbeat finds it.") \
    BYTES(import_reject_limit, "import.reject_limit", "1GiB", 1024, 1099511627776, "Size of a rejects file at which an import stops.") \
    BOOL(pii_log, "pii.log", true, "Personal data in log lines and in error texts that clients see is made harmless (docs/reference/pii-policy.md, log).") \
    BOOL(pii_store, "pii.store", true, "Personal data in free text is made harmless before it is stored: the columns of docs/reference/pii-columns.md.") \
    STR(pii_custom, "pii.custom", "", "Folder with the tenants' own words, patterns and allow-lists: SLUG.yaml for the tenant with that slug. Checked at the start and read again at SIGHUP. Empty: none.") \
    STR(pii_packs, "pii.packs", "", "Countries whose identifiers are looked for too, comma-separated (uk,de).") \
    STR(pii_min_score, "pii.min_score", "0.4", "Findings less sure than this, 0 to 1, are left alone.") \
    STR(pii_key, "pii.key", "", "File with the key (`ehub pii key`) of the hashes in stored text. Empty: secrets/pii.key in data.dir, which `ehub up` makes; without it another key in each process, so that equal values cannot be recognised later.") \
    STR(pii_vault, "pii.vault", "", "Folder with the tenants' keys of tokens, apart from the database: what the policy for store tokenises is sealed under the key of its subject and can be turned back (`ehub pii restore`, POST /v1/pii/restore) until that key is destroyed. Needs the key of pii.key. Empty: it is redacted.") \
    MS(pii_audit_every, "pii.audit_every", "10s", 1000, 3600000, "How often the server writes the counts of findings to the database; at its end too.") \
    STR(scaling_config, "scaling.config", "", "Configuration of `ehub scaling start` (docs/how-to/scaling.md) whose state administrators see on the page Scaling and in GET /v1/scaling. Its $.state is to be an absolute path, or relative to the directory in which the server runs. Read at each request. Empty: the page says how to begin.") \
    INT(coach_nightly_hour, "coach.nightly_hour", 2, 0, 23, "Hour (UTC) at which predictions, effects and coaching are renewed for every tenant.")
/* clang-format on */

#endif
