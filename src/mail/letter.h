/* letter.h - composing letters: templates to texts, texts to an RFC 5322 message.
 *
 * Kinds: receipt ask_cancel confirmation moved cancelled restored answer phone ask_info redirect
 * refuse outcome. Each is ui/letters/<kind>.subject, .txt and .html; these are the members that
 * they may use (correspondence.h fills them): office       {name, organisation, address, phone}
 *   person       {name, greeting, is_company, phone}; greeting is title and name, "Arch. Luca
 *                Rossi"; each may be missing
 *   code         "EDI-7K3M-Q2"
 *   subject      of the request, clean; may be missing
 *   practice     "SCIA 214/2026"; may be missing
 *   url          the request's page, /p/{token}
 *   appointment  {when, until, lobby, change_until (each as base/when_value.h says), can_change,
 *                duration_min, lobby_min, url_room}; lobby is when the room opens, change_until
 *                until when the citizen may move or cancel, can_change whether that is to come
 *   before       the time a moved appointment had, as when_value gives it
 *   reason       {text, text_paragraphs} of a cancellation or refusal; may be missing
 *   by_citizen   true: the citizen cancelled, moved or restored
 *   restore_min  minutes in which a cancellation can be taken back
 *   text, text_paragraphs  the officer's words, by letter_set_text
 *   missing      [{needs_<practice|phone|times>: true}] what would help, in a receipt; may be empty
 *   missing_any  true when `missing` has elements
 *   too_large    true: the message was stored in part, in a receipt
 *   outcome_kind {<kind>: true}, in an outcome
 *   officer      name of who writes; may be missing
 *   language     of the letter, for the lang of its HTML
 *
 * Two more go to officers (officer_letter.h fills them): digest, with offices [{title, url_desk,
 * fresh [{code, url, name, phone, email, what, since_today, since_yesterday, since_days, days}],
 * fresh_count, has_more, more, undelivered [...], to_read, meetings [{..., when}], has_<each>}],
 * total, today; urgent, with notices [{code, url, name, phone, email, what, when,
 * is_<cancelled|declined|undelivered|request>}], is_one, count; both with url_settings.
 */
#pragma once
#include "base/value.h"
#include "base/when.h"
#include "mustache/mustache.h"
#include <stdbool.h>

#define LETTER_ERROR letter_error_quark()
GQuark letter_error_quark(void);
typedef enum {
    LETTER_ERROR_TEMPLATE, /* no template of that name */
    LETTER_ERROR_ADDRESS,  /* an address that cannot be written to */
    LETTER_ERROR_ID,       /* a message identifier that is none */
} LetterError;

/* --- the words
 * --------------------------------------------------------------------------------------- */

typedef struct {
    char *subject; /* one line */
    char *text;    /* wrapped at 72 columns, links whole, "\n" */
    char *html;
} LetterTexts;
void letter_texts_clear(LetterTexts *texts); /* frees the members */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LetterTexts, letter_texts_clear)

/* Words of a stranger that mail programs make a link of: no letter of ours carries them on. */
bool letter_has_link(const char *words);
/* The language that a letter will really have: the one wanted, or Italian. Static. */
const char *letter_language(const char *wanted);

/* Renders letters/<kind>.subject, .txt and .html of the set (one set per language). */
bool letter_render(const MustacheSet *set, const char *kind, const Value *value, LetterTexts *texts,
                   GError **error);

/* One template of few words, "letters/invitation.summary": trimmed, owned by the caller. */
char *letter_render_words(const MustacheSet *set, const char *name, const Value *value,
                          GError **error);

/* Sets object.text to the words and object.text_paragraphs to [{lines: [{line}]}]. Copied. */
void letter_set_text(Value *object, const char *text);

/* --- the message
 * ------------------------------------------------------------------------------------- */

typedef enum {
    LETTER_BY_HAND,        /* no Auto-Submitted: somebody wrote it */
    LETTER_AUTO_REPLIED,   /* RFC 3834, 5.2 */
    LETTER_AUTO_GENERATED, /* decisions and reminders a machine words */
} LetterOrigin;

/* All borrowed. */
typedef struct {
    const char *from_name, *from; /* the office; name may be NULL */
    const char *to_name, *to;     /* name may be NULL */
    const char *reply_to;         /* a tagged address; NULL: none */
    const char *subject;
    const char *message_id;      /* without angle brackets */
    const char *in_reply_to;     /* without angle brackets; NULL: none */
    const GPtrArray *references; /* char *, oldest first, without angle brackets; NULL: none */
    gint64 date_at;              /* Unix seconds */
    const Zone *zone;            /* of the Date header */
    const char *language;        /* Content-Language; NULL: it */
    LetterOrigin origin;
    const char *text, *html;
    const char *invitation;        /* iCalendar by invitation_write; NULL: none */
    const char *invitation_method; /* "REQUEST" or "CANCEL" */
} LetterDraft;

/* The finished message, CRLF line ends, 7 bit. Control characters in names and subject become
 * spaces; an address or identifier with anything that does not belong there is refused
 * (LETTER_ERROR_ADDRESS, LETTER_ERROR_ID). */
GBytes *letter_compose(const LetterDraft *draft, GError **error);

/* "<local>@<domain of the office's address>", no angle brackets. `local` is made of letters,
 * digits, '.' and '-'. */
char *letter_message_id(const char *local, const char *office_address);

/* Can letter_compose write to it: a dot-atom and an ASCII domain? */
bool letter_can_write_to(const char *address);
/* Can it stand between the angle brackets of a Message-ID? */
bool letter_is_message_id(const char *identifier);
