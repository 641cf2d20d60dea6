/* lexicon.h - what words mean: phrases in tables per language, compiled once.
 *
 * A phrase is one to eight words, folded as text.h folds them. "stem|a|e" stands for both endings,
 * "presentat~" for -o -a -i -e. In the text, full stops, apostrophes and hyphens between the words
 * of a phrase are skipped: "d p r" finds "D.P.R.", "cila s" finds "CILA-S". Adding a phrase means
 * adding a row to words_*.c and an example to tests/data/reading.
 */
#pragma once
#include "reading/text.h"

typedef enum { LANGUAGE_IT = 1, LANGUAGE_DE = 2, LANGUAGE_EN = 4, LANGUAGE_ANY = 7 } Language;

typedef enum {
    /* no phrases: asked of lex_next, lex_may_begin */
    LEX_FIGURES = 1, /* a number */
    LEX_DIALLED,     /* "+" or "(": may begin a telephone number */
    LEX_QUESTION,    /* "?" */
    /* any language */
    LEX_COMMON,    /* function words that tell the language */
    LEX_CLOSING,   /* "cordiali saluti" */
    LEX_THANKS,    /* "grazie": a closing when nothing follows */
    LEX_WROTE,     /* "ha scritto" */
    LEX_ORIGINAL,  /* "messaggio originale" */
    LEX_FORWARDED, /* "messaggio inoltrato" */
    LEX_HEAD_FROM, /* "da", first line of a quoted header */
    LEX_HEAD_SENT, /* "inviato", "oggetto": its other lines */
    LEX_SENT_FROM, /* "inviato da iphone" */
    LEX_DISCLAIMER,
    LEX_POSTSCRIPT,
    LEX_SALUTATION,  /* "buongiorno" */
    LEX_PRACTICE,    /* value: PracticeType */
    LEX_FILE,        /* "pratica": a practice of no said type */
    LEX_REFERENCE,   /* "rif": one only with its year */
    LEX_NUMBER_SIGN, /* "n", "numero", "nr" */
    LEX_PROTOCOL,
    LEX_LAW,   /* "d p r", "legge", "art" */
    LEX_VAT,   /* "p iva", "codice fiscale", "iban", "cap" */
    LEX_PHONE, /* "tel" */
    LEX_FAX,
    LEX_SHEET,  /* "foglio" */
    LEX_PARCEL, /* "mappale", "particella" */
    LEX_SUB,
    LEX_LAND_BUILT,  /* "p ed", "b p" */
    LEX_LAND_OPEN,   /* "p f", "g p" */
    LEX_LAND_COMUNE, /* "c c", "k g" */
    LEX_LAND_PART,   /* "p m": a part of a building */
    LEX_STREET,      /* "via", "piazza" */
    LEX_NO_STREET,   /* "via mail": not a street */
    LEX_TITLE,       /* value: index of titles[] */
    LEX_ROLE,        /* value: index of roles[] */
    LEX_PERSON,      /* "sig", "sig ra", "herr"; value 1: part of the name, "condominio" */
    LEX_PRESENTS,    /* "mi chiamo": the sender's name follows; value 1: perhaps, "sono" */
    LEX_BEHALF,     /* "per conto di", "incaricato da"; value 1: only before a colon, 2: only before
                         a word for a person */
    LEX_TAKES_PART, /* "partecipera"; value 1: only beside a meeting, "insieme al" */
    LEX_TOPIC,      /* value: Topic * 8 + weight */
    LEX_SHOW,       /* needs a picture: "mostrare la tavola" */
    LEX_NO_VIDEO,   /* "basta una telefonata" */
    LEX_CALL_ME,    /* "mi puo chiamare" */
    LEX_ATTACHED,   /* "allego"; value as in claims.c */
    LEX_PAPER,      /* what is sent: "documentazione" */
    LEX_TRADE,      /* of the counter for trade (SUAP): "aprire un bar" */
    LEX_BAIT,       /* phrases of fraud */
    LEX_OUT_OF_OFFICE, /* in a subject; value 1: of a ticket system, wherever it stands */
    LEX_SUBJECT_REPLY, /* "re", "r": prefixes of a subject */
    LEX_SUBJECT_FORWARD,
    LEX_SUBJECT_RECEIPT, /* "posta certificata", "consegna" */
    LEX_SUBJECT_ITIP,    /* "rifiutato", "accettato" */
    LEX_CODE,            /* "codice richiesta" */
    LEX_CANCEL,          /* "annullare"; value: Build */
    LEX_MOVE,            /* "spostare"; value: Build */
    LEX_OTHER_DAY,       /* "un altra data": a move only in an answer; value 1: beside a day */
    LEX_GIVE_UP,         /* a cancellation without its verb: "non ci saro"; value 1: only when
                            nothing else follows, "non posso piu" */
    LEX_UNWANTED,        /* "non intendo": denies the verb after it; value 1: has it */
    LEX_HAD,             /* "avevo", "fissata": beside a meeting, one that is booked */
    LEX_NO_OTHER,        /* "non serve un altra data" */
    LEX_MEETING,         /* "appuntamento", "videochiamata" */
    LEX_ASK,             /* "volevo sapere" */
    LEX_DELEGATE,        /* "delega" */
    LEX_MINUTES,         /* "minuti" */
    LEX_DURATION,        /* "mezz ora": value minutes */
    LEX_URGENT,          /* not the formulas of politeness: "quanto prima" */
    LEX_SEVERAL,         /* "due appuntamenti distinti" */
    LEX_LEAD,            /* words of no other class that a rule asks for where a time may begin;
                            value 1: small words before a week */
    /* only in the language of the message */
    LEX_TIMED,
    LEX_WEEKDAY,       /* value 1 Monday ... 7 Sunday */
    LEX_WEEKDAY_SHORT, /* only beside a number or a part of the day */
    LEX_MONTH,
    LEX_TODAY,      /* value: days from today, or TODAY_OF_NAMED + days */
    LEX_TODAY_PART, /* "domattina": days * 16 + part */
    LEX_PART,       /* value: DayPart */
    LEX_NEXT,
    LEX_THIS,
    LEX_PAST,
    LEX_AFTER_NEXT,
    LEX_FEAST, /* value: month * 100 + day, or FEAST_... */
    LEX_WEEK,
    LEX_WEEK_NUMBER, /* "KW 49" */
    LEX_MONTH_WORD,  /* "mese" */
    LEX_DAYS,        /* "giorni" */
    LEX_DAY_WORD,    /* "giorno", "giornata" */
    LEX_EVERY,       /* "tutti i giorni", "qualsiasi giorno" */
    LEX_IN,          /* "tra", "fra" before a count of days */
    LEX_EARLY,       /* "inizio": of a month */
    LEX_MIDDLE,
    LEX_LATE,    /* "fine" */
    LEX_COUNT,   /* value: number in words */
    LEX_NOON,    /* "mezzogiorno": value is the hour */
    LEX_ORDINAL, /* "primo": 1 ... */
    LEX_ARTICLE, /* "il", "l", "den": before the number of a day */
    LEX_OF,      /* "del", "di", "vom": reference to what exists */
    LEX_CLOCK,   /* "alle", "ore", "um": before an hour */
    LEX_OCLOCK,  /* "uhr", "o clock": after an hour */
    LEX_PM,
    LEX_AM,
    LEX_AFTER,    /* "dopo le", "dalle ... in poi" */
    LEX_BEFORE,   /* "prima delle" */
    LEX_UNTIL_BY, /* "entro", "entro il": days too */
    LEX_FROM,     /* "dalle", "dal" */
    LEX_TO,       /* "alle", "al" */
    LEX_BETWEEN,
    LEX_ONWARD,         /* "in poi" */
    LEX_ABOUT,          /* "verso le" */
    LEX_SAME_HOUR,      /* "alla stessa ora" */
    LEX_ABOUT_AFTER,    /* "circa" after an hour */
    LEX_HALF,           /* "e mezza": after an hour */
    LEX_QUARTER,        /* "e un quarto": value minutes */
    LEX_HALF_BEFORE,    /* "halb" */
    LEX_QUARTER_BEFORE, /* "viertel vor", "quarter to": value minutes, + QUESTIONED when others mean
                           another hour by it: "half nine" */
    LEX_AND,
    LEX_OR,
    LEX_BUT,      /* begins a clause of its own: "ma", "pero", "mentre" */
    LEX_WISH,     /* "sono disponibile" */
    LEX_EXCLUDE,  /* "non posso", "sono impegnato" */
    LEX_EXCEPT,   /* "tranne": what follows */
    LEX_NOT,      /* "non": only right beside a day */
    LEX_IF_NOT,   /* "se non e possibile": neither */
    LEX_DOCUMENT, /* "presentata il": what happened on a day */
    LEX_DEADLINE, /* "rogito", "scadenza" */
    LEX_OPEN,     /* "aperto": asks for opening hours */
    LEX_BOOKED,   /* "fissata per": what is booked already */
    N_LEX
} LexClass;

