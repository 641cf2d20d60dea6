/* hostile.c - see hostile.h. */
#include "hostile.h"

#include "reading/lexicon.h"

static const char *const plain[] = {"martedì",
                                    "giovedì 26",
                                    "prossima settimana",
                                    "non ",
                                    "posso",
                                    "tranne ",
                                    "entro ",
                                    "fine mese",
                                    "e ",
                                    "o ",
                                    "ma ",
                                    "dal ",
                                    "al ",
                                    "dopo le ",
                                    "tra ",
                                    "alle ",
                                    "verso le ",
                                    "il ",
                                    "novembre",
                                    "e mezza",
                                    "um halb ",
                                    "nächsten ",
                                    "Montag ",
                                    "next Tuesday",
                                    "at ",
                                    "SCIA n. ",
                                    "214/2026",
                                    "prot. ",
                                    "foglio 12 ",
                                    "mappale ",
                                    "K.G. ",
                                    "B.P. ",
                                    "via ",
                                    "Roma ",
                                    "Strada vicinale ",
                                    "tel. ",
                                    "+39 ",
                                    "geom. ",
                                    "Luigi Verdi",
                                    "ROSSI ",
                                    "arch. Maria",
                                    "per conto di ",
                                    "parteciperà ",
                                    "sig. ",
                                    "a@b.example",
                                    "@",
                                    "P.S. ",
                                    "Cordiali saluti",
                                    "allego ",
                                    "art. 36 DPR 380/2001",
                                    "P.IVA ",
                                    "urgente",
                                    "annullare ",
                                    "spostare ",
                                    "[EDI-7K2M-4Q]",
                                    "99",
                                    "0",
                                    "31/02/2027",
                                    "29/2/2027",
                                    "30 febbraio",
                                    "24:00",
                                    "25:61",
                                    "00:00",
                                    "0.00",
                                    "12,5"};

static const char *const between[] = {
    " ",  " ",  " ",  " ",  "\n",  "\n",     "\r\n",   "\r",     "\t",      "\n\n",    "\u00a0",
    ", ", ". ", "; ", ": ", " - ", "\u2013", "/",      "'",      "\u2019",  "\"",      "\u00ab",
    "(",  ")",  "[",  "]",  "<",   ">",      "\n> ",   "\n>> ",  "\n-- \n", "*",       "\u201c",
    "_",  "|",  "\\", "&",  "%",   "\v",     "\u2028", "\u2029", "\u200b",  "\xc2\x85"};

/* Quoted mail, in the words of several programs. */
static const char *const heads[] = {
    "\nIl giorno 3 nov 2026 alle 10:12 A <a@b.example> ha scritto:\n",
    "\nDa: A <a@b.example>\nInviato: martedì 3 novembre 2026 10:12\nA: B\nOggetto: R: x\n",
    "\n-----Messaggio originale-----\n",
    "\n---------- Forwarded message ---------\n",
    "\nAm 3.11.2026 um 10:12 schrieb A:\n> ",
    "\nOn Tue, Nov 3, 2026 at 10:12 AM A wrote:\n> ",
    "\nQuesto messaggio è riservato\n",
    "\nInviato da iPhone\n"};

/* Directions, joiners, marks, faces, the largest and the smallest of each length in UTF-8. */
static const gunichar odd[] = {0x1,     0x7f,   0x80,   0x7ff,  0x800,  0x202a,  0x202e,   0x2066,
                               0x2069,  0x200d, 0xfe0f, 0x301,  0x300,  0x327,   0x20e3,   0x1f600,
                               0x1f3e0, 0xad,   0xfeff, 0xfffd, 0xffff, 0x10000, 0x10ffff, 0x1d7d8,
                               0x660,   0xff11, 0xb2,   0x130,  0x131,  0xdf,    0x1e9e,   0xfb01};

#define PICK(random, list) ((list)[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(list))])

