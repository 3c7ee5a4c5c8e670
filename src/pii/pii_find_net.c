/* pii_find_net.c - e-mail, web and domain names, internet and hardware addresses. */
#include "pii/pii_find.h"

/* ---- e-mail ---- */

/* The name of a host at `at`: labels with dots, the last one of letters. Returns its end; 0: no such name. */
static size_t host_end(const PiiFinder *f, size_t at, size_t *ret_tld)
{
    size_t end = at;
    for (size_t n = 1; n && end < f->n && end - at < 255; end += n) {
        n = pii_alnum_at(f, end);
        if (!n)
            n = pii_is(f->p[end], PII_HOST) || pii_is_wide_letter(f, end);
    }
    end = MIN(end, at + 255);
    if (end - at == 255 && end < f->n && pii_is(f->p[end], PII_HOST))
        return 0;
    size_t letters_last = MIN(pii_letters_before(f, end), end - at); /* the usual name, in one look */
    if (letters_last >= 2 && letters_last < 64 && end - letters_last >= at + 2 &&
        f->p[end - letters_last - 1] == '.' && f->p[end - letters_last - 2] != '.') {
        *ret_tld = end - letters_last;
        return end;
    }
    for (;;) {
        while (end > at && !pii_is(f->p[end - 1], PII_DIGIT | PII_ALPHA) &&
               (unsigned char)f->p[end - 1] < 0x80)
            end--;
        size_t tld = end;
        while (tld > at && f->p[tld - 1] != '.')
            tld--;
        if (tld == at)
            return 0;
        Str last = {f->p + tld, end - tld};
        bool letters = last.len >= 2;
        for (size_t i = tld; i < end; i++)
            letters = letters && (pii_is(f->p[i], PII_ALPHA) || (unsigned char)f->p[i] >= 0x80);
        if ((letters || (last.len > 4 && str_eq_nocase((Str){last.ptr, 4}, STR("xn--")))) && tld - at >= 2 &&
            f->p[tld - 2] != '.') {
            *ret_tld = tld;
            return end;
        }
        end = tld - 1;
    }
}

static bool has_empty_label(const PiiFinder *f, size_t at, size_t end)
{
    for (size_t i = at; i + 1 < end; i++)
        if (f->p[i] == '.' && f->p[i + 1] == '.')
            return true;
    return f->p[at] == '.' || f->p[at] == '-';
}

/* In "o’brien": a quotation mark as well, but not between two letters. `start` may be inside of it. */
static bool is_apostrophe_before(const PiiFinder *f, size_t start)
{
    for (size_t i = start > 3 ? start - 3 : 1; i < start; i++)
        if (i + 3 < f->n && memcmp(f->p + i, "\xe2\x80\x99", 3) == 0)
            return pii_is(f->p[i - 1], PII_ALPHA) && pii_is(f->p[i + 3], PII_ALPHA);
    return false;
}

/* "postgres://bob:secret@host": what stands before the @ is a password. */
static bool is_password(const PiiFinder *f, size_t start)
{
    size_t i = start;
    if (pii_before(f, i) != ':')
        return false;
    while (i > 0 && start - i < 64 && f->p[i - 1] != '/' && pii_is_part(f, i - 1, PII_LINK))
        i--;
    return i >= 3 && f->p[i - 1] == '/' && f->p[i - 2] == '/' && f->p[i - 3] == ':';
}

void pii_find_email(PiiFinder *f, size_t at)
{
    size_t start = at, tld;
    if (!pii_wants(f->s, PII_EMAIL_ADDRESS))
        return;
    while (start > 0 && at - start < 64 &&
           (pii_is_part(f, start - 1, PII_LOCAL) || is_apostrophe_before(f, start)))
        start--;
    while (start < at && !pii_is(f->p[start], PII_DIGIT | PII_ALPHA) && f->p[start] != '_' &&
           (unsigned char)f->p[start] < 0x80)
        start++;
    if (start == at || f->p[at - 1] == '.' || is_password(f, start))
        return;
    size_t end = host_end(f, at + 1, &tld);
    if (!end || has_empty_label(f, at + 1, end))
        return;
    pii_put_whole(f, PII_RULE_EMAIL, start, end, 1.0f);
}