#define QUESTIONED 1000
#define OF_NEXT_ONLY 3     /* of LEX_BOOKED: "instead of" speaks of the day right after it */
#define RIGHT_AFTER_ONLY 4 /* of LEX_EXCLUDE: "is a problem" speaks of the time right before it */

/* "quello dopo", "il giorno prima": days from the day that was named last. */
#define TODAY_OF_NAMED 1000
/* Feasts that last: "le feste" and "sotto Natale". */
#define FEAST_WINTER (-1)
#define FEAST_ADVENT (-2)

/* How a cancellation or a move is built. */
typedef enum {
    BUILD_VERB,      /* its object follows */
    BUILD_NOUN,      /* "annullamento" */
    BUILD_VERB_LAST, /* its object stands before, in German */
} Build;

typedef enum {
    PART_NONE,
    PART_MORNING,
    PART_AFTERNOON,
    PART_EVENING,
    PART_NOON,
    PART_ALL_DAY,
    PART_EARLY_MORNING,
    PART_LATE_MORNING,
    PART_EARLY_AFTERNOON,
    PART_LATE_AFTERNOON,
    PART_MIDDLE_MORNING,
    PART_MIDDLE_AFTERNOON,
    N_PARTS
} DayPart;

typedef struct {
    const char *words;
    guint8 kind; /* LexClass */
    gint16 value;
} Phrase;

