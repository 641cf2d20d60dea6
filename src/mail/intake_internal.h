/* intake_internal.h - what the files of the intake share: watching the Maildir (intake_watch.c),
 * reading some messages (intake_batch.c), finding the thread (intake_thread.c), filing one
 * (intake_file.c), the thread that does it (intake.c).
 */
#pragma once
#include "desk/decision.h"
#include "mail/arrival.h"
#include "mail/intake.h"
#include "store/letter.h"
#include "store/person.h"

/* --- one message at hand; all borrowed --- */
typedef struct {
    const IntakeSettings *settings;
    const Office *office;
    const Message *row;      /* as stored */
    const MailMessage *mail; /* NULL: nobody could read it */
    const Value *reading;    /* NULL: the same */
    const char *raw_text;    /* unreadable: what there is, made printable */
    Actor actor;             /* at: the office's now */
    bool forced;             /* an officer says it is a request: no thread, no receipt */
} IntakeCase;

/* --- intake_thread.c --- */
/* By what its request was found. Only a participant knows a tag and the Message-ID of a letter. */
typedef enum {
    THREAD_BY_NOTHING,
    THREAD_BY_TAG,
    THREAD_BY_LETTER,
    THREAD_BY_MESSAGE,    /* of somebody else's Message-ID, and the sender is known there */
    THREAD_BY_INVITATION, /* the UID, and the sender or the attendee has a seat */
    THREAD_BY_CODE        /* and its sender */
} ThreadKey;

typedef struct {
    Request *request; /* NULL: none */
    ThreadKey key;
    gint64 letter_id;             /* of ours that it answers or reports on; 0: not known */
    gint64 letter_appointment_id; /* that the letter was about, 0: none */
    Appointment *invitation;      /* that a calendar answers to for a seat of it, NULL: none */
    Participant *seat;            /* whose answer it is; set with `invitation` */
    bool is_duplicate;            /* the same message came another way before; it adds nothing */
} IntakeThread;
void intake_thread_clear(IntakeThread *thread);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakeThread, intake_thread_clear)
/* False on an engine error only. */
bool intake_find_thread(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error);

/* --- intake_plan.c --- */
const char *intake_kind(const IntakeCase *mine); /* of the reading; NULL when unreadable */
char *intake_text(const IntakeCase *mine);       /* as the row keeps it; owned by the caller */
/* Attachment *, as rows of the message will be. */
GPtrArray *intake_attachments(const MailMessage *mail);
typedef enum { FILE_REQUEST, FILE_THREAD, FILE_LINKED, FILE_OTHER } IntakeFate;

/* What is written; owned by the plan unless it says so. */
typedef struct {
    const IntakeCase *mine;
    IntakeFate fate;
    IntakeThread thread;
    Message marked; /* fields borrowed but for text and attachments */
    Person person;  /* borrowed fields */
    Request request;
    char *phone; /* buffers behind borrowed fields */
    char *email;
    char *code, *practice, *summary, *reading, *text;
    Letter *letter;       /* receipt, or what the message causes; NULL: none */
    const char *partstat; /* what the seat's calendar answered, NULL: nothing that counts */
    char *wishes;         /* the request's reading with the times that are asked for now, or NULL */
    AppointmentDecision *cancel; /* NULL: it cancels nothing */
    char *reason;                /* of the cancellation, in the person's words */
} IntakePlan;
void intake_plan_clear(IntakePlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakePlan, intake_plan_clear)
bool intake_plan(IntakePlan *plan, const IntakeCase *mine, Db *db, GError **error);

/* --- intake_caused.c: what a message of a thread causes besides being filed --- */
#define AUTOMATIC_MOST 3 /* letters that mail alone caused, to one address in AUTOMATIC_S */
#define AUTOMATIC_S 3600
/* Has the address had as many as it gets in an hour? Breaks loops, whatever the headers say. */
bool intake_had_enough(Db *db, const char *recipient, gint64 now);
/* The answer to an invitation, the times of a move, a cancellation that can be carried out. */
bool intake_plan_caused(IntakePlan *plan, Db *db, GError **error);
bool intake_write_caused(Db *db, IntakePlan *plan, GError **error);