/* ---- internet addresses ---- */

/* Four numbers up to 255 at i; the end, or 0. */
static size_t ipv4_end(const PiiFinder *f, size_t i)
{
    for (int part = 0; part < 4; part++) {
        size_t n = pii_digits_at(f, i);
        if (n < 1 || n > 3 || pii_value(f->p + i, n) > 255)
            return 0;
        i += n;
        if (part < 3 && pii_at(f, i++) != '.')
            return 0;
    }
    return i;
}

/* "/24" behind an address; or i. */
static size_t mask_end(const PiiFinder *f, size_t i, unsigned most)
{
    if (pii_at(f, i) != '/')
        return i;
    size_t n = pii_digits_at(f, i + 1), end = i + 1 + n;
    return n >= 1 && n <= 3 && pii_value(f->p + i + 1, n) <= most && !pii_is_word_at(f, end) ? end : i;
}

void pii_find_ipv4(PiiFinder *f, const PiiNumber *num, int i)
{
    size_t start = num->g[i].start;
    char b = pii_before(f, start);
    if (num->g[i].len > 3 || num->g[i].sep != PII_SEP_DOT || !pii_wants(f->s, PII_IP_ADDRESS) || b == '.' ||
        b == '-')
        return;
    size_t end = ipv4_end(f, start);
    if (!end || pii_is_word_at(f, end) || (pii_at(f, end) == '.' && pii_is(pii_at(f, end + 1), PII_DIGIT)))
        return;
    pii_context(f, start, end);
    if (f->near[PII_CTX_VERSION] <= 1)
        pii_put(f, PII_RULE_IPV4, start, mask_end(f, end, 32), 0.3f);
    else
        pii_put_whole(f, PII_RULE_IPV4, start, mask_end(f, end, 32), 0.85f);
}

/* The whole of p[start..end) is an address of version 6. */
static bool is_ipv6(const PiiFinder *f, size_t start, size_t end)
{
    int groups = 0;
    bool gap = false;
    size_t i = start;
    while (i < end) {
        if (f->p[i] == ':') {
            if (i + 1 < end && f->p[i + 1] == ':') {
                if (gap)
                    return false;
                gap = true;
                i += 2;
                continue;
            }
            if (i == start || i + 1 == end || f->p[i - 1] == ':')
                return false;
            i++;
        }
        size_t n = 0;
        while (i + n < end && pii_is(f->p[i + n], PII_HEX))
            n++;
        if (i + n < end && f->p[i + n] == '.') {
            if (ipv4_end(f, i) != end)
                return false;
            groups += 2;
            break;
        }
        if (n < 1 || n > 4)
            return false;
        groups++;
        i += n;
        if (i < end && f->p[i] != ':')
            return false;
    }
    return gap ? groups <= 7 : groups == 8;
}

static void ipv6(PiiFinder *f, size_t start, size_t end)
{
    while (end > start && f->p[end - 1] == '.')
        end--;
    if (end - start > 2 && f->p[end - 1] == ':' && f->p[end - 2] != ':')
        end--; /* "from fe80::1: refused" */
    if (end - start > 48 || !is_ipv6(f, start, end))
        return;
    size_t stop = end;
    if (pii_at(f, stop) == '%' && pii_is_word_at(f, stop + 1)) {
        stop++;
        while (stop < f->n && stop - end < 16 &&
               (pii_is(f->p[stop], PII_DIGIT | PII_ALPHA) || f->p[stop] == '_' || f->p[stop] == '-'))
            stop++;
    }
    bool digits = false;
    for (size_t i = start; i < end; i++)
        digits = digits || pii_is(f->p[i], PII_DIGIT);
    if (!digits && end - start > 2) /* "a::b" is more often a name of a program's */
        pii_put(f, PII_RULE_IPV6, start, mask_end(f, stop, 128), end - start < 12 ? 0.35f : 0.9f);
    else if (end - start <= 2)
        pii_put(f, PII_RULE_IPV6, start, mask_end(f, stop, 128), 0.45f);
    else
        pii_put_whole(f, PII_RULE_IPV6, start, mask_end(f, stop, 128), 0.9f);
}