/* Tables, ended by words NULL. */
extern const Phrase words_it_letter[], words_it_practice[], words_it_matter[], words_it_place[],
    words_it_topic[], words_it_people[], words_it_who[], words_it_time[], words_it_calendar[],
    words_it_sense[], words_it_wish[], words_de[], words_de_booked[], words_de_topic[],
    words_de_calendar[], words_de_people[], words_de_practice[], words_de_sense[], words_de_time[],
    words_de_wants[], words_en[], words_en_people[], words_en_practice[], words_en_sense[],
    words_en_time[], words_en_wants[];

/* A set of classes: LEX_SET(LEX_LAW, LEX_VAT), lex_range(LEX_TIMED, LEX_BOOKED). */
typedef struct LexSet {
    guint64 bits[N_LEX / 64 + 1];
} LexSet;
#define LEX_SET(...) lex_set((const LexClass[]){__VA_ARGS__, (LexClass)0})
static inline LexSet lex_set(const LexClass *classes) /* ended by 0 */
{
    LexSet set = {0};
    for (; *classes; classes++)
        set.bits[*classes / 64] |= G_GUINT64_CONSTANT(1) << (*classes % 64);
    return set;
}
LexSet lex_range(LexClass first, LexClass last);

/* Compiles the tables, once; before the next two are asked. */
void lexicon_need(void);
/* FNV-1a over the bytes of a folded word, one after the other from LEXICON_HASH. */
#define LEXICON_HASH 2166136261u
static inline guint32 lexicon_hash(guint32 hash, guint8 byte)
{
    return (hash ^ byte) * 16777619u;
}
/* The id of a folded word with this hash, 0 when no phrase has it. */
guint16 lexicon_word(const char *folded, gsize length, guint32 hash);
/* By Token.phrase: classes of the phrases that begin at the token. */
extern const LexSet *lexicon_begins;

/* Does some phrase of a class between `first` and `last` begin here, in whatever language? A bit
 * answers. */
static inline bool lex_may_begin(const Text *text, guint index, LexClass first, LexClass last)
{
    const LexSet *set = &lexicon_begins[token_at(text, index)->phrase];
    for (guint i = first / 64; i <= last / 64; i++) {
        guint low = i == first / 64 ? first % 64 : 0, high = i == last / 64 ? last % 64 : 63;
        if (set->bits[i] & (~G_GUINT64_CONSTANT(0) >> (63 - high)) &
            (~G_GUINT64_CONSTANT(0) << low))
            return true;
    }
    return false;
}
/* Tokens of the longest phrase of the classes from `first` to `last` that begins at a token, which
 * may; ask lex_any. */
guint lex_match(const Text *text, guint index, LexClass first, LexClass last, LexClass *kind,
                gint *value);
/* Tokens of the longest phrase of any class between `first` and `last`, inclusive, that begins at
 * token `index`, 0 when there is none. */
static inline guint lex_any(const Text *text, guint index, LexClass first, LexClass last,
                            LexClass *kind, gint *value)
{
    return lex_may_begin(text, index, first, last)
               ? lex_match(text, index, first, last, kind, value)
               : 0;
}
/* The same for one class. */
static inline guint lex_at(const Text *text, guint index, LexClass kind, gint *value)
{
    return lex_any(text, index, kind, kind, NULL, value);
}

/* Moves `index` on to the first token of [index, until) at which a phrase of the set may begin;
 * false when there is none. Stretches without one are skipped at once, so that a pass costs little:
 *
 *     for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_LAW)); i++)
 *         ... lex_at(text, i, LEX_LAW, NULL) ...
 */
bool lex_next(const Text *text, guint *index, guint until, LexSet set);
/* Fills Token.phrase and text->begins. */
void lex_index(Text *text);
/* Is there a phrase of the class at a token of [from, until)? Where, when `at` is not NULL. */
bool lex_within(const Text *text, guint from, guint until, LexClass kind, guint *at);
/* By the id of a word: languages (bits) in which it is a function word. */
extern const guint8 *lexicon_common;
/* Languages (bits) in which a token is a function word. */
static inline guint lex_languages(const Text *text, guint index)
{
    return lexicon_common[token_at(text, index)->word];
}
