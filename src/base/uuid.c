#include "base/uuid.h"

#include "base/clock.h"
#include "base/crypto.h"

const Uuid UUID_NIL = {{0}};

/* Random bytes are taken from the system in pages: one system call for 32 ids. */
static void random_part(uint8_t out[10])
{
    static _Thread_local uint8_t page[320];
    static _Thread_local size_t left;
    if (left == 0) {
        crypto_random(page, sizeof page);
        left = sizeof page;
    }
    left -= 10;
    memcpy(out, page + left, 10);
}

/* RFC 9562, 5.7 with method 1 of 6.2: the 12 bits after the version count up within one millisecond of one
 * thread. */
Uuid uuid_v7(void)
{
    static _Thread_local int64_t last_ms;
    static _Thread_local unsigned counter;
    uint8_t r[10];
    random_part(r);
    int64_t ms = clock_now_us() / 1000;
    if (ms > last_ms) {
        last_ms = ms;
        counter = (unsigned)r[8] << 3 | r[9] >> 5; /* 11 random bits leave room to count */
    } else if (++counter > 0xFFF) {
        last_ms++;
        counter = 0;
    }
    Uuid u;
    for (int i = 0; i < 6; i++)
        u.b[i] = (uint8_t)((uint64_t)last_ms >> (40 - 8 * i));
    u.b[6] = (uint8_t)(0x70 | counter >> 8);
    u.b[7] = (uint8_t)counter;
    memcpy(u.b + 8, r, 8);
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3F));
    return u;
}

Uuid uuid_v7_in_slot(uint8_t slot)
{
    Uuid u = uuid_v7();
    u.b[15] = slot;
    return u;
}

Uuid uuid_from_name(Uuid space, Str name)
{
    CryptoHash *h = crypto_hash_new();
    crypto_hash_add(h, (Str){(const char *)space.b, sizeof space.b});
    crypto_hash_add(h, name);
    Sha256 d = crypto_hash_end(h);
    Uuid u;
    memcpy(u.b, d.b, 16);
    u.b[6] = (uint8_t)(0x80 | (u.b[6] & 0x0F));
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3F));
    return u;
}

Uuid uuid_from_name_in_slot(Uuid space, Str name, uint8_t slot)
{
    Uuid u = uuid_from_name(space, name);
    u.b[15] = slot;
    return u;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(Str s, Uuid *ret)
{
    if (s.len != 36)
        return false;
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && s.ptr[at++] != '-')
            return false;
        int high = hex_value(s.ptr[at]), low = hex_value(s.ptr[at + 1]);
        if (high < 0 || low < 0)
            return false;
        ret->b[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return true;
}

void uuid_format(Uuid id, char out[static UUID_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[id.b[i] >> 4];
        out[at++] = hex[id.b[i] & 15];
    }
    out[at] = 0;
}

bool uuid_eq(Uuid a, Uuid b)
{
    return memcmp(a.b, b.b, 16) == 0;
}

bool uuid_is_nil(Uuid id)
{
    return uuid_eq(id, UUID_NIL);
}
