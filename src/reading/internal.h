/* internal.h - what the files of this folder share; nobody else includes it. */
#pragma once
#include "reading/lexicon.h"
#include "reading/reading.h"
#include "reading/text.h"

typedef enum {
    PRACTICE_NONE = -1, /* "pratica n. 12": no said type */
    PRACTICE_SCIA,
    PRACTICE_CILA,
    PRACTICE_CILAS,
    PRACTICE_CIL,
    PRACTICE_PDC,
    PRACTICE_SCA,
    PRACTICE_DIA,
    PRACTICE_CONCESSION,
    PRACTICE_LICENCE,
    PRACTICE_CONDONO,
    PRACTICE_SANATORIA,
    PRACTICE_LANDSCAPE,
    PRACTICE_ACCESS,
    PRACTICE_PUA,
    N_PRACTICES
} PracticeType;

typedef enum {
    TOPIC_NONE = -1,
    TOPIC_ORIENTATION,
    TOPIC_EVALUATION,
    TOPIC_EXAMINATION,
    TOPIC_INTEGRATION,
    TOPIC_VARIANT,
    TOPIC_CHANGE_OF_USE,
    TOPIC_AGIBILITA,
    TOPIC_SANATORIA,
    TOPIC_CONDONO,
    TOPIC_LANDSCAPE,
    TOPIC_PLAN,
    TOPIC_FEES,
    TOPIC_ACCESS,
    TOPIC_INFORMATION,
    TOPIC_OTHER,
    N_TOPICS
} Topic;
#define TOPIC(topic, weight) ((topic)*8 + (weight))

typedef enum { TITLE_GEOM, TITLE_ARCH, TITLE_ING, TITLE_PI, TITLE_AVV, TITLE_AGR, N_TITLES } Title;
typedef enum {
    ROLE_TECHNICIAN,
    ROLE_DESIGNER,
    ROLE_DIRECTOR,
    ROLE_DESIGNER_DIRECTOR,
    ROLE_DELEGATE,
    ROLE_OWNER,
    ROLE_CLIENT,
    ROLE_CONDOMINIUM,
    ROLE_LEGAL,
    ROLE_FIRM,
    ROLE_HEIR,
    ROLE_TENANT,
    ROLE_PROFESSIONAL,
    N_ROLES
} Role;

typedef enum {
    KIND_REQUEST,
    KIND_QUESTION,
    KIND_REPLY,
    KIND_RESCHEDULE,
    KIND_CANCEL,
    KIND_AUTO_REPLY,
    KIND_BOUNCE,
    KIND_BULK,
    KIND_PEC_RECEIPT,
    KIND_ITIP_REPLY,
    KIND_OWN,
    N_KINDS
} Kind;

/* How sure a proposal is; written as "certain", "likely", "ambiguous". */
typedef enum { CERTAIN, LIKELY, AMBIGUOUS } Confidence;

/* One message while it is read. */
typedef struct {
    Arena *arena;
    const MailMessage *message;
    const ReadingOffice *office;
    Day today; /* of the message, in the office's zone */
    guint minute;
    Text *body;    /* message->text, or the joined text */
    char *joined;  /* with the message that was passed on, NULL: the sender's words alone */
    Text *subject; /* the subject without prefixes and code */
    const char *subject_clean;
    const char *booking; /* the code, NULL when none */
    bool is_forward;     /* the subject says so */
    Language language;
    Kind kind;
    Topic topic;
} Reading;

/* sections.c: fills Token.section, then joins lines. `name`: the sender's, NULL when none. */
void sections_mark(Text *text, const char *name, bool is_forward);
/* passed_back.c: what somebody forwards of the office's own letters is quoted. */
void passed_back_mark(const Reading *reading, Text *text);
/* And what is passed on below a request of the sender's own: for what is read after this call. */
void passed_on_mark(Reading *reading);
/* language.c */
Language language_of(const Text *body, const Text *subject);
/* Sentences in another language than their text are read in their own: Token.languages. */
void language_mark(Text *text);
const char *language_code(Language language);

/* subject.c. Texts belong to the arena. */
void subject_read(Reading *reading);
char *subject_code_in_body(const Reading *reading);
bool subject_is_forward(const char *subject);

