/* crm_value.h - turns the text of one field into a time, an amount of money or a duration, or says why it
 * cannot.
 *
 *     "3/1/2017" + MM/DD/YYYY --> 2017-03-01      "$1,234.50" + '.' --> 123450 cents      "1:30" --> 90 s
 *
 * Threads: pure. Nothing allocates. Every function takes the whole text or refuses it; *ret_why is then a
 * static text. */
#ifndef EHUB_CRM_CRM_VALUE_H
#define EHUB_CRM_CRM_VALUE_H

#include "base/str.h"

#define CRM_DATE_FORMAT_MAX 64
#define CRM_CENTS_MAX INT64_C(100000000000000) /* a million million in the currency's unit */

typedef struct CrmTime {
    int64_t us; /* since 1970; wall-clock time of the mapping's time zone unless zoned */
    bool zoned; /* the text had an offset or Z: us is UTC */
} CrmTime;

/* A format is "iso" (2017-03-01, 2017-03-01 14:05[:06[.123]], RFC 3339, with or without an offset) or a
 * picture made of YYYY YY MM DD MON hh mm ss AM, every other character standing for itself. MM, DD and hh
 * take one or two digits, YY 69..99 is 19xx (POSIX), MON is an English month's name or its first three
 * letters. */
bool crm_date_format_ok(Str format, const char **ret_why);
/* Years 1900..2199. */
bool crm_value_time(Str text, Str format, CrmTime *ret, const char **ret_why);

/* decimal: '.' or ','. Takes one of $ US$ EUR-sign pound yen USD EUR GBP CAD AUD NZD CHF MXN JPY at either
 * end, and groups of three digits with one kind of separator (the other of . and , or ' or a blank, also a
 * non-breaking one). More than two decimals are rounded, halves away from zero. Amounts below zero and above
 * CRM_CENTS_MAX are refused. */
bool crm_value_cents(Str text, char decimal, int64_t *ret_cents, const char **ret_why);

typedef enum CrmDurationUnit { CRM_DURATION_SECONDS, CRM_DURATION_MINUTES } CrmDurationUnit;
/* "95", "95.4" in the unit, or "m:ss", "h:mm:ss"; at most a week. */
bool crm_value_duration(Str text, CrmDurationUnit unit, int64_t *ret_s, const char **ret_why);

#endif