/* ---- hardware addresses ---- */

/* size bytes each, the same separator, at start; the end or 0. */
static size_t mac_end(const PiiFinder *f, size_t start, int groups, int size, char sep)
{
    size_t i = start;
    unsigned all = 0, any = 0xf;
    for (int g = 0; g < groups; g++) {
        for (int k = 0; k < size; k++, i++) {
            char c = pii_at(f, i);
            if (!pii_is(c, PII_HEX))
                return 0;
            unsigned v =
                ((unsigned)c & 15) + 9 * ((unsigned)c >> 6); /* a letter is 9 more than its last bits */
            all |= v;
            any &= v;
        }
        if (g + 1 < groups && pii_at(f, i++) != sep)
            return 0;
    }
    bool none = all == 0 || any == 0xf; /* no address, and every one's */
    return none || pii_is_word_at(f, i) || (pii_at(f, i) == sep && pii_is_word_at(f, i + 1)) ? 0 : i;
}

/* A word, or more groups, touch what begins at `start`. */
static bool goes_before(const PiiFinder *f, size_t start, char sep)
{
    return pii_is_word_before(f, start) || (pii_before(f, start) == sep && pii_is_word_before(f, start - 1));
}

/* Returns the end; 0: none. */
static size_t mac(PiiFinder *f, size_t start, int groups, int size, char sep)
{
    size_t end = mac_end(f, start, groups, size, sep);
    if (end && sep == '.')
        pii_put(f, PII_RULE_MAC, start, end, 0.7f);
    else if (end)
        pii_put_whole(f, PII_RULE_MAC, start, end, 0.9f);
    return end;
}

/* "0012.3456.789a", as Cisco writes it. */
void pii_find_mac_dot(PiiFinder *f, size_t start)
{
    if (pii_wants(f->s, PII_MAC_ADDRESS) && !goes_before(f, start, '.'))
        (void)mac(f, start, 3, 4, '.');
}

void pii_find_mac_dash(PiiFinder *f, size_t dash)
{
    if (dash >= 2 && pii_wants(f->s, PII_MAC_ADDRESS) && !goes_before(f, dash - 2, '-'))
        (void)mac(f, dash - 2, 6, 2, '-');
}

/* ---- web addresses ---- */

static size_t link_end(const PiiFinder *f, size_t at)
{
    size_t end = at;
    for (size_t n = 1; n && end < f->n && end - at < 2048; end += n) {
        n = pii_alnum_at(f, end);
        if (!n)
            n = pii_is_part(f, end, PII_LINK);
    }
    end = MIN(end, at + 2048);
    for (;;) {
        char c = end > at ? f->p[end - 1] : 'x';
        if (c == ')' && memchr(f->p + at, '(', end - at))
            return end;
        if (c != '.' && c != ',' && c != ';' && c != ':' && c != '!' && c != '?' && c != '\'' && c != ')' &&
            c != ']' && c != '*')
            return end;
        end--;
    }
}

/* A text that is a quoted address and nothing else is replaced with its quotes. */
static void put_link(PiiFinder *f, PiiRule rule, size_t start, size_t end, float score)
{
    char q = pii_before(f, start);
    if ((q == '"' || q == '\'') && pii_at(f, end) == q && pii_is_lone(f, start - 1, end + 1))
        pii_put(f, rule, start - 1, end + 1, score);
    else
        pii_put(f, rule, start, end, score);
}

static bool is_scheme(Str s)
{
    static const char *const KNOWN[] = {
        "http",     "https",      "ftp",   "ftps",  "sftp",   "ssh",     "ws",          "wss",
        "postgres", "postgresql", "mysql", "redis", "rediss", "mongodb", "mongodb+srv", "amqp",
        "amqps",    "ldap",       "ldaps", "smtp",  "smtps",  "imap",    "imaps",       "git",
        "svn",      "rtsp",       "sip",   "s3",    "jdbc",   "kafka",   "mqtt"};
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
        if (s.len && (s.ptr[0] | 32) == KNOWN[i][0] && str_eq_nocase(s, str_from(KNOWN[i])))
            return true;
    return false;
}

