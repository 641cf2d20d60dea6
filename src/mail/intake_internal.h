/* intake_internal.h - what the files of the intake share: watching the Maildir (intake_watch.c),
 * finding the thread (intake_thread.c), filing a message (intake_file.c), the thread that does it
 * (intake.c).
 */
#pragma once
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
typedef struct {
    Request *request;  /* NULL: none */
    gint64 letter_id;  /* of ours that it answers or reports on; 0: not known */
    bool is_duplicate; /* the same message came another way before; it adds nothing */
} IntakeThread;
void intake_thread_clear(IntakeThread *thread);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakeThread, intake_thread_clear)
/* False on an engine error only. */
bool intake_find_thread(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error);

/* --- intake_plan.c --- */
const char *intake_kind(const IntakeCase *mine); /* of the reading; NULL when unreadable */
char *intake_text(const IntakeCase *mine);       /* as the row keeps it; owned by the caller */
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
    Letter *receipt; /* NULL: none */
} IntakePlan;
void intake_plan_clear(IntakePlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakePlan, intake_plan_clear)
bool intake_plan(IntakePlan *plan, const IntakeCase *mine, Db *db, GError **error);

/* --- intake_write.c --- */
/* StoreJob over an IntakePlan. CONFLICT or STALE: the store has changed since it was made. */
bool intake_write(Db *db, gpointer plan, GError **error);

/* --- intake_receipts.c --- */
/* What the message says about a letter of ours, when it is a receipt or a report and is believed.
 * Inside the job of intake_write. */
bool receipt_note(Db *db, const IntakePlan *plan, GError **error);

/* --- intake_file.c --- */
typedef struct {
    const char *event; /* for IntakeChanged */
    char *code;        /* of the request, NULL: none */
    bool is_listed;    /* also among the other mail */
    bool has_letter;   /* a receipt waits */
} IntakeFiled;
/* One write job; the caller holds no reader. */
bool intake_file(const IntakeCase *mine, IntakeFiled *filed, GError **error);

/* --- intake_watch.c --- */
typedef struct IntakeWatch IntakeWatch;
/* NULL when no Maildir is configured; NULL with error when it cannot be watched. */
IntakeWatch *intake_watch_new(const Config *config, Store *store, const Clock *clock,
                              GError **error);
void intake_watch_free(IntakeWatch *watch);
int intake_watch_fd(const IntakeWatch *watch); /* readable: something came */
/* Stores what lies in new/ and moves it to cur/. Milliseconds until it wants to look again by
 * itself. */
gint intake_watch_take(IntakeWatch *watch);