/* --- intake_write.c --- */
/* StoreJob over an IntakePlan. CONFLICT or STALE: the store has changed since it was made. */
bool intake_write(Db *db, gpointer plan, GError **error);

/* --- intake_receipts.c --- */
/* What the message says about a letter of ours, when it is a receipt or a report and is believed.
 * Inside the job of intake_write. */
bool receipt_note(Db *db, const IntakePlan *plan, GError **error);

/* --- intake_file.c --- */
typedef struct {
    const char *event; /* for IntakeChanged; NULL: the message was here already */
    char *code;        /* of the request, NULL: none */
    bool is_listed;    /* also among the other mail */
    bool has_letter;   /* a letter waits */
} IntakeFiled;

typedef struct {
    IntakeCase mine;
    const MessageArrival *arrival; /* to be stored by the same job; NULL: it is stored */
    gint64 id;                     /* of the row it became, or was */
    bool is_new;
    IntakeFiled filed;
} IntakeFiling;
/* StoreJob over an IntakeFiling. */
bool intake_file(Db *db, gpointer filing, GError **error);
void intake_filing_log(const IntakeFiling *filing); /* after the commit */
void intake_filing_clear(IntakeFiling *filing);

/* --- intake_batch.c --- */
typedef struct {
    char *name; /* of its file, NULL: it is a row */
    Arrival *arrival;
    MessageArrival arrived;
    Message *row; /* of a file: as it will be */
    GBytes *raw;
    SandboxRun run;
    const GArray *openings;
    MailMessage *mail;
    Arena *arena; /* of the reading */
    char *raw_text;
    IntakeFiling filing;
    GError *failure; /* worth another try */
} IntakeItem;

typedef struct IntakeBatch IntakeBatch;
/* `forced_by`: who says that they are requests; NULL: nobody, they are new. */
IntakeBatch *intake_batch_new(const IntakeSettings *settings, const Actor *forced_by);
void intake_batch_free(IntakeBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IntakeBatch, intake_batch_free)
/* Not to a full one. TRANSITION: the row is not what it should be (new, or other mail). */
bool intake_batch_add_row(IntakeBatch *batch, gint64 id, GError **error);
/* Takes the arrival over. */
bool intake_batch_add_file(IntakeBatch *batch, const char *name, Arrival *arrival, gint64 office_id,
                           GError **error);
bool intake_batch_is_full(const IntakeBatch *batch);
void intake_batch_read(IntakeBatch *batch);
void intake_batch_submit(IntakeBatch *batch);      /* to the writer; does not wait */
void intake_batch_collect(IntakeBatch *batch);     /* waits; every item has its outcome then */
GPtrArray *intake_batch_items(IntakeBatch *batch); /* IntakeItem *, borrowed */

/* --- intake_watch.c --- */
typedef struct IntakeWatch IntakeWatch;
/* NULL when no Maildir is configured; NULL with error when it cannot be watched. */
IntakeWatch *intake_watch_new(const Config *config, Store *store, const Clock *clock,
                              GError **error);
void intake_watch_free(IntakeWatch *watch);
int intake_watch_fd(const IntakeWatch *watch); /* readable: something came */
/* Names (char *) in new/ whose turn it is, oldest first, never NULL; owned by the caller.
 * `office_id`: whose they are. */
GPtrArray *intake_watch_look(IntakeWatch *watch, gint64 *office_id);
/* The bytes of one; NULL: not now. */
Arrival *intake_watch_open(IntakeWatch *watch, const char *name);
/* Its message is durable: the file moves to cur/. */
void intake_watch_done(IntakeWatch *watch, const char *name);
/* It could not be taken and is tried again in a minute. */
void intake_watch_refuse(IntakeWatch *watch, const char *name, const GError *why);
/* Milliseconds until it wants to look again by itself. */
gint intake_watch_pause_ms(const IntakeWatch *watch);