/* at: the ':' of "://". */
static void web(PiiFinder *f, size_t at)
{
    size_t start = at, host = at + 3, tld, end = link_end(f, at + 3);
    while (start > 0 && at - start < 12 &&
           (pii_is(f->p[start - 1], PII_ALPHA | PII_DIGIT) || f->p[start - 1] == '+'))
        start--;
    if (!is_scheme((Str){f->p + start, at - start}))
        return;
    size_t at_sign = 0; /* the last one before the path ends user:password */
    for (size_t i = host; i < end && f->p[i] != '/' && f->p[i] != '?'; i++)
        if (f->p[i] == '@')
            at_sign = i;
    if (at_sign) {
        const char *colon = memchr(f->p + host, ':', at_sign - host);
        size_t secret = colon ? (size_t)(colon - f->p) + 1 : 0;
        host = at_sign + 1;
        if (secret && f->p[secret] == '[' && f->p[at_sign - 1] == ']')
            return; /* "https://u:[SECRET]@[URL]": made harmless before */
        if (secret && secret < at_sign) {
            pii_put(f, PII_RULE_URL_PASSWORD, secret, at_sign, 1.0f);
            pii_put(f, PII_RULE_URL, host, end, host < end ? 0.9f : 0);
            return;
        }
    }
    if (end - host > 24 && str_eq_nocase((Str){f->p + host, 24}, STR("hooks.slack.com/services"))) {
        pii_put_whole(f, PII_RULE_SECRET_PREFIX, start, end, 1.0f); /* whoever knows it may post */
        return;
    }
    size_t stop = host_end(f, host, &tld);
    bool number = ipv4_end(f, host) != 0;
    bool named = stop && !has_empty_label(f, host, stop);
    if (!named && !number && !(end - host >= 9 && str_eq_nocase((Str){f->p + host, 9}, STR("localhost"))))
        return;
    if (named && (stop > end || !strchr("/?#:", pii_at(f, stop)))) /* no path: "http://example.org,next" */
        end = stop;
    put_link(f, PII_RULE_URL, start, end, 0.9f);
    if (named && (stop == end || (stop + 1 == end && f->p[stop] == '/')))
        put_link(f, PII_RULE_DOMAIN_LINK, start, end, 0.85f);
}

/* A word ends at the ':' that says what follows: "mac:5f:db:4d:51:6d:93", "IPv6:2001:db8::1"; not "text2001:db8::1".
 * start: of the digits and letters a to f at its end. */
static bool is_label(const PiiFinder *f, size_t start, size_t at)
{
    if (!pii_is_word_before(f, start))
        return false;
    if (at - start == 1 && pii_is(f->p[start], PII_DIGIT))
        return (f->p[start - 1] | 32) == 'v';
    for (size_t i = start; i < at; i++)
        if (pii_is(f->p[i], PII_DIGIT))
            return false;
    return !pii_is(f->p[start - 1], PII_DIGIT);
}

void pii_find_colon(PiiFinder *f, size_t at)
{
    char next = pii_at(f, at + 1);
    if (next == '/') {
        if (pii_at(f, at + 2) == '/' &&
            (pii_wants(f->s, PII_URL) || pii_wants(f->s, PII_SECRET) || pii_wants(f->s, PII_DOMAIN_NAME)))
            web(f, at);
        if (!(at > 0 && f->p[at - 1] == ':'))
            return;
    }
    if (at < f->net ||
        !(pii_is(next, PII_HEX) || next == ':' || next == '/' || (at > 0 && f->p[at - 1] == ':')))
        return;
    size_t start = at, end = at;
    int colons = 0;
    while (start > 0 && at - start < 5 && pii_is(f->p[start - 1], PII_HEX))
        start--;
    while (end < f->n && end - at < 64 &&
           (pii_is(f->p[end], PII_HEX) || f->p[end] == ':' || f->p[end] == '.'))
        colons += f->p[end++] == ':';
    f->net = end;
    bool named = is_label(f, start, at);
    if (named) {
        start = at + 1;
        colons--;
    }
    if (colons < 2 || (!named && pii_is_word_before(f, start)) || pii_is_word_at(f, end) ||
        (start == at && pii_before(f, at) == ':'))
        return;
    if (pii_wants(f->s, PII_MAC_ADDRESS) && (named || !goes_before(f, start, ':')) &&
        mac(f, start, 6, 2, ':') == end)
        return; /* six groups without a gap are no IPv6 */
    if (pii_wants(f->s, PII_IP_ADDRESS))
        ipv6(f, start, end);
}