/* machine.c: false when a person wrote it. */
bool machine_kind(const Reading *reading, Kind *kind);
/* classify.c */
Kind classify(const Reading *reading, const char **reason);
bool classify_asks(const Reading *reading); /* a question in words, not by its mark alone */
const char *kind_name(Kind kind);
bool kind_is_human(Kind kind); /* somebody wrote it to us */
/* A cancellation that wants no other time, or names none. */
bool cancel_is_final(const Reading *reading);
bool classify_is_own(const ReadingOffice *office, const char *email);
bool classify_is_own_id(const ReadingOffice *office, const char *message_id);

#define PROPOSALS_MOST                                                                             \
    40 /* of one list: nobody reads more, and looking for doubles stays cheap                      \
        */

/* proposal.c: an object with start, end, raw, confidence, rule, source, made from tokens [from,
 * until). */
Value *proposal_new(const Reading *reading, Value *list, const Text *text, guint from, guint until,
                    Confidence confidence, const char *rule);
char *proposal_raw(const Reading *reading, const Text *text, guint from, guint until);
char *proposal_token(const Reading *reading, const Text *text, guint index);
/* The sender's own words or signature, or a forwarded message. */
static inline bool token_is_read(const Token *token)
{
    return token->kind != TOKEN_END &&
           (token->section == SECTION_BODY || token->section == SECTION_SIGNATURE ||
            token->section == SECTION_FORWARD);
}
/* The sender's own words. */
static inline bool token_is_wish(const Token *token)
{
    return token->kind != TOKEN_END &&
           (token->section == SECTION_BODY || token->section == SECTION_FORWARD);
}
guint skip_stops(const Text *text, guint index); /* past "." and ":" */

/* numbers.c: pieces that several extractors need. */
/* A date in figures or words at a token: tokens taken, 0 when none or when it does not exist.
 * `year` 0: not said. */
guint date_at(const Text *text, guint index, gint *year, gint *month, gint *day);
guint english_ordinal_at(const Text *text, guint index); /* the "th" of 26th */
guint number_sign_at(const Text *text, guint index);     /* "n.", "n°", "nr.", "numero" */
gint full_year(guint32 written, guint digits); /* 26 and 2026 are 2026; 0 when it is no year */

/* The extractors append proposals to a list; they read subject and body in this order where both
 * count. */
extern const char *const people_titles[N_TITLES];  /* professional.c; names: people.h */
void phones_read(Reading *reading, Value *object); /* phones, phone_spans */
void address_read(Reading *reading, Value *reading_object);
void cadastral_read(Reading *reading, Value *list);
void protocols_read(Reading *reading, Value *list);
void practices_read(Reading *reading, Value *list);
void laws_take(Text *text);
void sender_read(Reading *reading, Value *object);
void professional_read(Reading *reading, Value *object);
void behalf_read(Reading *reading, Value *object);
void participants_read(Reading *reading, Value *list);
void attachments_read(Reading *reading, Value *list);
void topic_read(Reading *reading, Value *object); /* topic, topic_span */
bool topic_is_known(const char *key);             /* one of the program's own */
/* topics.c: tokens of the longest phrase of an office's list at `index`, 0 when there is none; its
 * topic and how many words it has. */
guint topics_match(const ReadingTopics *topics, const Text *text, guint index, guint *topic,
                   guint *words);
/* claims.c: urgent_span, attachments_span (said to be attached, but not there). `object` has its
 * attachments. */
void claims_read(const Reading *reading, Value *object);
/* bounds.c: `object` without the values that, or whose words, are longer than VALUE_BYTES_MOST. */
#define VALUE_BYTES_MOST 1000 /* several times what anybody writes in one value */
Value *bounds_keep(const Reading *reading, const Value *object);
/* required.c: the names of what is missing. `object` has everything else. */
void required_list_missing(const Reading *reading, const Value *object, Value *missing);
/* triage.c: is there a phrase of the class in the sender's own words, and where? */
bool says_word(const Reading *reading, LexClass kind, guint *at);
/* `deadline` becomes the day of a deadline, G_MININT32 when none. */
void wishes_read(Reading *reading, Value *list, Day *deadline);
/* Everything else must be in `object` already; adds action and triage. */
void triage_read(Reading *reading, Value *object, Day deadline);
void transport_read(Reading *reading, Value *object);