static guint below(GRand *random, guint limit)
{
    return (guint)g_rand_int_range(random, 0, (gint32)limit);
}

/* One spelling of a row of a table (lexicon.h): "presentat~", "disponibil|e|i". */
static void append_spelling(GString *text, GRand *random, const char *word)
{
    static const char vowels[] = {'o', 'a', 'i', 'e'};
    g_auto(GStrv) parts = g_strsplit(word, "|", -1);
    guint endings = g_strv_length(parts) - 1;
    g_autofree char *stem = g_strdelimit(g_strdup(parts[0]), "~", PICK(random, vowels));
    if (below(random, 4) == 0)
        stem[0] = g_ascii_toupper(stem[0]);
    g_string_append(text, stem);
    if (endings > 0)
        g_string_append(text, parts[1 + below(random, endings)]);
}

static void append_phrase(GString *text, GRand *random)
{
    const Phrase *const tables[] = {words_it_letter, words_it_practice, words_it_people,
                                    words_it_time,   words_it_time,     words_it_sense,
                                    words_de,        words_de_time,     words_en};
    const Phrase *table = PICK(random, tables);
    guint rows = 0;
    while (table[rows].words)
        rows++;
    g_auto(GStrv) words = g_strsplit(table[below(random, rows)].words, " ", -1);
    for (guint i = 0; words[i]; i++) {
        append_spelling(text, random, words[i]);
        g_string_append_c(text, ' ');
    }
}

static void append_figures(GString *text, GRand *random)
{
    guint a = below(random, 40), b = below(random, 14), c = 1990 + below(random, 80);
    switch (below(random, 8)) {
    case 0:
        g_string_append_printf(text, "%u/%u/%u", a, b, c);
        break;
    case 1:
        g_string_append_printf(text, "%u.%02u.%02u", a, b, c % 100);
        break;
    case 2:
        g_string_append_printf(text, "%u-%02u-%02u", c, b, a);
        break;
    case 3:
        g_string_append_printf(text, "alle %u%c%02u", a % 26, ":.,h"[a % 4], b * 5);
        break;
    case 4:
        g_string_append_printf(text, "+39 3%02u %u%03u", a, c, b * 60);
        break;
    case 5:
        g_string_append_printf(text, "dalle %u alle %u", a % 25, b);
        break;
    case 6:
        for (guint n = below(random, 24); n > 0; n--)
            g_string_append_c(text, (char)('0' + below(random, 10)));
        break;
    default:
        g_string_append_printf(text, "%u", a);
    }
}

static void append_characters(GString *text, GRand *random)
{
    for (guint n = 1 + below(random, 6); n > 0; n--) {
        gunichar c = below(random, 2) ? PICK(random, odd) : 1 + below(random, 0x10ffff);
        if (c < 0xd800 || c > 0xdfff) /* no surrogates in UTF-8 */
            g_string_append_unichar(text, c);
    }
}

/* One word or one line without an end. */
static void append_endless(GString *text, GRand *random)
{
    const char *unit = below(random, 2) ? PICK(random, plain) : PICK(random, between);
    for (guint n = below(random, 2000); n > 0; n--)
        g_string_append(text, unit);
}

static void append_piece(GString *text, GRand *random)
{
    guint kind = below(random, 1000);
    if (kind < 250)
        g_string_append(text, PICK(random, between));
    else if (kind < 500)
        append_phrase(text, random);
    else if (kind < 700)
        g_string_append(text, PICK(random, plain));
    else if (kind < 880)
        append_figures(text, random);
    else if (kind < 960)
        append_characters(text, random);
    else if (kind < 998)
        g_string_append(text, PICK(random, heads));
    else
        append_endless(text, random);
}

char *hostile_text(GRand *random, guint pieces)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < pieces; i++) {
        append_piece(text, random);
        if (below(random, 3) > 0)
            g_string_append_c(text, ' ');
    }
    return g_string_free(text, FALSE);
}