/* ---- names of domains ---- */

/* Endings of files and English words: only with "www." or a path. */
static bool is_doubtful_tld(Str tld)
{
    static const char WORDS[] =
        " py md sh rs zip mov app so pl cc ps it is in at to no me my us be do am as by id im la ms mm pm "
        "cpp java class js ts cs go rb vi pn ai gl fm st ad name foo bar day now new here how see "
        "call you are able bot cam cat chat date exe fit fun game ing land life like "
        "live love men one page post read red rest run save select show sky talk team tel tips today top "
        "travel wed win work works wow yes zone ";
    char key[16];
    if (tld.len + 2 >= sizeof key)
        return false;
    key[0] = ' ';
    for (size_t i = 0; i < tld.len; i++)
        key[i + 1] = (char)(tld.ptr[i] | 32);
    key[tld.len + 1] = ' ';
    key[tld.len + 2] = 0;
    return strstr(WORDS, key) != NULL;
}

void pii_find_dot(PiiFinder *f, size_t at)
{
    size_t start = at, tld;
    if (at == 0 || !pii_is_word_at(f, at - 1) || !pii_is_word_at(f, at + 1))
        return;
    while (start > 0 && at - start < 64 &&
           (pii_is(f->p[start - 1], PII_HOST) || pii_is_wide_letter(f, start - 1)))
        start--;
    const char *first = memchr(f->p + start, '.', at - start);
    if (first && first > f->p + start && pii_is(first[1], PII_ALPHA))
        return; /* the first dot has seen it */
    if (at - start == 4)
        pii_find_mac_dot(f, start);
    char b = pii_before(f, start);
    if (!(pii_wants(f->s, PII_URL) || pii_wants(f->s, PII_DOMAIN_NAME)) || b == '@' || b == '/' || b == '_' ||
        b == '\\' || !pii_is_word_at(f, start))
        return;
    size_t end = host_end(f, start, &tld);
    if (!end || has_empty_label(f, start, end) || pii_at(f, end) == '@' || pii_at(f, end) == '_' ||
        pii_at(f, end) == '(')
        return;
    if (!pii_is_tld(&f->tables->tlds, f->p + tld, end - tld))
        return;
    bool www = end - start > 4 && str_eq_nocase((Str){f->p + start, 4}, STR("www."));
    if (www && tld - start == 4)
        return;
    bool path = pii_at(f, end) == '/' && pii_is_word_at(f, end + 1);
    bool upper = pii_is(f->p[tld], PII_UPPER), second = pii_is(f->p[tld + 1], PII_UPPER);
    float score = 0.6f;
    if (!www && !path &&
        (is_doubtful_tld((Str){f->p + tld, end - tld}) || upper != second || tld - start < 3))
        score = 0.3f;
    if (!www && !path && upper && !pii_is(f->p[start], PII_UPPER))
        score = 0.3f;
    if (www || path) {
        size_t stop = path ? link_end(f, end) : end;
        pii_put(f, PII_RULE_URL_BARE, start, stop, 0.7f);
        if (!path)
            pii_put(f, PII_RULE_DOMAIN, start, end, 0.65f);
        return;
    }
    pii_put(f, PII_RULE_DOMAIN, start, end, score);
    pii_put(f, PII_RULE_URL_BARE, start, end, score - 0.05f);
}
