/* demo_names.c - invented names. */
#include "demo/demo_names.h"

#include <stdio.h>

static const char *const FIRST[] = {
    "Ada",   "Alma",  "Andre", "Anika", "Bea",   "Boris", "Carla",  "Chen",  "Clara", "Dario",
    "Dina",  "Elena", "Elias", "Emeka", "Esra",  "Farah", "Felix",  "Fiona", "Gita",  "Hana",
    "Hugo",  "Ines",  "Ivan",  "Jamal", "Jana",  "Jonas", "Kai",    "Kavya", "Kira",  "Lars",
    "Leila", "Liam",  "Lucia", "Mara",  "Marco", "Mei",   "Milan",  "Nadia", "Nils",  "Noor",
    "Omar",  "Oscar", "Petra", "Priya", "Quinn", "Rafa",  "Rosa",   "Sami",  "Sara",  "Selma",
    "Tariq", "Tessa", "Theo",  "Tomas", "Uma",   "Vera",  "Viktor", "Wanda", "Yara",  "Zoe"};
static const char *const LAST[] = {
    "Abara",   "Adler",   "Alvarez", "Baker",  "Banerjee", "Berg",     "Bianchi", "Brandt", "Castillo",
    "Chandra", "Cohen",   "Costa",   "Dahl",   "Diaz",     "Doyle",    "Eriksen", "Farouk", "Fischer",
    "Flores",  "Garcia",  "Gomez",   "Haddad", "Hansen",   "Harper",   "Ibrahim", "Ito",    "Jensen",
    "Johnson", "Kaplan",  "Keller",  "Khan",   "Kim",      "Kowalski", "Larsen",  "Lee",    "Lindgren",
    "Lopez",   "Mbeki",   "Meyer",   "Moreno", "Morgan",   "Nakamura", "Nguyen",  "Novak",  "Okafor",
    "Olsen",   "Ortega",  "Park",    "Patel",  "Petrov",   "Quiroga",  "Rahman",  "Reyes",  "Rossi",
    "Sato",    "Schmidt", "Silva",   "Singh",  "Smith",    "Suzuki",   "Tanaka",  "Torres", "Udo",
    "Vargas",  "Vogel",   "Walsh",   "Weber",  "Wong",     "Yilmaz",   "Zhang"};
static const char *const OFFICES[] = {"Downtown",  "Riverside", "Cedar Park", "Lakeshore",
                                      "Hillcrest", "Old Town",  "Bayview",    "Maple Grove",
                                      "Northgate", "Sunset",    "Harbor",     "Westfield"};

void demo_name(StatsRng *r, char *out, size_t size)
{
    const char *first = FIRST[stats_below(r, ARRAY_LEN(FIRST))];
    const char *last = LAST[stats_below(r, ARRAY_LEN(LAST))];
    snprintf(out, size, "%s %s", first, last);
}

void demo_email(const char *name, int number, char *out, size_t size)
{
    snprintf(out, size, "%s.%d@agents.example", name, number + 1);
    for (char *p = out; *p; p++)
        *p = *p == ' ' ? '.' : (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
}

void demo_external_id(int number, char *out, size_t size)
{
    snprintf(out, size, "A%05d", number + 1);
}

void demo_office_name(int number, char *out, size_t size)
{
    int round = number / (int)ARRAY_LEN(OFFICES);
    const char *name = OFFICES[number % (int)ARRAY_LEN(OFFICES)];
    if (round == 0)
        snprintf(out, size, "%s", name);
    else
        snprintf(out, size, "%s %d", name, round + 1);
}
