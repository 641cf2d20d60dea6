/* outbox_post.h - the ways out of letters, and what became of each that was tried: by the outbox
 * thread alone.
 */
#pragma once
#include "base/config.h"
#include "mail/smtp.h"
#include "store/letter.h"

typedef enum {
    POST_SENT,
    POST_AGAIN,     /* tried, and will be again at `again_at` */
    POST_POSTPONED, /* not tried: its domain or server is left alone until `again_at` */
    POST_FAILED,    /* for good */
} PostKind;

typedef struct {
    PostKind kind;
    gint64 again_at; /* system time */
    char *reason;    /* NULL when sent; for the desk and the log: no addresses */
} PostOutcome;

typedef struct Post Post;
Post *post_new(const Config *config, guint32 seed); /* of the chance in the pauses */
void post_free(Post *post);
/* `now_at`: system time. The reason is the caller's. */
PostOutcome post_letter(Post *post, const Letter *letter, gint64 now_at);
bool post_is_open(const Post *post); /* a connection is kept */
void post_close(Post *post);
void post_hurry(Post *post); /* any thread, see smtp_hurry */
