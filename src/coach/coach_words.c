/* coach_words.c - numbers with their units, and sentences made of them. */
#include "coach/coach_words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "2.5", "3": at most `digits` decimals, none that are zero. */
static void add_number(Buf *out, double v, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", digits, v);
    if (strchr(text, '.')) {
        size_t len = strlen(text);
        while (text[len - 1] == '0')
            text[--len] = 0;
        if (text[len - 1] == '.')
            text[len - 1] = 0;
    }
    buf_add_c(out, strcmp(text, "-0") == 0 ? "0" : text);
}

static void add_grouped(Buf *out, int64_t v)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)v);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
}

static void add_days(Buf *out, double days)
{
    double rounded = round(days * 10) / 10;
    add_number(out, rounded, rounded < 10 ? 1 : 0);
    buf_add_c(out, rounded == 1 ? " day" : " days");
}

static void add_minutes(Buf *out, double minutes)
{
    if (minutes >= 48 * 60) {
        add_days(out, minutes / (24 * 60));
        return;
    }
    if (minutes < 9.95) {
        add_number(out, minutes, 1);
        buf_add_c(out, " min");
        return;
    }
    int64_t whole = llround(minutes);
    if (whole < 60)
        buf_addf(out, "%d min", (int)whole);
    else if (whole % 60 == 0)
        buf_addf(out, "%d h", (int)(whole / 60));
    else
        buf_addf(out, "%d h %d min", (int)(whole / 60), (int)(whole % 60));
}

static void add_money(Buf *out, double cents)
{
    if (cents < 0)
        buf_add_char(out, '-');
    buf_add_char(out, '$');
    add_grouped(out, llround(fabs(cents) / 100));
}

void coach_words_value(Buf *out, const char *unit, double v)
{
    if (!isfinite(v) || fabs(v) > 1e15) {
        buf_add_c(out, "no data");
    } else if (strcmp(unit, "min") == 0) {
        add_minutes(out, v);
    } else if (strcmp(unit, "s") == 0) {
        if (v < 59.5) {
            add_number(out, v, 0);
            buf_add_c(out, " s");
        } else {
            add_minutes(out, v / 60);
        }
    } else if (strcmp(unit, "rate") == 0) {
        add_number(out, v * 100, 0);
        buf_add_char(out, '%');
    } else if (strcmp(unit, "days") == 0) {
        add_days(out, v);
    } else if (strcmp(unit, "cents") == 0) {
        add_money(out, v);
    } else if (strcmp(unit, "count") == 0) {
        add_number(out, v, 1);
    } else {
        add_number(out, v, 2);
    }
}

/* The label inside a sentence: a small first letter. */
static void add_label_inside(Buf *out, const char *label)
{
    buf_add_char(out, (char)tolower((unsigned char)label[0]));
    buf_add_c(out, label + 1);
}

void coach_words_gap(Buf *out, const CoachFeatureInfo *f, double value, double median)
{
    if (isfinite(value)) {
        buf_addf(out, "%s ", f->label);
        coach_words_value(out, f->unit, value);
    } else {
        buf_add_c(out, "No data on ");
        add_label_inside(out, f->label);
    }
    if (!isfinite(median))
        return;
    buf_add_c(out, " (office median ");
    coach_words_value(out, f->unit, median);
    buf_add_char(out, ')');
}

void coach_words_driver(Buf *out, const CoachFeatureInfo *f, double value, double median, double points,
                        bool closings)
{
    coach_words_gap(out, f, value, median);
    double size = fabs(points);
    const char *what = closings ? "expected closings" : "chance";
    double shown = closings ? round(size * 100) / 100 : size < 1 ? round(size * 10) / 10 : round(size);
    if (!isfinite(points) || shown == 0) {
        buf_addf(out, " hardly changes the %s", what);
        return;
    }
    buf_addf(out, " %s the %s by ", points < 0 ? "lowers" : "raises", what);
    add_number(out, shown, 2);
    if (!closings)
        buf_add_c(out, shown == 1 ? " point" : " points");
}
